import type { ProbeResult } from '../health/probe.ts'

/** Latency of requests in milliseconds; null where nothing was measured. */
export interface Latency {
  readonly min: number | null
  readonly avg: number | null
  readonly med: number | null
  readonly max: number | null
  /** By percentile, for example `{"95": 12.3}`. */
  readonly percentiles: Readonly<Record<string, number | null>>
}

/** What the load measured, for the whole or for one service. Missing is null, never 0. */
export interface LoadMetrics {
  readonly requests: number
  /** Requests ÷ measured seconds. */
  readonly requestsPerSecond: number | null
  /** Share of requests that got no answer, an unexpected status or an unexpected body, 0 to 1. */
  readonly errorRate: number | null
  /** 1 − errorRate. */
  readonly successRate: number | null
  readonly checks: { readonly passed: number; readonly failed: number; readonly rate: number | null }
  readonly latencyMs: Latency
}

/** What one load test came to, whichever way it was driven. */
export interface LoadResult {
  /** Time k6 measured, in milliseconds. */
  readonly durationMs: number
  readonly virtualUsers: number
  readonly total: LoadMetrics
  readonly services: Readonly<Record<string, LoadMetrics>>
  /** Each service asked once more when the load was over: one that hangs makes few errors, since it makes few answers. */
  readonly afterwards: readonly ProbeResult[]
  /** Names of files beside the report. */
  readonly files: { readonly dashboard: string | null; readonly log: string }
}
