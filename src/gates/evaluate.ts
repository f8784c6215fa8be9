import type { LoadResult } from '../stages/load/result.ts'
import type { Gate, Operator } from './gate.ts'
import { type MetricUnit, metricUnit, metricValue } from './metrics.ts'
import { resourceUnit, resourceValue } from './resources.ts'

/** A gate and what it came to. */
export interface GateResult {
  /** Service it looked at, or null for the whole load. */
  readonly service: string | null
  readonly metric: string
  readonly operator: Operator
  readonly limit: number
  /** Null when the number was not measured; then the gate is `missing`, which is never a pass. */
  readonly value: number | null
  readonly unit: MetricUnit
  readonly status: 'passed' | 'failed' | 'missing'
}

/** Judges every gate on the measured load; `undefined` stands for a load that never ran. */
export function evaluateGates(gates: readonly Gate[], load: LoadResult | undefined): GateResult[] {
  return gates.map((gate) => {
    const measured = gate.service === null ? load?.total : load?.services[gate.service]
    const value = resourceUnit(gate.metric) ? resourceValue(gate.metric, load?.resources, gate.service) : metricValue(gate.metric, measured)
    const status = value === null ? 'missing' : holds(value, gate.operator, gate.limit) ? 'passed' : 'failed'
    return { ...gate, value, unit: metricUnit(gate.metric) ?? 'count', status }
  })
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
