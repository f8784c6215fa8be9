import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { durationsPath, median, withRecord } from '../../../src/terminal/durations.ts'
import { recordOf, skipped } from '../runs.ts'

describe('the median', () => {
  test.each<[number | null, number[]]>([
    [null, []],
    [7, [7]],
    [6, [7, 5]],
    [5, [9, 5, 1]],
    [4, [100, 3, 5, 1]],
  ])('%p of %p', (middle, values) => {
    expect(median(values)).toBe(middle)
  })

  test('has as many values above as below, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), (values) => {
        const middle = median(values) ?? Number.NaN
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2)
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2)
      }),
    )
  })
})

describe('the history', () => {
  test('takes the durations of what passed, and of nothing else', () => {
    const record = recordOf({ health: { status: 'failed' }, nodes: { status: 'cancelled' }, load: skipped })
    expect(withRecord({}, record)).toEqual({ kind: [900], kubectl: [1200], k6: [1900], cluster: [15_250], ingress: [8050], services: [7500] })
  })

  test('keeps the last ten of a stage, and stages that this run did not have', () => {
    const before = { kind: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], other: [5] }
    expect(withRecord(before, recordOf())).toMatchObject({ kind: [2, 3, 4, 5, 6, 7, 8, 9, 10, 900], other: [5] })
    expect(before.kind).toHaveLength(10)
  })

  test('takes a stage by any name for a stage', () => {
    const [stage] = recordOf().stages
    const stages = stage ? [{ ...stage, name: 'constructor' }] : []
    expect(withRecord({}, { stages })).toEqual({ constructor: [900] })
  })
})

describe('the place of the history', () => {
  test.each([
    ['/state/mlops-pipeline-action/durations.json', { XDG_STATE_HOME: '/state' }],
    ['/home/me/.local/state/mlops-pipeline-action/durations.json', {}],
    ['/home/me/.local/state/mlops-pipeline-action/durations.json', { XDG_STATE_HOME: '' }],
    ['/home/me/.local/state/mlops-pipeline-action/durations.json', { XDG_STATE_HOME: 'relative' }],
  ])('is %s with %j', (path, env) => {
    expect(durationsPath(env, '/home/me')).toBe(path)
  })
})
