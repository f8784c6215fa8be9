import type { LoadResult } from '../stages/load/result.ts'
import { type ArrivalRate, wantedRequests } from '../stages/load/shape.ts'
import type { GateResult } from './evaluate.ts'

/** Share of its CPU from which k6 is taken to be saturated. */
export const saturatedCpu = 0.9

/** Share of late timers from which k6 is taken to be stalled. */
const stalledTimers = 0.2

/** A latency from which a stall of k6 explains nothing, in milliseconds: even the fastest request took so long. */
const trustedMinMs = 1000

/** Share of the wanted requests that may be missing: k6 begins its last ones a moment too late. */
const toleratedShortfall = 0.01

type Measured = Pick<LoadResult, 'shape' | 'generator' | 'services' | 'total'>

/** Why what k6 measured at a fixed rate is longer than it was, in words; null when it can be trusted. Virtual users saturate any machine by themselves. */
export function generatorStall({ shape, generator: { cpuShare, late } }: Measured): string | null {
  if (shape.drive !== 'arrival-rate') return null
  if (cpuShare !== null && cpuShare >= saturatedCpu) return `k6 had ${percent(cpuShare)} of its CPU busy`
  if (late !== null && late >= stalledTimers) return `k6 was short of CPU: ${percent(late)} of its timers were late`
  return null
}

/** Whether a latency of this scope may be k6's own doing. */
export function isInflated(load: Measured, service: string | null): boolean {
  const { latencyMs } = (service === null ? load.total : load.services[service]) ?? load.total
  return generatorStall(load) !== null && (latencyMs.min ?? 0) < trustedMinMs
}

/** For each service the gate that it got the rate that was asked for; none for virtual users, who ask for no rate. */
export function achievedRateGates(load: Measured): GateResult[] {
  const { shape, services } = load
  if (shape.drive !== 'arrival-rate') return []
  const wanted = wantedRequests(shape)
  const seconds = shape.durationMs / 1000
  // At the edges of a short load, and of each part of a ramp, one request more or less means nothing.
  const limit = Math.max(0, wanted - Math.max(wanted * toleratedShortfall, 1 + shape.ramp.length)) / seconds
  return Object.entries(services).map(([service, { requests }]): GateResult => {
    const value = requests === 0 ? null : requests / seconds
    const status = value === null ? 'missing' : value >= limit ? 'passed' : isTooSlow(load, shape, service) ? 'failed' : 'missing'
    return { service, metric: 'achieved-rate', operator: '>=', limit, value, unit: 'per-second', status }
  })
}

/** Whether the service's own latency keeps its rate from fitting into what may be in flight. */
function isTooSlow(load: Measured, shape: ArrivalRate, service: string): boolean {
  return !isInflated(load, service) && neededInFlight(load, shape, service) > shape.maxInFlight
}

/** Requests in flight that a rate needs: by Little's law its average latency, or p95 where that is longer. */
function neededInFlight({ services }: Measured, { rate }: ArrivalRate, service: string): number {
  const latency = services[service]?.latencyMs
  return (rate * Math.max(latency?.avg ?? 0, latency?.percentiles['95'] ?? 0)) / 1000
}

/** What to say of a load whose generator could not keep up, and what to do; null when it could. */
export function generatorLag(load: Measured, gates: readonly GateResult[]): string | null {
  const behind = gates.filter(({ metric, status, value }) => metric === 'achieved-rate' && status === 'missing' && value !== null)
  const stall = generatorStall(load)
  if (load.shape.drive !== 'arrival-rate' || (behind.length === 0 && stall === null)) return null
  const { dropped } = load.generator
  const drops = `k6 began ${dropped.toLocaleString('en-US')} requests too late or not at all, although the services were quick enough for the rate`
  return `the load generator lagged (${stall ?? drops}); lower rate, raise max-vus, or use a machine with more CPU`
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}
