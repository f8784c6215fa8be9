import '../fakes/realm.ts'
import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { commentMarker } from '../../src/adapters/github/comment-marker.ts'
import { defaultCommentKey, readRunContext } from '../../src/adapters/github/context.ts'
import { decodeSnapshot, encodeSnapshot, snapshotOf } from '../../src/report/snapshot.ts'
import { eventually } from '../fakes/eventually.ts'
import { othersComments } from '../fakes/github.ts'
import { type Machine, startMachine } from '../fakes/machine.ts'
import { k6Summary } from '../fakes/summary.ts'
import { reports } from '../unit/runs.ts'

let machine: Machine
beforeEach(async () => {
  machine = await startMachine()
})
afterEach(async () => {
  expect(machine.github.violations).toEqual([])
  await machine.close()
})

const key = defaultCommentKey(readRunContext({ GITHUB_WORKFLOW: 'pipeline', GITHUB_JOB: 'verify' }, undefined))
const bodies = () => machine.github.comments().map(({ body }) => body)
const running = () => bodies().find((body) => body.includes('Pipeline running'))
const edits = () => machine.github.requests.filter(({ method, path }) => method !== 'GET' && path !== '/graphql')

/** k6 that measures until it is let go. */
async function heldLoad(): Promise<() => void> {
  const go = machine.path('let-go')
  await machine.setProgram(
    'k6',
    `while (!fs.existsSync(${JSON.stringify(go)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20); ${k6Summary()}`,
  )
  machine.inputs.duration = '60s'
  return () => writeFileSync(go, '')
}

describe('a run on a pull request', () => {
  test('has its comment while the stages run, and its report in the same comment at the end, with what differs from the run before', async () => {
    const before = { ...snapshotOf(reports['stage failed'], null), runId: 4241, sha: 'fedcba987654' }
    const old = `${commentMarker(key, { id: 4241, attempt: 1 })}\n${encodeSnapshot(before)}\n### ❌ Pipeline failed`
    machine.github.seed([...othersComments(2), { login: 'github-actions[bot]', body: old }])
    const letGo = await heldLoad()
    const main = machine.startMain()
    await eventually('the comment follows the run', () => running(), 50_000)
    expect(existsSync(machine.path('let-go'))).toBe(false)
    expect(running()).toMatch(/\| ✅ \| Install kind|\| ⏳ \| /)
    expect(decodeSnapshot(running() ?? '')).toMatchObject({ runId: 4241 })
    letGo()
    expect((await main.done).exitCode).toBe(0)
    expect(bodies()).toHaveLength(3)
    const [, , final = ''] = bodies()
    expect(final.startsWith(commentMarker(key, { id: 4242, attempt: 1 }))).toBe(true)
    expect(final).toContain('Pipeline passed')
    expect(final).toContain('**Since the last run (commit fedcba9)**')
    expect(final).toContain('| Verdict | failed | passed |')
    expect(decodeSnapshot(final)).toMatchObject({ runId: 4242, verdict: 'passed', total: { requests: 100 } })
    expect(machine.summary()).not.toContain('Since the last run')
  }, 90_000)

  test('of a token that may only read is asked for once while it runs, and once at its end', async () => {
    machine.github.fail({ method: 'POST', path: /comments$/, status: 403, times: 1000 })
    const letGo = await heldLoad()
    const main = machine.startMain()
    await eventually('it was refused', () => edits().length > 0, 50_000)
    letGo()
    const { exitCode, stdout } = await main.done
    expect(exitCode).toBe(0)
    expect(stdout.match(/::notice .*No comment: the token may only read/g)).toHaveLength(1)
    expect(edits().map(({ status }) => status)).toEqual([403, 403])
  }, 90_000)

  test('with GitHub down from start to end passes all the same, and says why there is no comment', async () => {
    machine.github.fail({ status: 'reset', times: 10_000 })
    const { exitCode, stdout } = await machine.startMain().done
    expect(exitCode).toBe(0)
    expect(machine.outputs()).toMatchObject({ verdict: 'passed', 'comment-url': '' })
    expect(stdout).toMatch(/::notice .*No comment: /)
  }, 90_000)

  test('that wants no comment asks GitHub nothing', async () => {
    machine.inputs.comment = 'false'
    await machine.startMain().done
    expect(machine.github.requests).toEqual([])
  }, 90_000)

  test('that is cancelled has its end in the comment that followed it', async () => {
    await heldLoad()
    const main = machine.startMain()
    await eventually('the comment follows the run', () => running(), 50_000)
    main.child.kill('SIGINT')
    expect((await main.done).exitCode).toBe(1)
    expect(bodies()).toEqual([expect.stringContaining('Pipeline running')])
    await machine.startPost().done
    expect(bodies()).toEqual([expect.stringContaining('Pipeline cancelled')])
  }, 90_000)
})
