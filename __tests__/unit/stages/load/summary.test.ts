import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { loadMetrics, parseSummary } from '../../../../src/stages/load/summary.ts'

/** What k6 2.0.0 wrote of our script: 4 s, three services in the plan, none of the requests for `baz`, 1 in 50 of bar’s answered 503. */
const text = readFileSync(join(import.meta.dirname, 'k6-summary.json'), 'utf8')
const summary = parseSummary(text)

describe('what k6 measured', () => {
  test('for the whole', () => {
    expect(loadMetrics(summary, undefined, [90, 95, 99, 99.9])).toMatchInlineSnapshot(`
{
  "checks": {
    "failed": 696,
    "passed": 63962,
    "rate": 0.9892356707599987,
  },
  "errorRate": 0.010764329240001237,
  "latencyMs": {
    "avg": 0.2923252037180245,
    "grid": [
      [
        0,
        0.029504,
      ],
      [
        90,
        0.489542,
      ],
      [
        95,
        0.7047559999999999,
      ],
      [
        99,
        2.104169680000007,
      ],
      [
        99.9,
        5.168070384000041,
      ],
      [
        100,
        35.194678,
      ],
    ],
    "max": 35.194678,
    "med": 0.184556,
    "min": 0.029504,
    "percentiles": {
      "90": 0.489542,
      "95": 0.7047559999999999,
      "99": 2.104169680000007,
      "99.9": 5.168070384000041,
    },
  },
  "requests": 32329,
  "requestsPerSecond": 8073.557448956601,
  "statuses": null,
  "successRate": 0.9892356707599987,
}
`)
  })

  test('for one service', () => {
    expect(loadMetrics(summary, 'bar', [90, 95, 99, 99.9])).toMatchInlineSnapshot(`
{
  "checks": {
    "failed": 696,
    "passed": 31580,
    "rate": 0.9784359895897881,
  },
  "errorRate": 0.02156401041021192,
  "latencyMs": {
    "avg": 0.28817726515057623,
    "grid": [
      [
        0,
        0.029504,
      ],
      [
        90,
        0.4837792,
      ],
      [
        95,
        0.6971265999999999,
      ],
      [
        99,
        2.141449369999993,
      ],
      [
        99.9,
        5.0189389930000585,
      ],
      [
        100,
        8.083637,
      ],
    ],
    "max": 8.083637,
    "med": 0.1844575,
    "min": 0.029504,
    "percentiles": {
      "90": 0.4837792,
      "95": 0.6971265999999999,
      "99": 2.141449369999993,
      "99.9": 5.0189389930000585,
    },
  },
  "requests": 16138,
  "requestsPerSecond": 4030.160849740531,
  "statuses": null,
  "successRate": 0.9784359895897881,
}
`)
  })

  test('for a service without an error is an error rate of 0, which is a number', () => {
    expect(loadMetrics(summary, 'foo')).toMatchObject({ errorRate: 0, successRate: 1, checks: { failed: 0, rate: 1 } })
  })

  test.each(['baz', 'nobody'])('for %s, to which nothing was sent, is missing: k6’s zeros are none', (service) => {
    const { latencyMs, ...rest } = loadMetrics(summary, service)
    expect(rest).toEqual({
      statuses: null,
      requests: 0,
      requestsPerSecond: null,
      errorRate: null,
      successRate: null,
      checks: { passed: 0, failed: 0, rate: null },
    })
    expect(Object.values(latencyMs.percentiles).every((value) => value === null)).toBe(true)
    expect([latencyMs.min, latencyMs.avg, latencyMs.med, latencyMs.max]).toEqual([null, null, null, null])
    expect(JSON.parse(text).metrics['mlops_latency{service:baz}'].values).toMatchObject({ avg: 0, 'p(95)': 0, count: 0 })
  })

  test('adds up: the services are the whole', () => {
    const [foo, bar, all] = [loadMetrics(summary, 'foo'), loadMetrics(summary, 'bar'), loadMetrics(summary)]
    expect(foo.requests + bar.requests).toBe(all.requests)
    expect(bar.requests * (bar.errorRate ?? Number.NaN)).toBeCloseTo(all.requests * (all.errorRate ?? Number.NaN), 6)
    expect(all.requestsPerSecond).toBeCloseTo(all.requests / (summary.state.testRunDurationMs / 1000), 6)
  })
})

describe('a summary', () => {
  test.each([
    ['cut off', text.slice(0, 100)],
    ['empty', ''],
    ['of another shape', '{"metrics":{}}'],
    ['without a time', '{"state":{"testRunDurationMs":0},"metrics":{}}'],
    ['with a word for a number', '{"state":{"testRunDurationMs":1},"metrics":{"http_reqs":{"type":"counter","values":{"count":"many"}}}}'],
  ])('that is %s cannot be read, which is a fault of the measurement', (_, broken) => {
    expect(() => parseSummary(broken)).toThrow(
      expect.objectContaining({ kind: 'measurement', message: 'k6 wrote a summary that cannot be read', cause: expect.any(Error) }),
    )
  })

  test('without a single metric is a load without a request', () => {
    expect(loadMetrics(parseSummary('{"state":{"testRunDurationMs":1},"metrics":{}}'))).toMatchObject({
      requests: 0,
      errorRate: null,
      latencyMs: { avg: null },
    })
  })
})
