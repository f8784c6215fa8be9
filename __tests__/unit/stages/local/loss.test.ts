import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../../../src/pipeline/failure.ts'
import type { Stage } from '../../../../src/pipeline/stage.ts'
import { watchLoss } from '../../../../src/stages/local/loss.ts'
import type { Results } from '../../../../src/stages/results.ts'
import { contextOf } from './processes.ts'

const gone = new Failure('foo: replica 1 ended with signal SIGKILL', { kind: 'workload' })
const stageThat = (run: () => Promise<Results['health']>): Stage<Results, 'health', never> => ({
  name: 'health',
  title: 'Health',
  needs: [],
  deadlineMs: 1,
  run,
})
const forever = () => new Promise<never>(() => {})

describe('a guarded stage', () => {
  test('is the stage itself while nothing is lost', async () => {
    const result = { probes: [] }
    const stage = stageThat(async () => result)
    const guarded = watchLoss().guard(stage)
    expect(guarded).toMatchObject({ name: 'health', title: 'Health', needs: [], deadlineMs: 1 })
    expect(await guarded.run({}, contextOf().context)).toBe(result)
  })

  test('fails as soon as a process is lost, whatever it waits for', async () => {
    const loss = watchLoss()
    const run = loss.guard(stageThat(forever)).run({}, contextOf().context)
    loss.report(gone)
    await expect(run).rejects.toBe(gone)
  })

  test('fails at once when a process was lost before it began', async () => {
    const loss = watchLoss()
    loss.report(gone)
    loss.report(new Failure('another', { kind: 'infrastructure' }))
    await expect(loss.guard(stageThat(async () => ({ probes: [] }))).run({}, contextOf().context)).rejects.toBe(gone)
  })

  test('fails by itself when it fails', async () => {
    const run = watchLoss()
      .guard(
        stageThat(async () => {
          throw new Error('503')
        }),
      )
      .run({}, contextOf().context)
    await expect(run).rejects.toThrow('503')
  })
})
