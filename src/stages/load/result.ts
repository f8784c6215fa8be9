import type { MetricUnit } from '../../gates/metrics.ts'
import type { ProbeResult } from '../health/probe.ts'
import type { ResourceUse } from './resources.ts'
import type { RunnerName } from './runner.ts'
import type { LoadShape } from './shape.ts'
import type { TimelinePoint } from './timeline.ts'

/** Latency of requests in milliseconds; null where nothing was measured. */
export interface Latency {
  readonly min: number | null
  readonly avg: number | null
  readonly med: number | null
  readonly max: number | null
  /** The distribution: percentiles from 0 to 100 in rising order, each with its value; empty where nothing was measured. */
  readonly grid: readonly (readonly [percentile: number, ms: number])[]
  /** By percentile, for example `{"95": 12.3}`: what tables show and gates ask for. */
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
  /** Requests by status code; `0` is no answer at all, `other` all codes that were not counted by themselves. Null where it was not measured. */
  readonly statuses: Readonly<Record<string, number>> | null
}

/** What the load generator itself had to say. */
export interface GeneratorFacts {
  /** Iterations that could not be started in time: a fixed rate was not kept. 0 for virtual users. */
  readonly dropped: number
  /** Share of k6's own timers that were late, 0 to 1: it was short of CPU. Null where nobody looked. */
  readonly late: number | null
  /** Busiest runner's share of the CPU it may use, 0 to 1; null when not known. */
  readonly cpuShare: number | null
}

/** A threshold of a script that is not ours, as k6 judged it. */
export interface CustomThreshold {
  readonly metric: string
  /** As written, for example `p(95)<500`. */
  readonly condition: string
  readonly held: boolean
  /** The number it looked at; null when there was no sample, and then k6 says it held. */
  readonly value: number | null
  readonly unit: MetricUnit
}

/** What a script that is not ours measured and asked for. */
export interface CustomScript {
  readonly path: string
  /** Its own metrics, by name, with k6's own statistics. */
  readonly metrics: readonly { readonly name: string; readonly type: string; readonly contains: string; readonly values: Readonly<Record<string, number>> }[]
  /** Its own thresholds; each is a gate too. */
  readonly thresholds: readonly CustomThreshold[]
}

/** What one load test came to, whichever way it was driven. */
export interface LoadResult {
  /** Time k6 measured, in milliseconds. */
  readonly durationMs: number
  readonly shape: LoadShape
  readonly runner: RunnerName
  /** How many k6 shared the load. */
  readonly runners: number
  readonly total: LoadMetrics
  readonly services: Readonly<Record<string, LoadMetrics>>
  /** Null when it could not be had. */
  readonly timeline: readonly TimelinePoint[] | null
  /** Null where there is nobody to ask. */
  readonly resources: ResourceUse | null
  readonly generator: GeneratorFacts
  /** Null when the script was our own. */
  readonly custom: CustomScript | null
  /** What a reader should know about the numbers. */
  readonly notes: readonly string[]
  /** Each service asked once more when the load was over: one that hangs makes few errors, since it makes few answers. */
  readonly afterwards: readonly ProbeResult[]
  /** Names of files beside the report. */
  readonly files: { readonly dashboard: string | null; readonly log: string }
}
