import { describe, expect, test } from '@jest/globals'
import type { Gate } from '../../../../src/gates/gate.ts'
import { loadPlan } from '../../../../src/stages/load/plan.ts'
import { services } from '../../runs.ts'

const gate = (metric: string): Gate => ({ service: null, metric, operator: '<', limit: 1 })
const plan = (gates: readonly Gate[] = [], ingress: { baseUrl: string | null } = { baseUrl: 'http://127.0.0.1' }) =>
  loadPlan(services, ingress, '/tmp/summary.json', { shape: { drive: 'virtual-users', virtualUsers: 10, durationMs: 90_500, ramp: [] }, gates })

describe('the plan of a load', () => {
  test('is all that the load script reads', () => {
    expect(plan()).toMatchInlineSnapshot(`
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
      "p(90)",
      "p(95)",
      "p(99)",
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

  test.each([
    ['nothing', [], ['p(90)', 'p(95)', 'p(99)']],
    ['what is reported anyway', ['p(95)', 'avg'], ['p(90)', 'p(95)', 'p(99)']],
    ['others, in order and once', ['p(99.9)', 'p(50)', 'p(99.90)', 'p(95.0)'], ['p(50)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)']],
  ])('asks k6 for the percentiles of its gates: %s', (_, metrics, percentiles) => {
    const stats = plan(metrics.map(gate)).options.summaryTrendStats as string[]
    expect(stats).toEqual(['count', 'min', 'avg', 'med', 'max', ...percentiles])
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

  test('names every number of every service, or k6 would not keep it apart', () => {
    const names = Object.keys(plan().options.thresholds as object)
    for (const { name } of services) {
      for (const metric of ['mlops_latency', 'http_reqs', 'mlops_errors', 'checks']) expect(names).toContain(`${metric}{service:${name}}`)
    }
  })
})
