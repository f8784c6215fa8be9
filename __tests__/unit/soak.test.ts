import { describe, expect, test } from '@jest/globals'
import { growthOf, type Traces } from '../../scripts/soak.ts'

const quiet: Traces = { processes: ['conmon 12'], containers: ['mine'], volumes: [], temporary: [], stateBytes: 0, cacheBytes: 100 }

describe('what runs have left', () => {
  test('is nothing when all is as it was, or less', () => {
    expect(growthOf(quiet, quiet)).toEqual([])
    expect(growthOf(quiet, { ...quiet, containers: [], processes: [], cacheBytes: 50 })).toEqual([])
  })

  test('is told by name, one line each', () => {
    const after: Traces = {
      processes: ['conmon 12', 'k6 400'],
      containers: ['mine', 'mlops-test-cluster-worker'],
      volumes: ['3f2a'],
      temporary: ['mlops-pipeline-x'],
      stateBytes: 100_000,
      cacheBytes: 100,
    }
    expect(growthOf(quiet, after)).toEqual([
      'processes: k6 400',
      'containers: mlops-test-cluster-worker',
      'volumes: 3f2a',
      'temporary: mlops-pipeline-x',
      'stateBytes: 0 → 100000',
    ])
  })

  test('is nothing where a short history has grown by a few lines', () => {
    expect(growthOf(quiet, { ...quiet, stateBytes: 500 })).toEqual([])
  })

  test('counts one that took another’s place', () => {
    expect(growthOf(quiet, { ...quiet, containers: ['theirs'] })).toEqual(['containers: theirs'])
  })
})
