import { describe, expect, test } from '@jest/globals'
import { distributionDrawing, timelineDrawings } from '../../../src/report/mermaid.ts'
import type { Report } from '../../../src/report/report.ts'
import type { TimelinePoint } from '../../../src/stages/load/timeline.ts'
import { fullLoadOf, loadOf, recordOf, reportOf, reports, timelineOf } from '../runs.ts'

const withTimeline = (timeline: readonly TimelinePoint[] | null): Report => reportOf(recordOf({ load: { data: fullLoadOf({ timeline }) } }))
const point = (second: number, p95Ms: number | null): TimelinePoint => {
  return { atMs: second * 1000, requestsPerSecond: 100, errorsPerSecond: 0, virtualUsers: 1, p50Ms: p95Ms, p95Ms, p99Ms: p95Ms }
}
const latencyOf = (...values: (number | null)[]) => timelineDrawings(withTimeline(values.map((value, index) => point(index + 1, value))))[1]
const lineOf = (source = '') => /line \[(.*)\]/.exec(source)?.[1]?.split(', ').map(Number)

describe('the drawing of the distribution', () => {
  test('has a bar for each percentile, from 0', () => {
    expect(distributionDrawing(reports.passed)?.source.split('\n').slice(5)).toEqual([
      'xychart-beta',
      '  title "Latency of all requests by percentile"',
      '  x-axis ["p1", "p10", "p50", "p90", "p95", "p99", "p99.9"]',
      '  y-axis "ms" 0 --> 15',
      '  bar [0.2014, 0.3429, 3.771, 11.77, 13.09, 14.2, 14.46]',
    ])
  })

  test('is none where nothing was measured', () => {
    expect(distributionDrawing(reports['no data'])).toBeNull()
    expect(distributionDrawing(reports.cancelled)).toBeNull()
    expect(distributionDrawing(reportOf(recordOf({ load: { data: loadOf() } })))).toBeNull()
  })
})

describe('the drawings of the load over time', () => {
  test('are the rate and the latency, each with its unit', () => {
    const sources = timelineDrawings(withTimeline(timelineOf(30))).map(({ source }) => source.split('\n').slice(6))
    expect(sources.map((lines) => lines.slice(0, 3))).toEqual([
      ['  title "Requests per second"', '  x-axis "seconds" 1 --> 30', '  y-axis "per second" 0 --> 2000'],
      ['  title "95th percentile of the latency"', '  x-axis "seconds" 1 --> 30', '  y-axis "ms" 0 --> 45'],
    ])
  })

  test('have a second without an answer on the straight line between its neighbours, and name it', () => {
    const drawing = latencyOf(10, null, null, 40, 20)
    expect(lineOf(drawing?.source)).toEqual([10, 20, 30, 40, 20])
    expect(drawing?.notes).toEqual(['Without an answer, so left out of the line: 2 s, 3 s.'])
  })

  test('begin and end with what was measured', () => {
    const drawing = latencyOf(null, 10, 20, null)
    expect(drawing?.source).toContain('x-axis "seconds" 2 --> 3')
    expect(lineOf(drawing?.source)).toEqual([10, 20])
    expect(drawing?.notes).toEqual(['Without an answer, so left out of the line: 1 s, 4 s.'])
  })

  test('name only the first of many such seconds', () => {
    const drawing = latencyOf(1, ...Array.from({ length: 20 }, () => null), 1)
    expect(drawing?.notes).toEqual(['Without an answer, so left out of the line: 2 s, 3 s, 4 s, 5 s, 6 s, 7 s and 14 more.'])
  })

  test('of an hour have at most sixty points, and say what each stands for', () => {
    const drawings = timelineDrawings(withTimeline(timelineOf(3600)))
    for (const { source } of drawings) expect(lineOf(source)?.length).toBe(60)
    expect(drawings.map(({ notes }) => notes)).toEqual([['Each point is the mean rate of 60 s.'], ['Each point is the slowest p95 of 60 s.']])
    expect(Math.max(...(lineOf(drawings[1]?.source) ?? []))).toBeCloseTo(12.5 + 3599, -1)
  })

  test('are none of a load without a timeline, or with a single second of it', () => {
    expect(timelineDrawings(withTimeline(null))).toEqual([])
    expect(timelineDrawings(withTimeline(timelineOf(1)))).toEqual([])
    expect(timelineDrawings(reports.cancelled)).toEqual([])
  })
})
