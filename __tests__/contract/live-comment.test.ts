import '../fakes/realm.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { CommentOutcome } from '../../src/adapters/github/comment.ts'
import { commentMarker, type RunNumber } from '../../src/adapters/github/comment-marker.ts'
import type { LiveComment } from '../../src/adapters/github/live-comment.ts'
import { decodeSnapshot, type Snapshot, snapshotOf, withSnapshot } from '../../src/report/snapshot.ts'
import { type GitHubFake, type GitHubFakeOptions, othersComments, startGitHubFake } from '../fakes/github.ts'
import { fakeTimers } from '../fakes/hurry.ts'
import { context, recordOf, reports, skipped } from '../unit/runs.ts'

const key = 'pipeline/verify/'
const before = { ...process.env }
const stepMs = 1000

let fake: GitHubFake
let nowMs: number
let writes: { readonly atMs: number; readonly what: string }[]
let seen: number
const never = new AbortController().signal

beforeEach(() => {
  // @actions/github reads the address when it is loaded.
  jest.resetModules()
  nowMs = 0
  writes = []
  seen = 0
})
afterEach(async () => {
  jest.useRealTimers()
  process.env = { ...before }
  expect(fake.violations).toEqual([])
  await fake.close()
})

async function start(options: GitHubFakeOptions = {}): Promise<void> {
  fake = await startGitHubFake({ token: 'ghs_ours', ...options })
  process.env.GITHUB_API_URL = fake.url
  fakeTimers()
}

/** Lets the run's own time pass; what it asks of GitHub takes real time. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    nowMs += stepMs
    await jest.advanceTimersByTimeAsync(stepMs)
    await pause(8)
    note()
  }
}

function note(): void {
  for (const { method, path, status } of fake.requests.slice(seen)) {
    seen += 1
    if (method !== 'GET' && path !== '/graphql') writes.push({ atMs: nowMs, what: `${method} ${status}` })
  }
}

/** Lets time pass until something is true of the comments. */
async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (let steps = 0; !isTrue(); steps += 1) {
    if (steps > 1000) throw new Error(`never came true: ${what}`)
    await pass(stepMs)
  }
}

async function hurry<T>(work: Promise<T>): Promise<T> {
  let isDone = false
  const settled = work.finally(() => {
    isDone = true
  })
  settled.catch(() => {})
  await until('the work has ended', () => isDone)
  return await settled
}

const loading = recordOf({ load: { status: 'running', durationMs: null, data: null, progress: 'began' } })

/** A run that says something new every second. */
async function follow({ ownKey = key, run = { id: 42, attempt: 1 } as RunNumber | null, signal = never, record = structuredClone(loading) } = {}) {
  const { liveComment } = await import('../../src/adapters/github/live-comment.ts')
  const target = { token: 'ghs_ours', repository: 'octo-org/service', pullRequest: 7, key: ownKey, run }
  const usualMs = (name: string, previous: Snapshot | null) => previous?.stages[name] ?? null
  const live = liveComment({ target, context, environment: 'kind', usualMs, signal, now: () => nowMs })
  live.watch(record)
  let count = 0
  const talking = setInterval(() => {
    const load = record.stages.at(-1)
    if (load) load.progress = `${++count} requests so far`
    live.changed()
  }, stepMs)
  return {
    record,
    /** Ends the run with a last page. */
    finish: async (page: Parameters<LiveComment['finish']>[0] = 'the last page', own: AbortSignal = never): Promise<CommentOutcome> => {
      clearInterval(talking)
      return await hurry(live.finish(page, own))
    },
    stopTalking: () => clearInterval(talking),
  }
}

const bodies = () => fake.comments().map(({ body }) => body)
const ours = () => bodies().filter((body) => body.startsWith('<!-- mlops-pipeline-action'))
const isLive = () => ours().some((body) => body.includes('Pipeline running'))
const said = () => writes.map(({ what }) => what)
const notice = (outcome: CommentOutcome) => ('notice' in outcome ? outcome.notice : `there is a comment: ${outcome.url}`)

/** Writes that GitHub may have made, never closer than ten seconds and never more than twelve in two minutes. */
function expectWithinBudget(): void {
  const times = writes.map(({ atMs }) => atMs)
  for (const [index, atMs] of times.entries()) {
    // We look every second.
    if (index > 0) expect(atMs - (times[index - 1] as number)).toBeGreaterThanOrEqual(10_000 - stepMs)
    expect(times.filter((other) => other >= atMs && other <= atMs + 120_000).length).toBeLessThanOrEqual(12)
  }
}

