import { describe, expect, test } from '@jest/globals'
import type { GateResult } from '../../../src/gates/evaluate.ts'
import { judge, type Verdict } from '../../../src/gates/verdict.ts'
import type { FailureKind } from '../../../src/pipeline/failure.ts'
import type { RunRecord } from '../../../src/pipeline/record.ts'
import { cancelled, failedRecord, failureOf, loadOf, metricsOf, nothingMeasured, recordOf, skipped } from '../runs.ts'

const passed: GateResult = { service: null, metric: 'p(95)', operator: '<', limit: 500, value: 12, unit: 'ms', status: 'passed' }
const failed: GateResult = { ...passed, value: 600, status: 'failed' }
const missing: GateResult = { ...passed, service: 'bar', metric: 'avg', value: null, status: 'missing' }
const noData = loadOf({ total: nothingMeasured })

describe('the verdict', () => {
  test.each<[string, RunRecord, readonly GateResult[], Parameters<typeof judge>[2], Verdict]>([
    [
      'all gates held: passed, with no reason',
      recordOf(),
      [passed, passed],
      loadOf(),
      { verdict: 'passed', reason: null, sentence: 'all 2 gates held over 40,000 requests' },
    ],
    ['one gate held: passed', recordOf(), [passed], loadOf(), { verdict: 'passed', reason: null, sentence: 'the gate held over 40,000 requests' }],
    [
      'a missed gate: failed, with value and limit',
      recordOf(),
      [passed, failed],
      loadOf(),
      { verdict: 'failed', reason: 'gate', sentence: 'missed: p(95) is 600 ms, the gate is < 500 ms' },
    ],
    [
      'every missed gate is named',
      recordOf(),
      [failed, { ...failed, service: 'foo' }],
      loadOf(),
      {
        verdict: 'failed',
        reason: 'gate',
        sentence: 'missed: p(95) is 600 ms, the gate is < 500 ms; foo: p(95) is 600 ms, the gate is < 500 ms',
      },
    ],
    [
      'a missed gate stands, whatever else is missing',
      recordOf(),
      [missing, failed],
      loadOf(),
      { verdict: 'failed', reason: 'gate', sentence: 'missed: p(95) is 600 ms, the gate is < 500 ms' },
    ],
    [
      'a missing number: invalid, never a pass',
      recordOf(),
      [passed, missing],
      loadOf(),
      { verdict: 'invalid', reason: 'measurement', sentence: 'not measured: bar: avg has no value, the gate is < 500 ms' },
    ],
    [
      'no request: invalid, before any gate',
      recordOf(),
      [failed],
      noData,
      { verdict: 'invalid', reason: 'measurement', sentence: 'the load test made no request, so there is nothing to judge' },
    ],
    [
      'no load at all: invalid',
      recordOf(),
      [],
      undefined,
      { verdict: 'invalid', reason: 'measurement', sentence: 'the load test made no request, so there is nothing to judge' },
    ],
    [
      'a failed stage comes before gates and data',
      failedRecord(failureOf('bar does not start')),
      [failed],
      noData,
      { verdict: 'failed', reason: 'stage', sentence: 'Services (foo, bar): bar does not start' },
    ],
    [
      'a failed stage comes before a later cancel',
      failedRecord(failureOf('bar does not start'), { cancelled: true }),
      [],
      undefined,
      { verdict: 'failed', reason: 'stage', sentence: 'Services (foo, bar): bar does not start' },
    ],
    [
      'cancelled: says during what',
      recordOf({ cluster: cancelled, k6: cancelled, load: skipped }, { cancelled: true }),
      [],
      undefined,
      { verdict: 'cancelled', reason: 'cancel', sentence: 'cancelled during: Install k6 2.3.0, Boot the cluster' },
    ],
    [
      'cancelled comes before missed gates',
      recordOf({}, { cancelled: true }),
      [failed],
      loadOf(),
      { verdict: 'cancelled', reason: 'cancel', sentence: 'cancelled before it began' },
    ],
    [
      'cut off without a word: invalid, never a pass and nobody’s cancel',
      recordOf({ load: cancelled }),
      [passed],
      loadOf(),
      { verdict: 'invalid', reason: 'infrastructure', sentence: 'the action’s process ended unexpectedly during: Load (10 VUs for 30 s)' },
    ],
    [
      'cut off before its first stage: invalid',
      recordOf(Object.fromEntries(recordOf().stages.map(({ name }) => [name, skipped]))),
      [],
      undefined,
      { verdict: 'invalid', reason: 'infrastructure', sentence: 'the action’s process ended unexpectedly' },
    ],
  ])('%s', (_, record, gates, load, expected) => {
    expect(judge(record, gates, load)).toEqual(expected)
  })

  test.each<[FailureKind, Verdict['verdict'], Verdict['reason']]>([
    ['workload', 'failed', 'stage'],
    ['infrastructure', 'invalid', 'infrastructure'],
    ['measurement', 'invalid', 'measurement'],
    ['config', 'invalid', 'config'],
    ['cancelled', 'cancelled', 'cancel'],
  ])('of a failure of kind %s is %s with reason %s', (kind, verdict, reason) => {
    const record = failedRecord(failureOf('it broke', { kind }))
    expect(judge(record, [], undefined)).toEqual({ verdict, reason, sentence: 'Services (foo, bar): it broke' })
  })

  test('does not say a stage’s title twice', () => {
    const record = failedRecord(failureOf('Services (foo, bar): not done after 360 s', { kind: 'infrastructure' }))
    expect(judge(record, [], undefined).sentence).toBe('Services (foo, bar): not done after 360 s')
  })

  test.each(['pending', 'running', 'skipped', 'cancelled', 'failed'] as const)('is never passed while a stage is %s', (status) => {
    expect(judge(recordOf({ nodes: { status } }), [passed], loadOf()).verdict).not.toBe('passed')
  })

  test('is never passed when a service got no request: its part was not measured', () => {
    const load = loadOf({ services: { foo: metricsOf(), bar: nothingMeasured } })
    expect(judge(recordOf(), [passed], load)).toEqual({
      verdict: 'invalid',
      reason: 'measurement',
      sentence: 'no request of the load reached bar',
    })
    expect(judge(recordOf(), [failed], load)).toMatchObject({ verdict: 'failed', reason: 'gate' })
  })
})
