import { describe, expect, test } from '@jest/globals'
import { statusCounts, statusThresholds } from '../../../../src/stages/load/statuses.ts'
import type { K6Summary } from '../../../../src/stages/load/summary.ts'

const counter = (count: number) => ({ type: 'counter', values: { count, rate: count } })
const summaryOf = (counts: Readonly<Record<string, number>>): K6Summary => ({
  state: { testRunDurationMs: 1000 },
  metrics: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, counter(count)])),
})
const summary = summaryOf({
  http_reqs: 100,
  'http_reqs{service:foo}': 60,
  'http_reqs{status:200}': 90,
  'http_reqs{status:503}': 3,
  'http_reqs{status:404}': 0,
  'http_reqs{service:foo,status:200}': 58,
  'http_reqs{service:foo,status:0}': 2,
  'http_reqs{service:foobar,status:500}': 7,
})

describe('requests by status code', () => {
  test('are those that came, and what nobody counted is other', () => {
    expect(statusCounts(summary, undefined, 100)).toEqual({ 200: 90, 503: 3, other: 7 })
  })

  test('of a service are its own, and 0 is no answer at all', () => {
    expect(statusCounts(summary, 'foo', 60)).toEqual({ 200: 58, 0: 2 })
  })

  test('are null where none was counted: that is no count of 0', () => {
    expect(statusCounts(summary, 'baz', 0)).toBeNull()
    expect(statusCounts(summaryOf({ http_reqs: 5 }), undefined, 5)).toBeNull()
  })

  test('cost a fixed number of metrics for each service, none of which can fail', () => {
    const services = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `s${index}`, expect: { status: 200 } }))
    const sizes = [0, 1, 2].map((count) => Object.keys(statusThresholds(services(count))).length) as [number, number, number]
    expect(sizes[2] - sizes[1]).toBe(sizes[1] - sizes[0])
    expect(sizes[1] - sizes[0]).toBeLessThan(40)
    expect(new Set(Object.values(statusThresholds(services(2))).flat())).toEqual(new Set(['count>=0']))
  })
})
