import { z } from 'zod'
import { stageFailure } from '../cause.ts'
import { distribution, percentileStat } from './distribution.ts'
import { reportedPercentiles } from './plan.ts'
import type { Latency, LoadMetrics } from './result.ts'
import { statusCounts } from './statuses.ts'

const summarySchema = z.object({
  state: z.object({ testRunDurationMs: z.number().positive() }),
  metrics: z.record(
    z.string(),
    z.object({
      type: z.string(),
      contains: z.string().optional(),
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
})

/** k6's end-of-test data as its `handleSummary` gets it, the parts we read. */
export type K6Summary = z.infer<typeof summarySchema>

/**
 * Reads the data of k6's `handleSummary`.
 * @throws Failure of kind `measurement` when it is not what k6 writes
 */
export function parseSummary(text: string): K6Summary {
  try {
    return summarySchema.parse(JSON.parse(text))
  } catch (cause) {
    throw stageFailure('k6-no-summary', 'k6 wrote a summary that cannot be read', { kind: 'measurement', remedy: 'The artifact holds k6’s log.', cause })
  }
}

/**
 * The numbers of the whole load, or of one service.
 * A sub-metric without a sample reads as 0 in k6; the count tells it from a real 0, and makes it null here.
 * @param percentiles those to name besides the distribution, as far as k6 was asked for them
 */
export function loadMetrics(summary: K6Summary, service?: string, percentiles: readonly number[] = reportedPercentiles): LoadMetrics {
  const { state, metrics } = summary
  const values = (metric: string) => metrics[service === undefined ? metric : `${metric}{service:${service}}`]?.values
  const requests = values('http_reqs')?.count ?? 0
  const errors = values(metrics.mlops_errors ? 'mlops_errors' : 'http_req_failed')
  // Of a rate, `passes` counts the samples that were true: here the requests that failed.
  const judged = (errors?.passes ?? 0) + (errors?.fails ?? 0)
  const errorRate = judged > 0 ? (errors?.rate ?? null) : null
  const checks = values('checks')
  const passed = checks?.passes ?? 0
  const failed = checks?.fails ?? 0
  return {
    requests,
    requestsPerSecond: requests > 0 ? requests / (state.testRunDurationMs / 1000) : null,
    errorRate,
    successRate: errorRate === null ? null : 1 - errorRate,
    checks: { passed, failed, rate: passed + failed > 0 ? passed / (passed + failed) : null },
    // A script that is not ours has k6's own latency, which counts a refused connection as 0 ms.
    latencyMs: latency(values(metrics.mlops_errors ? 'mlops_latency' : 'http_req_duration'), percentiles),
    statuses: statusCounts(summary, service, requests),
  }
}

function latency(values: Readonly<Record<string, number>> | undefined, percentiles: readonly number[]): Latency {
  const measured = values !== undefined && (values.count ?? 0) > 0
  const of = (stat: string) => (measured ? (values[stat] ?? null) : null)
  const known = Object.keys(values ?? {}).flatMap((stat) => percentileStat(stat) ?? [])
  const named = known.filter((percentile) => percentiles.includes(Number(percentile)))
  return {
    min: of('min'),
    avg: of('avg'),
    med: of('med'),
    max: of('max'),
    grid: measured ? distribution(values) : [],
    percentiles: Object.fromEntries(named.map((percentile) => [percentile, of(`p(${percentile})`)])),
  }
}