describe('the comment of a run', () => {
  test('is there within seconds, follows it, and is its report at the end: one comment all along', async () => {
    await start({ comments: othersComments(2) })
    const run = await follow()
    await until('it is there', isLive)
    expect(nowMs).toBeLessThan(5000)
    expect(ours()[0]).toMatch(/\| ⏳ \| Load \(10 VUs for 30 s\)<br><sub>\d+ requests so far<\/sub> \|/)
    const first = ours()[0]
    await until('it has followed', () => ours()[0] !== first)
    expect(await run.finish()).toEqual({ url: fake.comments().at(-1)?.html_url })
    expect(bodies()).toEqual(['Remark 1', 'Remark 2', `${commentMarker(key, { id: 42, attempt: 1 })}\nthe last page`])
    expectWithinBudget()
    await pass(30_000)
    expect(ours()[0]).toContain('the last page')
  }, 60_000)

  test('keeps to its budget, however much is said, the last edit included', async () => {
    await start()
    const run = await follow()
    await pass(200_000)
    await run.finish()
    expect(writes.length).toBeGreaterThan(15)
    expectWithinBudget()
    expect(ours()).toEqual([expect.stringContaining('the last page')])
  }, 60_000)

  test('takes up the one of the run before, as the 131st of 131, carries its numbers on, and knows from it what is usual', async () => {
    const snapshot: Snapshot = { ...snapshotOf(reports.passed, null), runId: 41, stages: { load: 77_000 } }
    const old = `${commentMarker(key)}\n${withSnapshot(snapshot, 'old')}`
    await start({ comments: [...othersComments(130), { login: 'github-actions[bot]', body: old }] })
    const run = await follow()
    await until('it runs', isLive)
    expect(ours()).toEqual([expect.stringContaining('| 1 min 17 s |')])
    expect(decodeSnapshot(ours()[0] ?? '')?.runId).toBe(41)
    await run.finish((previous) => `after ${previous?.runId}`)
    expect(ours()).toEqual([`${commentMarker(key, { id: 42, attempt: 1 })}\nafter 41`])
    expect(fake.comments()).toHaveLength(131)
  }, 60_000)

  test('is not edited any more when every stage has come to rest, so that the last edit need not wait', async () => {
    await start()
    const run = await follow()
    await until('it runs', isLive)
    for (const stage of run.record.stages) stage.status = 'passed'
    await pass(30_000)
    expect(writes).toHaveLength(1)
    await run.finish()
    expect(said()).toEqual(['POST 201', 'PATCH 200'])
  }, 60_000)

  test('stays as it is when the run is cancelled: post writes the last page', async () => {
    await start()
    const controller = new AbortController()
    await follow({ signal: controller.signal })
    await until('it runs', isLive)
    controller.abort(new Error('cancelled'))
    const [body] = ours()
    await pass(60_000)
    expect(ours()).toEqual([body])
    expect(writes).toHaveLength(1)
  }, 60_000)

  test('of a run that ends before its first second is written once', async () => {
    await start()
    const run = await follow()
    await run.finish()
    expect(said()).toEqual(['POST 201'])
  }, 60_000)

  test('before any stage is begun is there all the same', async () => {
    await start()
    const record = recordOf(Object.fromEntries(recordOf().stages.map(({ name }) => [name, { ...skipped, status: 'pending' as const }])))
    const run = await follow({ record })
    await until('it runs', isLive)
    expect(ours()[0]).toContain('| · | Boot the cluster |')
    await run.finish()
  }, 60_000)
})

const secondary = {
  status: 403,
  body: {
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    documentation_url: 'https://docs.github.com/rest',
  },
  headers: { 'retry-after': '25' },
}

describe('a passing fault', () => {
  test.each<[string, Parameters<GitHubFake['fail']>[0]]>([
    ['502 for the list', { method: 'GET', status: 502, times: 2 }],
    ['502 for who we are', { path: /^\/graphql$/, status: 502 }],
    ['502 for the writing', { method: 'POST', path: /comments$/, status: 502 }],
    ['502 after the writing was done', { method: 'POST', path: /comments$/, status: 502, applied: true }],
    ['a connection cut after the writing was done', { method: 'POST', path: /comments$/, status: 'reset', applied: true }],
    ['a connection cut before it', { method: 'POST', path: /comments$/, status: 'reset' }],
    ['silence', { method: 'POST', path: /comments$/, status: 'hang' }],
    ['silence after the writing was done', { method: 'POST', path: /comments$/, status: 'hang', applied: true }],
    ['429', { method: 'POST', path: /comments$/, status: 429, headers: { 'retry-after': '25' } }],
    ['a secondary limit', { method: 'POST', path: /comments$/, ...secondary }],
    ['404', { method: 'GET', path: /comments$/, status: 404 }],
    ['502 for an edit', { method: 'PATCH', status: 502 }],
    ['502 after an edit was done', { method: 'PATCH', status: 502, applied: true }],
    ['404 for an edit', { method: 'PATCH', status: 404 }],
    ['502 for the look before an edit', { method: 'GET', path: /comments\/\d+$/, status: 502 }],
  ])(
    'such as %s is met, within the budget, and there is one comment',
    async (_, fault) => {
      await start()
      fake.fail(fault)
      const run = await follow()
      await until('it runs', isLive)
      const [first] = ours()
      await until('it follows', () => ours()[0] !== first)
      await pass(20_000)
      expectWithinBudget()
      expect(await run.finish()).toHaveProperty('url')
      expect(ours()).toEqual([expect.stringContaining('the last page')])
    },
    60_000,
  )

  test('that GitHub wants to be left alone after is not met with requests', async () => {
    await start()
    fake.fail({ method: 'POST', path: /comments$/, status: 429, headers: { 'retry-after': '40' } })
    const run = await follow()
    await until('it was refused', () => fake.requests.some(({ status }) => status === 429))
    const asked = fake.requests.length
    await pass(30_000)
    expect(fake.requests).toHaveLength(asked)
    await until('it runs', isLive)
    await run.finish()
  }, 60_000)

  test('that is a comment deleted in mid-run makes it anew, once', async () => {
    await start()
    const run = await follow()
    await until('it runs', isLive)
    const [{ id } = { id: 0 }] = fake.comments()
    const headers = { authorization: 'token ghs_ours', 'user-agent': 'test' }
    await fetch(`${fake.url}/repos/octo-org/service/issues/comments/${id}`, { method: 'DELETE', headers })
    expect(ours()).toEqual([])
    await until('it is there again', isLive)
    await pass(20_000)
    await run.finish()
    expect(ours()).toEqual([expect.stringContaining('the last page')])
    expect(said().filter((what) => what.startsWith('POST'))).toHaveLength(2)
  }, 60_000)
})

