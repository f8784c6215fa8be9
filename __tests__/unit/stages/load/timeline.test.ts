import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sampleTimeline, type TimelinePoint, timelineOf } from '../../../../src/stages/load/timeline.ts'

const point = (second: number, more: Partial<TimelinePoint> = {}): TimelinePoint => ({
  atMs: second * 1000,
  requestsPerSecond: 100 * second,
  errorsPerSecond: second,
  virtualUsers: 4,
  p50Ms: 10 + second,
  p95Ms: 20 + second,
  p99Ms: 30 + second,
  ...more,
})
const gather = (points: readonly TimelinePoint[], limit?: number) => {
  const timeline = timelineOf(limit)
  for (const each of points) timeline.add(each)
  return timeline.points()
}
const seconds = (count: number) => Array.from({ length: count }, (_, index) => point(index + 1))

describe('a timeline', () => {
  test('is every second as it was, as long as there is room', () => {
    expect(gather(seconds(6), 6)).toEqual(seconds(6))
  })

  test('without a point is none', () => {
    expect(gather([])).toBeNull()
  })

  test('that is longer has seconds put together: rates are their mean, latency is the slowest’s', () => {
    const merged = gather(seconds(7), 6) as TimelinePoint[]
    expect(merged.map(({ atMs }) => atMs)).toEqual([2000, 4000, 6000, 7000])
    expect(merged[0]).toEqual({ atMs: 2000, requestsPerSecond: 150, errorsPerSecond: 1.5, virtualUsers: 4, p50Ms: 12, p95Ms: 22, p99Ms: 32 })
  })

  test('never has more points than its limit, keeps the load’s end, and every point but the last is as long as the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 12 }), (count, half) => {
        const points = gather(seconds(count), half * 2) as TimelinePoint[]
        expect(points.length).toBeLessThanOrEqual(half * 2)
        expect(points.at(-1)?.atMs).toBe(count * 1000)
        const lengths = points.map(({ atMs }, index) => atMs - (points[index - 1]?.atMs ?? 0))
        expect(new Set(lengths.slice(0, -1)).size).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('does not make a number of what is missing', () => {
    const missing = { requestsPerSecond: 5, p50Ms: null, p95Ms: null, p99Ms: null, virtualUsers: null }
    expect(sampleTimeline([point(1, missing), point(2, missing)], 1)).toEqual([point(2, { ...missing, errorsPerSecond: 1.5 })])
    expect(sampleTimeline([point(1, missing), point(2)], 1)[0]).toMatchObject({ p99Ms: 32, virtualUsers: 4 })
  })

  test('is shown with as many points as there is room for', () => {
    expect(sampleTimeline(seconds(30), 30)).toEqual(seconds(30))
    expect(sampleTimeline(seconds(31), 30).map(({ atMs }) => atMs / 1000)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 31])
  })
})
