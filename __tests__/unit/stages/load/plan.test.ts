import { describe, expect, test } from '@jest/globals'
import type { Gate } from '../../../../src/gates/gate.ts'
import { percentileGrid } from '../../../../src/stages/load/grid.ts'
import { loadPlan, namedPercentiles } from '../../../../src/stages/load/plan.ts'
import { services } from '../../runs.ts'

const gate = (metric: string): Gate => ({ service: null, metric, operator: '<', limit: 1 })
const plan = (gates: readonly Gate[] = [], ingress: { baseUrl: string | null } = { baseUrl: 'http://127.0.0.1' }) =>
  loadPlan(services, ingress, '/tmp/summary.json', { shape: { drive: 'virtual-users', virtualUsers: 10, durationMs: 90_500, ramp: [] }, gates })

describe('the plan of a load', () => {
  test('is all that the load script reads', () => {
    const { options, ...rest } = plan()
    const { thresholds, summaryTrendStats, ...more } = options as { thresholds: object; summaryTrendStats: string[] }
    // The grid of percentiles and the counts of status codes have tests of their own.
    const subMetrics = Object.entries(thresholds).filter(([name]) => !name.includes('status:'))
    const named = summaryTrendStats.filter((stat) => !percentileGrid.some((percentile) => stat === `p(${percentile})`))
    expect({ ...rest, options: { ...more, summaryTrendStats: named, thresholds: Object.fromEntries(subMetrics) } }).toMatchInlineSnapshot(`
{
  "durationMs": 90500,
  "longestMs": 165500,
  "options": {
    "scenarios": {
      "load": {
        "duration": "90500ms",
        "exec": "anyService",
        "executor": "constant-vus",
        "gracefulStop": "31000ms",
        "vus": 10,
      },
    },
    "summaryTrendStats": [
      "count",
      "min",
      "avg",
      "med",
      "max",
    ],
    "systemTags": [
      "status",
      "scenario",
      "check",
      "error_code",
      "expected_response",
    ],
    "thresholds": {
      "checks{service:bar}": [
        "rate>=0",
      ],
      "checks{service:foo}": [
        "rate>=0",
      ],
      "http_reqs{service:bar}": [
        "count>=0",
      ],
      "http_reqs{service:foo}": [
        "count>=0",
      ],
      "mlops_errors{service:bar}": [
        "rate>=0",
      ],
      "mlops_errors{service:foo}": [
        "rate>=0",
      ],
      "mlops_latency{service:bar}": [
        "max>=0",
      ],
      "mlops_latency{service:foo}": [
        "max>=0",
      ],
    },
    "userAgent": "mlops-pipeline-action (k6)",
  },
  "own": null,
  "routes": [
    {
      "expect": {
        "body": "foo",
        "status": 200,
      },
      "host": "foo.localhost",
      "name": "foo",
      "url": "http://127.0.0.1/",
    },
    {
      "expect": {
        "body": "bar",
        "status": 200,
      },
      "host": "bar.localhost",
      "name": "bar",
      "url": "http://127.0.0.1/",
    },
  ],
  "summaryFile": "/tmp/summary.json",
  "timeoutMs": 30000,
}
`)
  })

  test('asks k6 for the whole grid of percentiles and for those of its gates, in order and once', () => {
    const asked = (metrics: readonly string[]) => (plan(metrics.map(gate)).options.summaryTrendStats as string[]).filter((stat) => stat.startsWith('p('))
    const grid = percentileGrid.map((percentile) => `p(${percentile})`)
    expect(asked(['p(95)', 'avg', 'p(99.90)'])).toEqual(grid)
    expect(asked(['p(97.25)', 'p(0.05)', 'p(97.250)'])).toEqual(['p(0.05)', ...grid.toSpliced(grid.indexOf('p(97.5)'), 0, 'p(97.25)')])
  })

  test.each([
    ['those of every load', [], [90, 95, 99]],
    ['what is reported anyway', ['p(95)', 'avg'], [90, 95, 99]],
    ['those of its gates, in order and once', ['p(99.9)', 'p(50)', 'p(99.90)', 'p(95.0)'], [50, 90, 95, 99, 99.9]],
  ])('names, beside the grid, %s', (_, metrics, percentiles) => {
    expect(namedPercentiles(metrics.map(gate))).toEqual(percentiles)
  })

  test('goes to each service’s own address, with that address’ Host, where there is no ingress', () => {
    expect(plan([], { baseUrl: null }).routes.map(({ name, url, host }) => ({ name, url, host }))).toEqual([
      { name: 'foo', url: 'http://127.0.0.1:30080/', host: null },
      { name: 'bar', url: 'http://127.0.0.1:30081/', host: null },
    ])
  })

  test('holds no threshold that could fail: the gates are judged by us', () => {
    const thresholds = plan([gate('p(95)')]).options.thresholds as Record<string, string[]>
    for (const expressions of Object.values(thresholds)) expect(expressions).toEqual([expect.stringMatching(/^(max|count|rate)>=0$/)])
  })

  test('counts requests by status for the whole and each service, the services’ own codes among them', () => {
    const own = services.map((service) => ({ ...service, expect: { status: 299, body: null } }))
    const { options } = loadPlan(own, { baseUrl: null }, 'f', { shape: { drive: 'virtual-users', virtualUsers: 1, durationMs: 1000, ramp: [] }, gates: [] })
    const names = Object.keys(options.thresholds as object)
    for (const status of [0, 200, 299, 503]) {
      for (const scope of ['', 'service:foo,', 'service:bar,']) expect(names).toContain(`http_reqs{${scope}status:${status}}`)
    }
  })

  test('names every number of every service, or k6 would not keep it apart', () => {
    const names = Object.keys(plan().options.thresholds as object)
    for (const { name } of services) {
      for (const metric of ['mlops_latency', 'http_reqs', 'mlops_errors', 'checks']) expect(names).toContain(`${metric}{service:${name}}`)
    }
  })
})
