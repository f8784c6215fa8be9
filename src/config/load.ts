import type { Gate } from '../gates/gate.ts'
import type { LoadShape } from '../stages/load/shape.ts'
import type { InputName, InputValues } from './inputs.ts'

type Values = Pick<InputValues, 'vus' | 'duration' | 'rate' | 'maxVus' | 'ramp' | 'warmup' | 'loadScript'>

/** What inputs say about the load that cannot all be meant at once, and (as warnings) what does nothing beside them. */
export function loadProblems(
  { rate, ramp, warmup, loadScript, maxVus }: Partial<Values>,
  given: ReadonlySet<InputName>,
): { problems: readonly string[]; warnings: readonly string[] } {
  const problems: string[] = []
  if (rate !== undefined && given.has('vus')) problems.push('rate: vus drives the load in another way; leave one of the two out')
  if (ramp !== undefined && given.has('duration')) problems.push('ramp: its parts say how long the load lasts; leave duration out')
  if (loadScript !== undefined && rate !== undefined) problems.push('rate: requests of a load-script are its own; give its scenarios a rate there')
  if (loadScript !== undefined && warmup !== undefined) problems.push('warmup: a load-script is run once; give it a scenario that warms up')
  const idle = maxVus !== undefined && rate === undefined
  return { problems, warnings: idle ? ['max-vus does nothing without rate; the number of virtual users is vus'] : [] }
}

/** How the load is driven: a non-empty `rate` drives by arrivals, else virtual users do. */
export function loadShape({ vus, duration, rate, maxVus, loadScript, ramp = [] }: Values, given: ReadonlySet<InputName>, gates: readonly Gate[]): LoadShape {
  const targets = ramp.map(({ target }) => target)
  const durationMs = ramp.length > 0 ? ramp.reduce((sum, step) => sum + step.durationMs, 0) : duration
  if (rate === undefined) {
    const rampFrom = given.has('vus') ? vus : 0
    const drive = 'virtual-users' as const
    const users =
      ramp.length === 0 ? { drive, virtualUsers: vus, durationMs, ramp } : { drive, virtualUsers: Math.max(rampFrom, ...targets), durationMs, ramp, rampFrom }
    return loadScript === undefined ? users : { drive: 'script', path: loadScript, otherwise: users, durationMs }
  }
  const highest = Math.max(rate, ...targets)
  const maxInFlight = maxVus ?? defaultInFlight(highest, gates)
  return { drive: 'arrival-rate', rate: highest, maxInFlight, durationMs, ramp, ...(ramp.length > 0 ? { rampFrom: rate } : {}) }
}

/** What a service that just holds its p95 gate needs in flight, and half as much again. The laxest such gate counts; without one 500 ms. */
function defaultInFlight(rate: number, gates: readonly Gate[]): number {
  const limits = gates.filter(({ metric, operator }) => metric === 'p(95)' && operator.startsWith('<')).map(({ limit }) => limit)
  const seconds = (limits.length > 0 ? Math.max(...limits) : 500) / 1000
  return Math.min(10_000, Math.max(10, Math.ceil(rate * seconds * 1.5)))
}
