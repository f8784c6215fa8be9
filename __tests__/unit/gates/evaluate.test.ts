import { describe, expect, test } from '@jest/globals'
import { evaluateGates, healthGate } from '../../../src/gates/evaluate.ts'
import { type Gate, parseGate } from '../../../src/gates/gate.ts'
import { metricValue, metricWords } from '../../../src/gates/metrics.ts'
import type { LoadMetrics } from '../../../src/stages/load/result.ts'
import { loadOf, metricsOf, nothingMeasured } from '../runs.ts'

function gateOf(line: string): Gate {
  const parsed = parseGate(line, ['foo', 'bar'])
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.gate
}

function statusOf(line: string, total: LoadMetrics) {
  return evaluateGates([gateOf(line)], loadOf({ total }))[0]?.status
}

describe('a metric', () => {
  test.each([
    ['avg', 4.5],
    ['min', 0.21],
    ['med', 3.25],
    ['max', 1804.2],
    ['error-rate', 0.02],
    ['success-rate', 0.98],
    ['checks', 0.99],
    ['requests', 40_000],
    ['rps', 1333.3333],
    ['p(95)', 12.34567],
    ['p(99.9)', 240],
    ['p(99.90)', 240],
    ['p(95.000)', 12.34567],
  ])('%s is %d', (metric, value) => {
    expect(metricValue(metric, metricsOf())).toBe(value)
  })

  test.each([...metricWords.filter((word) => word !== 'requests'), 'p(95)', 'p(50)'])('%s of a scope without a request is missing, never 0', (metric) => {
    expect(metricValue(metric, nothingMeasured)).toBeNull()
  })

  test.each([...metricWords, 'p(95)'])('%s of a scope that was never measured is missing', (metric) => {
    expect(metricValue(metric, undefined)).toBeNull()
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('that is %s is missing', (value) => {
    expect(metricValue('avg', metricsOf({ latencyMs: { avg: value } }))).toBeNull()
    expect(metricValue('p(95)', metricsOf({ latencyMs: { percentiles: { 95: value } } }))).toBeNull()
  })

  test('p(N) that the load did not report is missing, not the nearest', () => {
    expect(metricValue('p(75)', metricsOf())).toBeNull()
  })
})

describe('a gate', () => {
  test.each([
    ['<', 'passed', 'failed', 'failed'],
    ['<=', 'passed', 'passed', 'failed'],
    ['>', 'failed', 'failed', 'passed'],
    ['>=', 'failed', 'passed', 'passed'],
  ])('with %s is %s below its limit, %s at it, %s above it', (operator, below, at, above) => {
    const seen = [99.999, 100, 100.001].map((avg) => statusOf(`avg ${operator} 100ms`, metricsOf({ latencyMs: { avg } })))
    expect(seen).toEqual([below, at, above])
  })

  test.each(['avg < 1h', 'avg > 0ms', 'p(95) <= 1h', 'p(42) < 1h', 'error-rate < 100%', 'success-rate >= 0%', 'checks >= 0%', 'rps >= 0'])(
    '%s never passes without a number',
    (line) => {
      expect(statusOf(line, nothingMeasured)).toBe('missing')
    },
  )

  test('without a load is missing', () => {
    expect(evaluateGates([gateOf('requests >= 0'), gateOf('foo: avg < 1h')], undefined).map(({ status, value }) => [status, value])).toEqual([
      ['missing', null],
      ['missing', null],
    ])
  })

  test('of a service looks at that service alone', () => {
    const load = loadOf({
      total: metricsOf({ errorRate: 0.02 }),
      services: { foo: metricsOf({ errorRate: 0 }), bar: metricsOf({ errorRate: 0.04 }) },
    })
    const seen = evaluateGates(['error-rate < 3%', 'foo: error-rate < 3%', 'bar: error-rate < 3%'].map(gateOf), load)
    expect(seen.map(({ service, value, status }) => [service, value, status])).toEqual([
      [null, 0.02, 'passed'],
      ['foo', 0, 'passed'],
      ['bar', 0.04, 'failed'],
    ])
  })

  test('of a service that was not measured is missing, whatever the others did', () => {
    const { services, ...load } = loadOf()
    const only = { ...load, services: { foo: services.foo as LoadMetrics } }
    expect(evaluateGates([gateOf('bar: avg < 1h')], only)[0]).toEqual({
      service: 'bar',
      metric: 'avg',
      operator: '<',
      limit: 3_600_000,
      value: null,
      unit: 'ms',
      status: 'missing',
    })
  })

  test.each([
    ['avg < 1s', 'ms'],
    ['p(99.9) < 1s', 'ms'],
    ['error-rate < 1%', 'ratio'],
    ['checks > 1%', 'ratio'],
    ['requests > 1', 'count'],
    ['rps > 1', 'per-second'],
  ])('%s has the unit %s', (line, unit) => {
    expect(evaluateGates([gateOf(line)], loadOf())[0]?.unit).toBe(unit)
  })
})

describe('the gate that every service is healthy', () => {
  test.each([
    [2, 2, 'passed'],
    [1, 2, 'failed'],
    [0, 2, 'failed'],
    [0, 0, 'failed'],
  ])('with %d of %d is %s', (healthy, services, status) => {
    expect(healthGate(healthy, services)).toEqual({
      service: null,
      metric: 'healthy-services',
      operator: '>=',
      limit: services,
      value: healthy,
      unit: 'count',
      status,
    })
  })
})
