import { describe, expect, test } from '@jest/globals'
import { customScript } from '../../../../src/stages/load/custom.ts'
import { generatorFacts, loadNotes } from '../../../../src/stages/load/generator.ts'
import type { RunnerOutcome } from '../../../../src/stages/load/runner.ts'
import type { LoadShape } from '../../../../src/stages/load/shape.ts'
import { parseSummary } from '../../../../src/stages/load/summary.ts'
import { metricsOf } from '../../runs.ts'

const summary = (metrics: object) => parseSummary(JSON.stringify({ state: { testRunDurationMs: 1000 }, metrics }))
const users: LoadShape = { drive: 'virtual-users', virtualUsers: 10, durationMs: 30_000, ramp: [] }

describe('what a script of the user’s measured', () => {
  const { metrics, thresholds } = customScript(
    'load.ts',
    summary({
      http_req_duration: { type: 'trend', contains: 'time', values: { count: 2, 'p(95)': 7 }, thresholds: { 'p(95)<500': { ok: true } } },
      'http_req_duration{service:foo}': {
        type: 'trend',
        contains: 'time',
        values: { count: 0, max: 0 },
        thresholds: { 'max>=0': { ok: true }, 'max<9': { ok: true } },
      },
      iterations: { type: 'counter', contains: 'default', values: { count: 2, rate: 2 } },
      mine: { type: 'trend', contains: 'data', values: { count: 2, avg: 5 }, thresholds: { 'avg<5': { ok: false } } },
      'mine{kind:a}': { type: 'trend', contains: 'data', values: { count: 1, avg: 5 } },
    }),
  )

  test('is its own metrics with k6’s statistics, and none of k6’s', () => {
    expect(metrics).toEqual([
      { name: 'mine', type: 'trend', contains: 'data', values: { count: 2, avg: 5 } },
      { name: 'mine{kind:a}', type: 'trend', contains: 'data', values: { count: 1, avg: 5 } },
    ])
  })

  test('is judged by its own thresholds, and not by those that only make k6 keep a number', () => {
    expect(thresholds).toEqual([
      { metric: 'http_req_duration', condition: 'p(95)<500', held: true, value: 7, unit: 'ms' },
      { metric: 'http_req_duration{service:foo}', condition: 'max<9', held: true, value: null, unit: 'ms' },
      { metric: 'mine', condition: 'avg<5', held: false, value: 5, unit: 'number' },
    ])
  })
})

describe('the generator', () => {
  const outcome = (cpuShare: number | null) => ({ cpuShare }) as RunnerOutcome

  test('tells what it dropped, how late it was, and the busiest of several counts', () => {
    const told = summary({
      dropped_iterations: { type: 'counter', values: { count: 12 } },
      mlops_late: { type: 'rate', values: { rate: 0.25, passes: 5, fails: 15 } },
    })
    expect(generatorFacts(told, [outcome(0.2), outcome(0.9), outcome(null)])).toEqual({ dropped: 12, late: 0.25, cpuShare: 0.9 })
    expect(generatorFacts(summary({}), [outcome(null)])).toEqual({ dropped: 0, late: null, cpuShare: null })
  })

  const noted = { shape: users, generator: { dropped: 0, late: null, cpuShare: 0.5 }, total: metricsOf({ errorRate: 0 }), facts: null, errors: [] }
  const script: LoadShape = { drive: 'script', path: 'load.ts', otherwise: users, durationMs: 30_000 }
  test.each<[string, Partial<Parameters<typeof loadNotes>[0]>, readonly (string | RegExp)[]]>([
    ['nothing of an ordinary load', {}, []],
    ['that k6 had the machine to itself', { generator: { dropped: 0, late: null, cpuShare: 0.95 } }, [/^k6 had 95% of its CPU busy/]],
    ['that a script drove itself', { shape: script, facts: { durationMs: 1, drivesItself: true } }, [/^load\.ts was driven by its own options/]],
    ['nothing of a script that we drove', { shape: script, facts: { durationMs: 1, drivesItself: false } }, []],
    ['that errors of a script have a latency', { shape: script, total: metricsOf({ errorRate: 0.1 }) }, [/^Latencies are k6’s own here/]],
    [
      'what a script threw, once and without crossed thresholds',
      { shape: script, errors: ['no luck', 'no luck', "thresholds on metrics 'x' have been crossed"] },
      ['k6 says of load.ts: no luck'],
    ],
  ])('has %s noted', (_, more, notes) => {
    expect(loadNotes({ ...noted, ...more })).toEqual(notes.map((note) => (typeof note === 'string' ? note : expect.stringMatching(note))))
  })
})
