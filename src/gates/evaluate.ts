import type { LoadResult } from '../stages/load/result.ts'
import { type CustomMetric, customUnit, customValue } from './custom.ts'
import type { Gate, Operator } from './gate.ts'
import { achievedRateGates, isInflated } from './generator.ts'
import { type MetricUnit, metricUnit, metricValue } from './metrics.ts'
import { resourceUnit, resourceValue } from './resources.ts'

/** A gate and what it came to. */
export interface GateResult {
  /** Service it looked at, or null for the whole load. */
  readonly service: string | null
  readonly metric: string
  /** k6 has two more for the thresholds of a script. */
  readonly operator: Operator | '==' | '!='
  readonly limit: number
  /** Null when the number was not measured; then the gate is `missing`, which is never a pass. It is too where the number is the generator's doing. */
  readonly value: number | null
  readonly unit: MetricUnit
  readonly status: 'passed' | 'failed' | 'missing'
}

/** Judges every gate on the measured load, and those that the load itself brings; `undefined` stands for a load that never ran. */
export function evaluateGates(gates: readonly Gate[], load: LoadResult | undefined): GateResult[] {
  const asked = gates.map((gate) => (gate.custom ? ofScript(gate, gate.custom, load) : ofLoad(gate, load)))
  return load ? [...asked, ...achievedRateGates(load), ...thresholdGates(load)] : asked
}

function ofLoad({ service, metric, operator, limit }: Gate, load: LoadResult | undefined): GateResult {
  const measured = service === null ? load?.total : load?.services[service]
  const value = resourceUnit(metric) ? resourceValue(metric, load?.resources, service) : metricValue(metric, measured)
  const unit = metricUnit(metric) ?? 'count'
  const status = statusOf(value, operator, limit)
  // A latency that k6 itself made longer is nobody's failure; that it held in spite of it counts.
  const doubted = status === 'failed' && unit === 'ms' && load !== undefined && isInflated(load, service)
  return { service, metric, operator, limit, value, unit, status: doubted ? 'missing' : status }
}

function ofScript({ metric, operator, limit }: Gate, { name, statistic }: CustomMetric, load: LoadResult | undefined): GateResult {
  const measured = load?.custom?.metrics.find((each) => each.name === name)
  const value = customValue(measured, statistic)
  return { service: null, metric, operator, limit, value, unit: customUnit(measured, statistic), status: statusOf(value, operator, limit) }
}

/** The thresholds of the user's script, as k6 judged them. */
function thresholdGates({ custom }: LoadResult): GateResult[] {
  return (custom?.thresholds ?? []).map(({ metric, condition, held, value, unit }): GateResult => {
    const [, statistic = condition, operator = '', limit = ''] = /^\s*(\S+?)\s*(<=|>=|===?|!=|<|>)\s*(\S+)\s*$/.exec(condition) ?? []
    const status = value === null && held ? 'missing' : held ? 'passed' : 'failed'
    const sign = operator === '===' ? '==' : (operator as GateResult['operator'])
    return { service: null, metric: `${metric}: ${statistic}`, operator: sign, limit: Number(limit), value, unit, status }
  })
}

function statusOf(value: number | null, operator: Operator, limit: number): GateResult['status'] {
  return value === null ? 'missing' : holds(value, operator, limit) ? 'passed' : 'failed'
}

/** The gate that every service is healthy. */
export function healthGate(healthy: number, services: number): GateResult {
  const status = services > 0 && healthy >= services ? 'passed' : 'failed'
  return { service: null, metric: 'healthy-services', operator: '>=', limit: services, value: healthy, unit: 'count', status }
}

function holds(value: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
  }
}
