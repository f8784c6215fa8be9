import type { GateResult } from './evaluate.ts'
import type { MetricUnit } from './metrics.ts'

/** A gate with its value, for example "foo: p(99) is 912.4 ms, the gate is < 800 ms". */
export function describeGate(gate: GateResult): string {
  const scope = gate.service === null ? '' : `${gate.service}: `
  const seen = gate.value === null ? 'has no value' : `is ${formatValue(gate.value, gate.unit)}`
  return `${scope}${gate.metric} ${seen}, the gate is ${formatLimit(gate)}`
}

/** A gate's condition without its metric, for example "< 500 ms". */
export function formatLimit({ operator, limit, unit }: Pick<GateResult, 'operator' | 'limit' | 'unit'>): string {
  return `${operator} ${formatValue(limit, unit)}`
}

/**
 * A value with its unit, to four significant digits: enough to tell a value from its limit in
 * all but the closest calls, which `report.json` has in full.
 */
export function formatValue(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'ms':
      return formatMs(value)
    case 'ratio':
      return `${significant(value * 100)}%`
    case 'count':
      return value.toLocaleString('en-US')
    case 'per-second':
      return `${significant(value)}/s`
  }
}

/** Milliseconds for people: `0.42 ms`, `12.3 ms`, `1.25 s`. */
export function formatMs(ms: number): string {
  return ms >= 1000 ? `${significant(ms / 1000)} s` : `${significant(ms)} ms`
}

function significant(value: number): string {
  return Number(value.toPrecision(value >= 1000 ? 6 : 4)).toLocaleString('en-US', { maximumFractionDigits: 4 })
}
