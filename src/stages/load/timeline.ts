/** One second of a load. Missing is null, never 0. */
export interface TimelinePoint {
  /** Milliseconds since the load began. */
  readonly atMs: number
  readonly requestsPerSecond: number | null
  /** Errors per second. */
  readonly errorsPerSecond: number | null
  readonly virtualUsers: number | null
  /** Latency in this second, in milliseconds. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}