describe('without a comment the run goes on', () => {
  test('when the token may only read: one attempt, and the notice at the end', async () => {
    await start({ readOnly: true })
    const run = await follow()
    await pass(60_000)
    expect(said()).toEqual(['POST 403'])
    expect(notice(await run.finish())).toMatch(/^No comment: the token may only read/)
    expect(said()).toEqual(['POST 403', 'POST 403'])
  }, 60_000)

  test('when GitHub does not take what it is sent: one attempt, and the notice at the end', async () => {
    await start()
    fake.fail({ method: 'POST', path: /comments$/, status: 422, times: 1000 })
    const run = await follow()
    await pass(60_000)
    expect(said()).toEqual(['POST 422'])
    expect(notice(await run.finish())).toMatch(/^No comment: /)
  }, 60_000)

  test.each<[string, Parameters<GitHubFake['fail']>[0]]>([
    ['answers 503 to everything', { status: 503, times: 10_000 }],
    ['cuts every connection', { status: 'reset', times: 10_000 }],
    ['never answers', { status: 'hang', times: 10_000 }],
    ['throttles everything', { ...secondary, times: 10_000 }],
  ])(
    'when GitHub %s from start to end: it is asked ever less often, and the run is told at its end',
    async (_, fault) => {
      await start()
      fake.fail(fault)
      const run = await follow()
      await pass(150_000)
      // Who we are and the list, eight times at most.
      expect(fake.requests.length).toBeLessThanOrEqual(16)
      expect(fake.requests.length).toBeGreaterThan(4)
      const outcome = await run.finish()
      expect(notice(outcome)).toMatch(/^No comment: /)
      expect(bodies()).toEqual([])
    },
    60_000,
  )

  test('when the run itself has no time left to wait', async () => {
    await start()
    fake.fail({ status: 'hang', times: 10_000 })
    const run = await follow()
    await pass(3000)
    const controller = new AbortController()
    run.stopTalking()
    const finishing = run.finish('the last page', controller.signal)
    controller.abort(new Error('cancelled by SIGINT'))
    const told = await finishing.then(notice, (error: Error) => error.message)
    expect(told).toContain('cancelled by SIGINT')
  }, 60_000)
})

describe('runs side by side', () => {
  test('of two jobs of a matrix have a comment each', async () => {
    await start()
    const keys = ['pipeline/verify/{"arch":"arm64"}', 'pipeline/verify/{"arch":"amd64"}']
    const runs = await Promise.all(keys.map((ownKey) => follow({ ownKey })))
    await until('both are there', () => ours().length === 2)
    await pass(30_000)
    await Promise.all(runs.map((run, index) => run.finish(`of ${keys[index]}`)))
    expect(ours().toSorted()).toEqual(keys.map((ownKey) => `${commentMarker(ownKey, { id: 42, attempt: 1 })}\nof ${ownKey}`).toSorted())
  }, 60_000)

  test('of one key: the older goes on and leaves the comment to the newer, live and at its end', async () => {
    await start()
    const older = await follow({ run: { id: 41, attempt: 2 } })
    await until('the older one is there', isLive)
    const newer = await follow({ run: { id: 42, attempt: 1 } })
    const isOfNewer = () => ours()[0]?.startsWith(commentMarker(key, { id: 42, attempt: 1 })) === true
    await until('the newer took it over', isOfNewer)
    for (let steps = 0; steps < 30; steps += 1) {
      await pass(stepMs)
      expect(isOfNewer()).toBe(true)
    }
    expect(await newer.finish()).toHaveProperty('url')
    expect(notice(await older.finish('of the older'))).toBe('The comment is left to a newer run (42).')
    expect(ours()).toEqual([`${commentMarker(key, { id: 42, attempt: 1 })}\nthe last page`])
  }, 60_000)
})
