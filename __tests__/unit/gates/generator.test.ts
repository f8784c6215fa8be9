import { describe, expect, test } from '@jest/globals'
import { evaluateGates } from '../../../src/gates/evaluate.ts'
import { defaultGates, type Gate } from '../../../src/gates/gate.ts'
import { achievedRateGates, generatorStall } from '../../../src/gates/generator.ts'
import { judge, type Verdict } from '../../../src/gates/verdict.ts'
import type { GeneratorFacts, LoadResult } from '../../../src/stages/load/result.ts'
import type { ArrivalRate } from '../../../src/stages/load/shape.ts'
import { loadOf, metricsOf, recordOf } from '../runs.ts'

const shape: ArrivalRate = { drive: 'arrival-rate', rate: 50, maxInFlight: 20, durationMs: 30_000, ramp: [] }

interface Seen {
  readonly requests?: number
  /** Of every request, in milliseconds. */
  readonly latency?: number
  readonly min?: number
  readonly generator?: Partial<GeneratorFacts>
  readonly errorRate?: number
}

/** A load at 50/s for 30 s of which only `foo` is out of the ordinary. */
function loadAt({ requests = 1500, latency = 10, min = latency, generator = {}, errorRate = 0 }: Seen): LoadResult {
  const scope = (count: number, ms: number, fastest: number) =>
    metricsOf({ requests: count, errorRate, latencyMs: { min: fastest, avg: ms, med: ms, max: ms, percentiles: { 90: ms, 95: ms, 99: ms } } })
  return loadOf({
    shape,
    generator: { dropped: 1500 - requests, late: 0, cpuShare: 0.1, ...generator },
    total: scope(requests + 1500, latency, min),
    services: { foo: scope(requests, latency, min), bar: scope(1500, 10, 10) },
  })
}

const judged = (load: LoadResult, gates: readonly Gate[] = defaultGates) => judge(recordOf(), evaluateGates(gates, load), load)

describe('the verdict of a fixed rate', () => {
  const busy = { cpuShare: 0.95 }
  const stalled = { late: 0.2 }
  test.each<[string, Seen, Verdict['verdict'], RegExp]>([
    ['it was kept', {}, 'passed', /^all 4 gates held/],
    ['one request in a hundred is missing', { requests: 1485 }, 'passed', /^all 4 gates held/],
    [
      'more are, and the service needs more in flight than there may be',
      { requests: 1484, latency: 450 },
      'failed',
      /^missed: foo: achieved-rate is 49\.47\/s, the gate is >= 49\.5\/s$/,
    ],
    [
      'more are, although the service is quick',
      { requests: 1484 },
      'invalid',
      /^the load generator lagged \(k6 began 16 requests too late or not at all.*Not judged: foo: achieved-rate is 49\.47\/s/,
    ],
    [
      'latency is missed as well: dropping only flatters',
      { requests: 600, latency: 900 },
      'failed',
      /^missed: p\(95\) is 900 ms.*; foo: achieved-rate is 20\/s/,
    ],
    ['errors stand although requests were dropped', { requests: 600, errorRate: 0.5 }, 'failed', /^missed: error-rate is 50%, the gate is < 10%$/],
    ['errors stand although k6 had no CPU', { errorRate: 0.5, generator: busy }, 'failed', /^missed: error-rate/],
    ['k6 had no CPU but everything held', { generator: busy }, 'passed', /^all 4 gates held/],
    [
      'k6 had no CPU and latency was missed',
      { latency: 900, generator: busy },
      'invalid',
      /^the load generator lagged \(k6 had 95% of its CPU busy\); lower rate, raise max-vus, or use a machine with more CPU\. Not judged: p\(95\) is 900 ms/,
    ],
    [
      'k6 was stalled and latency was missed',
      { latency: 900, generator: stalled },
      'invalid',
      /^the load generator lagged \(k6 was short of CPU: 20% of its timers were late\)/,
    ],
    ['k6 was stalled and the rate was missed', { requests: 600, latency: 450, generator: stalled }, 'invalid', /Not judged: foo: achieved-rate is 20\/s/],
    [
      'k6 was stalled, but even the fastest request took a second',
      { requests: 600, latency: 1200, min: 1000, generator: stalled },
      'failed',
      /^missed: p\(95\) is 1\.2 s.*; foo: achieved-rate/,
    ],
    ['k6 was a little late', { latency: 900, generator: { late: 0.19, cpuShare: 0.89 } }, 'failed', /^missed: p\(95\)/],
    ['nobody knows how k6 was', { requests: 600, latency: 450, generator: { late: null, cpuShare: null } }, 'failed', /^missed: foo: achieved-rate/],
    ['nothing was sent to one service', { requests: 0 }, 'invalid', /^no request of the load reached foo$/],
  ])('when %s', (_, seen, verdict, sentence) => {
    expect(judged(loadAt(seen))).toMatchObject({ verdict, sentence: expect.stringMatching(sentence) })
  })

  test('virtual users ask for no rate, and saturate a machine by themselves', () => {
    const load = { ...loadAt({ requests: 600, latency: 900, generator: busy }), shape: loadOf().shape }
    expect(generatorStall(load)).toBeNull()
    expect(judged(load)).toMatchObject({ verdict: 'failed', sentence: 'missed: p(95) is 900 ms, the gate is < 500 ms' })
  })
})

describe('the gate that a service got its rate', () => {
  test.each<[string, Partial<ArrivalRate>, number]>([
    ['99% of it', {}, 49.5],
    ['all but one request of a short load', { rate: 5, durationMs: 2000 }, 4.5],
    [
      'the mean of a ramp, all but one request for each of its parts',
      {
        durationMs: 2000,
        ramp: [
          { durationMs: 1000, target: 50 },
          { durationMs: 1000, target: 50 },
        ],
      },
      36,
    ],
    ['never less than nothing', { rate: 1, durationMs: 1000 }, 0],
  ])('asks for %s', (_, more, limit) => {
    const load = { ...loadAt({}), shape: { ...shape, ...more } }
    expect(achievedRateGates(load).map((gate) => [gate.service, gate.operator, gate.limit])).toEqual([
      ['foo', '>=', limit],
      ['bar', '>=', limit],
    ])
  })
})
