import { parseDurationMs } from '../config/values.ts'
import type { CustomScript } from '../stages/load/result.ts'
import { type MetricUnit, percentileOf } from './metrics.ts'

/** A metric that the user's script keeps, and one number of it. */
export interface CustomMetric {
  /** As its script and k6 call it. */
  readonly name: string
  /** One of `statisticWords`, or `p(N)`. */
  readonly statistic: string
}

/** What k6 tells of a metric, percentiles apart; which of them depends on its type. */
export const statisticWords = ['avg', 'min', 'med', 'max', 'count', 'rate', 'value'] as const

export function isStatistic(word: string): boolean {
  return percentileOf(word) !== undefined || statisticWords.some((known) => known === word)
}

/** Whether k6 would take it for the name of a metric. */
export function isCustomName(word: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/.test(word)
}

/** A limit in k6's own units: a bare number as it is, a duration as milliseconds, a percentage as a ratio; undefined for anything else. */
export function parseCustomLimit(text: string): number | undefined {
  const [, number, percent] = /^(-?\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const value = number === undefined ? parseDurationMs(text) : Number(number) / (percent ? 100 : 1)
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

type Measured = Pick<CustomScript['metrics'][number], 'type' | 'contains' | 'values'>

/** One number of a metric, or null where k6 measured none: without a sample it says 0. */
export function customValue(metric: Measured | undefined, statistic: string): number | null {
  if (metric === undefined || !hasSamples(metric)) return null
  const value = metric.values[percentileOf(statistic) === undefined ? statistic : `p(${percentileOf(statistic)})`]
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** A counter or a gauge that says 0 may have been told 0; the others count their samples. */
function hasSamples({ type, values }: Measured): boolean {
  if (type === 'trend') return (values.count ?? 0) > 0
  if (type === 'rate') return (values.passes ?? 0) + (values.fails ?? 0) > 0
  return true
}

/** The unit of one number of a metric. */
export function customUnit(metric: Measured | undefined, statistic: string): MetricUnit {
  if (metric?.type === 'rate' && statistic === 'rate') return 'ratio'
  if (metric?.type === 'counter' && statistic === 'rate') return 'per-second'
  if (statistic === 'count') return 'count'
  return metric?.contains === 'time' ? 'ms' : 'number'
}
