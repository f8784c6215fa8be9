import type { GateResult } from './evaluate.ts'
import type { MetricUnit } from './metrics.ts'

/** A gate with its value, for example "foo: p(99) is 912.4 ms, the gate is < 800 ms". */
export function describeGate(gate: GateResult): string {
  const scope = gate.service === null ? '' : `${gate.service}: `
  const seen = gate.value === null ? 'has no value' : `is ${formatMeasured(gate)}`
  return `${scope}${gate.metric} ${seen}, the gate is ${formatLimit(gate)}`
}

/** A gate's condition without its metric, for example "< 500 ms", with all the digits its author wrote. */
export function formatLimit({ operator, limit, unit }: Pick<GateResult, 'operator' | 'limit' | 'unit'>): string {
  return `${operator} ${formatValue(limit, unit, allDigits)}`
}

/** A gate's value, with as many digits as it takes to tell it from the limit: "500 ms, the gate is < 500 ms" explains nothing. */
export function formatMeasured({ value, limit, unit }: Pick<GateResult, 'value' | 'limit' | 'unit'>): string {
  if (value === null) return 'not measured'
  const limitText = formatValue(limit, unit, allDigits)
  for (let digits = defaultDigits; digits < allDigits && value !== limit; digits += 1) {
    const text = formatValue(value, unit, digits)
    if (text !== limitText && text !== formatValue(limit, unit, digits)) return text
  }
  return formatValue(value, unit, allDigits)
}

/** As many as a double holds without its rounding errors. */
const allDigits = 12

/** Significant digits that a reader can use. */
const defaultDigits = 3

/** A value with its unit, for people: `0.42 ms`, `12.3 ms`, `1.25 s`, `0.5%`, `1,264/s`. */
export function formatValue(value: number, unit: MetricUnit, digits: number = defaultDigits): string {
  switch (unit) {
    case 'ms':
      return formatMs(value, digits)
    case 'ratio':
      return `${significant(value * 100, digits)}%`
    case 'count':
      return value.toLocaleString('en-US')
    case 'number':
      return significant(value, digits)
    case 'per-second':
      return `${significant(value, digits)}/s`
  }
}

/** Milliseconds for people: `0.42 ms`, `12.3 ms`, `1.25 s`. */
export function formatMs(ms: number, digits: number = defaultDigits): string {
  return ms >= 1000 ? `${significant(ms / 1000, digits)} s` : `${significant(ms, digits)} ms`
}

/** Whole numbers keep all their digits, up to the hundred that JavaScript can write. */
function significant(value: number, digits: number): string {
  const whole = Math.max(1, Math.floor(Math.log10(Math.max(1, Math.abs(value)))) + 1)
  return Number(value.toPrecision(Math.min(Math.max(digits, whole), 100))).toLocaleString('en-US', { maximumSignificantDigits: 21 })
}
