import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { describeGate, formatLimit, formatMeasured, formatValue } from '../../../src/gates/describe.ts'
import type { GateResult } from '../../../src/gates/evaluate.ts'
import type { MetricUnit } from '../../../src/gates/metrics.ts'

const gate: GateResult = { service: null, metric: 'p(95)', operator: '<', limit: 500, value: 912.449, unit: 'ms', status: 'failed' }

describe('a gate in words', () => {
  test.each<[string, Partial<GateResult>]>([
    ['p(95) is 912 ms, the gate is < 500 ms', {}],
    ['foo: p(99) is 1.25 s, the gate is <= 800 ms', { service: 'foo', metric: 'p(99)', value: 1250, operator: '<=', limit: 800 }],
    ['error-rate is 12.5%, the gate is < 10%', { metric: 'error-rate', value: 0.125, limit: 0.1, unit: 'ratio' }],
    ['requests is 12,345, the gate is >= 100,000', { metric: 'requests', value: 12_345, operator: '>=', limit: 100_000, unit: 'count' }],
    ['rps is 99.5/s, the gate is > 100/s', { metric: 'rps', value: 99.5, operator: '>', limit: 100, unit: 'per-second' }],
    ['bar: avg has no value, the gate is < 500 ms', { service: 'bar', metric: 'avg', value: null, status: 'missing' }],
    ['healthy-services is 1, the gate is >= 2', { metric: 'healthy-services', value: 1, operator: '>=', limit: 2, unit: 'count' }],
  ])('%s', (words, more) => {
    expect(describeGate({ ...gate, ...more })).toBe(words)
  })
})

describe('a value', () => {
  test.each<[number, MetricUnit, string]>([
    [0.01, 'ms', '0.01 ms'],
    [0.42, 'ms', '0.42 ms'],
    [12.34567, 'ms', '12.3 ms'],
    [999, 'ms', '999 ms'],
    [1000, 'ms', '1 s'],
    [61_234, 'ms', '61.2 s'],
    [0, 'ratio', '0%'],
    [0.1, 'ratio', '10%'],
    [0.07, 'ratio', '7%'],
    [0.0123456, 'ratio', '1.23%'],
    [1, 'ratio', '100%'],
    [1234567, 'count', '1,234,567'],
    [1333.3333, 'per-second', '1,333/s'],
    [0.5, 'per-second', '0.5/s'],
  ])('%d (%s) is %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text)
  })

  test.each<[number, MetricUnit]>([
    [0.00001, 'ms'],
    [1e-7, 'ratio'],
    [0.00001, 'per-second'],
  ])('%d (%s) that is not 0 does not read as 0', (value, unit) => {
    expect(Number.parseFloat(formatValue(value, unit))).toBeGreaterThan(0)
  })
})

test.each([1e99, 1e200, 1.7e308, -1e250])('%d is written somehow: a report may say anything', (value) => {
  for (const unit of ['ms', 'ratio', 'count', 'number', 'per-second'] as const) expect(formatValue(value, unit)).toMatch(/\d|∞/)
})

describe('a measured value', () => {
  test.each<[number, number, MetricUnit, string]>([
    [12.34567, 500, 'ms', '12.3 ms'],
    [500.2, 500, 'ms', '500.2 ms'],
    [500.00001, 500, 'ms', '500.00001 ms'],
    [500, 500, 'ms', '500 ms'],
    [1000.4, 1000, 'ms', '1.0004 s'],
    [0.99994, 0.9999, 'ratio', '99.994%'],
    [0.100000001, 0.1, 'ratio', '10.0000001%'],
    [999.96, 1000, 'per-second', '999.96/s'],
  ])('of %d beside a limit of %d (%s) is %s: as many digits as tell the two apart', (value, limit, unit, text) => {
    expect(formatMeasured({ value, limit, unit })).toBe(text)
  })

  test('that is missing says so', () => {
    expect(formatMeasured({ value: null, limit: 1, unit: 'ms' })).toBe('not measured')
  })

  test('never reads like a limit it is not', () => {
    const number = fc.double({ min: 0.001, max: 100_000, noNaN: true })
    const unit = fc.constantFrom<MetricUnit[]>('ms', 'ratio', 'per-second')
    fc.assert(
      fc.property(number, fc.double({ min: -1e-6, max: 1e-6, noNaN: true }), unit, (limit, by, each) => {
        const value = limit * (1 + by)
        const told = formatMeasured({ value, limit, unit: each })
        return Math.abs(by) < 1e-9 || told !== formatLimit({ operator: '<', limit, unit: each }).slice(2)
      }),
    )
  })
})

describe('a limit', () => {
  test.each<[number, MetricUnit, string]>([
    [0.9995, 'ratio', '>= 99.95%'],
    [0.99999, 'ratio', '>= 99.999%'],
    [0.000001, 'ratio', '>= 0.0001%'],
    [1234.5, 'ms', '>= 1.2345 s'],
    [123.456, 'ms', '>= 123.456 ms'],
    [1234.567, 'per-second', '>= 1,234.567/s'],
    [0.1, 'ratio', '>= 10%'],
    [0.07, 'ratio', '>= 7%'],
  ])('%d (%s) is shown in full, as its author wrote it: %s', (limit, unit, text) => {
    expect(formatLimit({ operator: '>=', limit, unit })).toBe(text)
  })
})
