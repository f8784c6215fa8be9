/** One second of a load, or some seconds of a very long one. Missing is null, never 0. */
export interface TimelinePoint {
  /** Milliseconds since the load began, at this point's end. */
  readonly atMs: number
  readonly requestsPerSecond: number | null
  /** Errors per second. */
  readonly errorsPerSecond: number | null
  readonly virtualUsers: number | null
  /** Latency in this second, in milliseconds; of several seconds, that of the slowest. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

/** The most points that a timeline has: an hour of seconds. */
const maxPoints = 3600

/**
 * Gathers a timeline second by second in memory that does not grow with the load: before there are more points than `limit`,
 * neighbours become one, twice as long.
 * @param limit an even number
 */
export function timelineOf(limit = maxPoints): { add: (point: TimelinePoint) => void; points: () => readonly TimelinePoint[] | null } {
  let points: TimelinePoint[] = []
  let pending: TimelinePoint[] = []
  let each = 1
  return {
    add: (point) => {
      if (points.length === limit) {
        points = mergeNeighbours(points, 2)
        each *= 2
      }
      pending.push(point)
      if (pending.length < each) return
      points.push(mergePoints(pending))
      pending = []
    },
    points: () => {
      const all = pending.length > 0 ? [...points, mergePoints(pending)] : points
      return all.length > 0 ? all : null
    },
  }
}

/** A timeline with at most so many points, each made from the same number of neighbours but the last. */
export function sampleTimeline(points: readonly TimelinePoint[], limit: number): TimelinePoint[] {
  return mergeNeighbours(points, Math.max(1, Math.ceil(points.length / limit)))
}

function mergeNeighbours(points: readonly TimelinePoint[], size: number): TimelinePoint[] {
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) => mergePoints(points.slice(index * size, (index + 1) * size)))
}

/** Points of equal length as one: rates and users are their mean, latency is the slowest’s, since percentiles have no mean. */
function mergePoints(points: readonly TimelinePoint[]): TimelinePoint {
  const known = (field: keyof TimelinePoint) => points.map((point) => point[field]).filter((value) => value !== null)
  const mean = (field: keyof TimelinePoint) => {
    const values = known(field)
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null
  }
  const slowest = (field: keyof TimelinePoint) => known(field).reduce<number | null>((most, value) => Math.max(most ?? value, value), null)
  return {
    atMs: points.at(-1)?.atMs ?? 0,
    requestsPerSecond: mean('requestsPerSecond'),
    errorsPerSecond: mean('errorsPerSecond'),
    virtualUsers: mean('virtualUsers'),
    p50Ms: slowest('p50Ms'),
    p95Ms: slowest('p95Ms'),
    p99Ms: slowest('p99Ms'),
  }
}
