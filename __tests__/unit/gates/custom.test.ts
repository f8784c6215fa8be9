import { describe, expect, test } from '@jest/globals'
import { evaluateGates } from '../../../src/gates/evaluate.ts'
import { type Gate, parseGate } from '../../../src/gates/gate.ts'
import { judge } from '../../../src/gates/verdict.ts'
import type { CustomScript, CustomThreshold } from '../../../src/stages/load/result.ts'
import { loadOf, nothingMeasured, recordOf } from '../runs.ts'

const parse = (line: string) => parseGate(line, ['foo', 'bar'], { customMetrics: true })
function gateOf(line: string): Gate {
  const parsed = parse(line)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.gate
}

const metric = (name: string, type: string, contains: string, values: Record<string, number>): CustomScript['metrics'][number] => ({
  name,
  type,
  contains,
  values,
})
const custom = (more: Partial<CustomScript> = {}): CustomScript => ({
  path: 'load.js',
  metrics: [
    metric('size', 'trend', 'default', { count: 3, avg: 4, 'p(95)': 6 }),
    metric('waited', 'trend', 'time', { count: 3, avg: 40 }),
    metric('unused', 'trend', 'time', { count: 0, avg: 0 }),
    metric('right', 'rate', 'default', { rate: 0.5, passes: 2, fails: 2 }),
    metric('unasked', 'rate', 'default', { rate: 0, passes: 0, fails: 0 }),
    metric('orders', 'counter', 'default', { count: 7, rate: 3.5 }),
    metric('depth', 'gauge', 'default', { value: 0 }),
  ],
  thresholds: [],
  ...more,
})

describe('a gate on a metric of the script', () => {
  test.each<[string, Partial<Gate>]>([
    ['my_metric: avg < 5', { metric: 'my_metric: avg', operator: '<', limit: 5, custom: { name: 'my_metric', statistic: 'avg' } }],
    ['myMetric : P(99) <= 1.5s', { metric: 'myMetric: p(99)', limit: 1500, custom: { name: 'myMetric', statistic: 'p(99)' } }],
    ['right: rate > 99%', { limit: 0.99 }],
    ['depth: value >= -2', { limit: -2 }],
    ['foo: avg < 5', { service: 'foo', metric: 'avg' }],
  ])('%s', (line, gate) => {
    expect(parse(line)).toMatchObject({ gate })
  })

  test.each([
    ['my_metric: rsp < 5', '"rsp" is nothing k6 tells of a metric; use avg, min, med, max, count, rate, value or p(N)'],
    ['my_metric: avg < many', 'expected a number such as 5, 5ms or 5% after <, got "many"'],
    ['my_metric: avg == 5', '"==" is no operator of gates; use <, <=, > or >='],
    ['my-metric: avg < 5', 'there is no service "my-metric"; services are foo, bar'],
  ])('%s is refused', (line, problem) => {
    expect(parse(line)).toEqual({ problem })
  })

  test.each([
    ['size: avg < 5', 4, 'number', 'passed'],
    ['size: p(95) < 5', 6, 'number', 'failed'],
    ['size: p(99) < 5', null, 'number', 'missing'],
    ['waited: avg < 50ms', 40, 'ms', 'passed'],
    ['unused: avg < 50ms', null, 'ms', 'missing'],
    ['right: rate > 60%', 0.5, 'ratio', 'failed'],
    ['unasked: rate < 1%', null, 'ratio', 'missing'],
    ['orders: count >= 7', 7, 'count', 'passed'],
    ['orders: rate < 3', 3.5, 'per-second', 'failed'],
    ['depth: value <= 0', 0, 'number', 'passed'],
    ['nobody: avg < 5', null, 'number', 'missing'],
  ])('%s is %s (%s): %s', (line, value, unit, status) => {
    expect(evaluateGates([gateOf(line)], loadOf({ custom: custom() }))).toMatchObject([{ value, unit, status }])
  })
})

describe('a threshold of the script', () => {
  const threshold = (condition: string, held: boolean, value: number | null = 4): CustomThreshold => ({
    metric: 'size',
    condition,
    held,
    value,
    unit: 'number',
  })

  test.each<[CustomThreshold, object]>([
    [threshold('avg<5', true), { metric: 'size: avg', operator: '<', limit: 5, value: 4, status: 'passed' }],
    [threshold(' p(95) >= 5 ', false), { metric: 'size: p(95)', operator: '>=', limit: 5, status: 'failed' }],
    [threshold('value===4', true), { metric: 'size: value', operator: '==', limit: 4, status: 'passed' }],
    [threshold('value!=4', false), { metric: 'size: value', operator: '!=', limit: 4, status: 'failed' }],
    // What k6 says of no sample proves nothing; that it failed stands.
    [threshold('avg<5', true, null), { value: null, status: 'missing' }],
    [threshold('count>0', false, null), { value: null, status: 'failed' }],
  ])('%j is a gate', (given, gate) => {
    expect(evaluateGates([], loadOf({ custom: custom({ thresholds: [given] }) }))).toMatchObject([gate])
  })
})

describe('a script that is not ours', () => {
  test('may ask whom it likes', () => {
    const load = loadOf({ custom: custom(), services: { foo: loadOf().total, bar: nothingMeasured } })
    expect(judge(recordOf(), evaluateGates([gateOf('size: avg < 5')], load), load).verdict).toBe('passed')
  })

  test('need not speak HTTP, as long as it measured what its gates ask for', () => {
    const load = loadOf({ custom: custom(), total: nothingMeasured })
    expect(judge(recordOf(), evaluateGates([gateOf('size: avg < 5')], load), load).verdict).toBe('passed')
    expect(judge(recordOf(), evaluateGates([gateOf('nobody: avg < 5')], load), load).verdict).toBe('invalid')
  })
})
