import type { LoadMetrics } from '../stages/load/result.ts'
import { resourceUnit, resourceWords } from './resources.ts'

export type MetricUnit = 'ms' | 'ratio' | 'count' | 'per-second' | 'number'

interface Metric {
  readonly unit: MetricUnit
  /** The measured value, or null when there is none. */
  readonly of: (metrics: LoadMetrics) => number | null
}

/** What a gate can look at in what k6 measured, beside any percentile `p(N)`: one row each. What pods used is in `resources.ts`. */
const metrics: Readonly<Record<string, Metric>> = {
  avg: { unit: 'ms', of: ({ latencyMs }) => latencyMs.avg },
  min: { unit: 'ms', of: ({ latencyMs }) => latencyMs.min },
  med: { unit: 'ms', of: ({ latencyMs }) => latencyMs.med },
  max: { unit: 'ms', of: ({ latencyMs }) => latencyMs.max },
  'error-rate': { unit: 'ratio', of: ({ errorRate }) => errorRate },
  'success-rate': { unit: 'ratio', of: ({ successRate }) => successRate },
  checks: { unit: 'ratio', of: ({ checks }) => checks.rate },
  requests: { unit: 'count', of: ({ requests }) => requests },
  rps: { unit: 'per-second', of: ({ requestsPerSecond }) => requestsPerSecond },
}

/** The metrics' names, percentiles apart. */
export const metricWords = [...Object.keys(metrics), ...resourceWords]

/** N of a metric `p(N)`, 0 < N < 100 with at most three decimals; undefined for other metrics. */
export function percentileOf(metric: string): number | undefined {
  const match = /^p\((\d{1,2}(?:\.\d{1,3})?)\)$/.exec(metric)
  const value = match ? Number(match[1]) : 0
  return value > 0 ? value : undefined
}

/** The unit of a metric's values; undefined when there is no such metric. */
export function metricUnit(metric: string): MetricUnit | undefined {
  return percentileOf(metric) === undefined ? (metrics[metric]?.unit ?? resourceUnit(metric)) : 'ms'
}

/** The value a gate judges, or null when it was not measured. A scope without a request has no values at all. */
export function metricValue(metric: string, measured: LoadMetrics | undefined): number | null {
  if (!measured || measured.requests === 0) return null
  const percentile = percentileOf(metric)
  const value = percentile === undefined ? metrics[metric]?.of(measured) : measured.latencyMs.percentiles[String(percentile)]
  return value !== undefined && Number.isFinite(value) ? value : null
}
