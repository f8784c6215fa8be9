import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { defaultGates, type Gate, parseGate } from '../../../src/gates/gate.ts'
import { metricUnit, metricWords, percentileOf } from '../../../src/gates/metrics.ts'

const parse = (line: string) => parseGate(line, ['foo', 'bar'])
const gate = (metric: string, operator: string, limit: number, service: string | null = null) => ({ gate: { service, metric, operator, limit } })
const metrics = 'avg, min, med, max, error-rate, success-rate, checks, requests, rps, cpu, peak-memory, throttled, restarts and p(N)'
const aLatency = 'a latency such as 500ms or 1.5s (a bare number is milliseconds, as in k6)'
const shape = 'expected "metric < limit", such as p(95) < 500ms, or "service: metric < limit"'

describe('a line of the gate grammar', () => {
  test.each<[string, { gate: Gate } | object]>([
    ['p(95) < 500ms', gate('p(95)', '<', 500)],
    ['p(95)<500ms', gate('p(95)', '<', 500)],
    ['  p(95)   <=   0.5s  ', gate('p(95)', '<=', 500)],
    ['p(99.9) < 1.5s', gate('p(99.9)', '<', 1500)],
    ['p(99.999) < 2s', gate('p(99.999)', '<', 2000)],
    ['p( 95 ) < 500ms', gate('p(95)', '<', 500)],
    ['P(95.0) < 500ms', gate('p(95)', '<', 500)],
    ['p(95) < 500', gate('p(95)', '<', 500)],
    ['avg <= 100us', gate('avg', '<=', 0.1)],
    ['AVG < 1s', gate('avg', '<', 1000)],
    ['min > 0ms', gate('min', '>', 0)],
    ['med < 20ms', gate('med', '<', 20)],
    ['max < 1m', gate('max', '<', 60_000)],
    ['error-rate < 10%', gate('error-rate', '<', 0.1)],
    ['error-rate <= 0%', gate('error-rate', '<=', 0)],
    ['success-rate >= 99.9%', gate('success-rate', '>=', 0.9990000000000001)],
    ['checks > 95 %', gate('checks', '>', 0.95)],
    ['requests >= 1000', gate('requests', '>=', 1000)],
    ['rps > 12.5', gate('rps', '>', 12.5)],
    ['foo: p(99) < 800ms', gate('p(99)', '<', 800, 'foo')],
    ['bar :error-rate<1%', gate('error-rate', '<', 0.01, 'bar')],
  ])('%s', (line, expected) => {
    expect(parse(line)).toEqual(expected)
  })

  test.each<[string, string]>([
    ['', shape],
    ['p(95)', shape],
    ['< 500ms', shape],
    ['p(95) 500ms', shape],
    ['p(95) != 500ms', 'there is no metric "p(95) !"; metrics are '],
    ['foo: < 500ms', 'there is no metric ""; metrics are '],
    [': p(95) < 1s', shape],
    ['foo: bar: p(95) < 1s', shape],
    ['p(95) == 500ms', '"==" is no operator of gates; use <, <=, > or >='],
    ['p(95) = 500ms', '"=" is no operator of gates; use <, <=, > or >='],
    ['p(95) <', `expected ${aLatency} after <, got ""`],
    ['p(95) << 500ms', `expected ${aLatency} after <, got "< 500ms"`],
    ['p(95) < 10%', `expected ${aLatency} after <, got "10%"`],
    ['p(95) < 500ms, avg < 1s', `expected ${aLatency} after <, got "500ms, avg < 1s"`],
    ['p(95) < -5ms', `expected ${aLatency} after <, got "-5ms"`],
    ['error-rate < 500ms', 'expected a percentage such as 10% after <, got "500ms"'],
    ['error-rate < 101%', 'expected a percentage such as 10% after <, got "101%"'],
    ['error-rate < 0.1', '0.1 could mean a ratio or a percentage: write it with a percent sign, for example 10%'],
    ['requests > 1k', 'expected a number such as 1000 after >, got "1k"'],
    ['rps > -1', 'expected a number of requests per second such as 100 after >, got "-1"'],
    ['p(0) < 1s', `there is no metric "p(0)"; metrics are ${metrics}`],
    ['p(100) < 1s', `there is no metric "p(100)"; metrics are ${metrics}`],
    ['p(99.9999) < 1s', `there is no metric "p(99.9999)"; metrics are ${metrics}`],
    ['p(-5) < 1s', `there is no metric "p(-5)"; metrics are ${metrics}`],
    ['errorrate < 1%', `there is no metric "errorrate"; metrics are ${metrics}. Did you mean "error-rate"?`],
    ['request > 1', `there is no metric "request"; metrics are ${metrics}. Did you mean "requests"?`],
    ['constructor > 1', `there is no metric "constructor"; metrics are ${metrics}`],
    ['fooo: avg < 1s', 'there is no service "fooo"; services are foo, bar. Did you mean "foo"?'],
    ['payments: avg < 1s', 'there is no service "payments"; services are foo, bar'],
  ])('%j is refused: %s', (line, problem) => {
    expect(parse(line)).toEqual({ problem: expect.stringContaining(problem) })
  })

  test.each([
    ['requests', ''],
    ['avg', 'ms'],
    ['rps', ''],
  ])('%s with a limit too large for a number is refused: nothing could ever miss it', (metric, unit) => {
    expect(parse(`${metric} < ${'9'.repeat(400)}${unit}`)).toHaveProperty('problem')
  })

  test('whatever it holds is a gate with a finite limit, or one problem', () => {
    const word = fc.oneof(fc.constantFrom(...metricWords, 'p(95)', 'p(99.9)', 'foo: avg', 'baz: avg'), fc.string())
    const operator = fc.constantFrom('<', '<=', '>', '>=', '=', '')
    const limit = fc.oneof(fc.constantFrom('500ms', '10%', '1000', '1.5s', '0.1'), fc.stringMatching(/^[0-9]{1,400}(ms)?$/), fc.string())
    fc.assert(
      fc.property(word, operator, limit, (metric, sign, value) => {
        const parsed = parse(`${metric} ${sign} ${value}`)
        return 'problem' in parsed ? parsed.problem !== '' : Number.isFinite(parsed.gate.limit) && metricUnit(parsed.gate.metric) !== undefined
      }),
    )
  })
})

describe('a percentile', () => {
  test.each([
    ['p(95)', 95],
    ['p(99.9)', 99.9],
    ['p(0.001)', 0.001],
    ['p(95.50)', 95.5],
    ['p(100)', undefined],
    ['p(0)', undefined],
    ['p(0.000)', undefined],
    ['p95', undefined],
    ['p(1e1)', undefined],
    ['avg', undefined],
  ])('%s is %s', (metric, expected) => {
    expect(percentileOf(metric)).toBe(expected)
  })
})

describe('the default gates', () => {
  test('are what the docs say', () => {
    expect([parse('p(95) < 500ms'), parse('error-rate < 10%')]).toEqual(defaultGates.map((each) => ({ gate: each })))
  })
})
