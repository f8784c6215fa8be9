import '../fakes/realm.ts'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { type CommentOutcome, type CommentPage, commentLimit } from '../../src/adapters/github/comment.ts'
import { commentMarker, type RunNumber } from '../../src/adapters/github/comment-marker.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { type Snapshot, snapshotOf, withSnapshot } from '../../src/report/snapshot.ts'
import { eventually } from '../fakes/eventually.ts'
import { type GitHubFake, type GitHubFakeOptions, othersComments, startGitHubFake } from '../fakes/github.ts'
import { hurried } from '../fakes/hurry.ts'
import { type ForwardProxy, startProxy } from '../fakes/proxy.ts'
import { reports } from '../unit/runs.ts'

const key = 'pipeline/verify/'
const marker = commentMarker(key)
const never = new AbortController().signal
const before = { ...process.env }

let fake: GitHubFake
let proxy: ForwardProxy | undefined
beforeEach(() => {
  // @actions/github reads the address when it is loaded.
  jest.resetModules()
})
afterEach(async () => {
  process.env = { ...before }
  expect(fake.violations).toEqual([])
  await Promise.all([fake.close(), proxy?.close()])
  proxy = undefined
})

async function start(options: GitHubFakeOptions = {}): Promise<void> {
  fake = await startGitHubFake({ token: 'ghs_ours', ...options })
  process.env.GITHUB_API_URL = fake.url
}

interface Options {
  token?: string
  signal?: AbortSignal
  ownKey?: string
  pullRequest?: number
  run?: RunNumber | null
}

async function upsert(
  page: CommentPage,
  { token = 'ghs_ours', signal = never, ownKey = key, pullRequest = 7, run = null }: Options = {},
): Promise<CommentOutcome> {
  const { upsertComment } = await import('../../src/adapters/github/comment.ts')
  return await upsertComment({ token, repository: 'octo-org/service', pullRequest, key: ownKey, run }, page, signal)
}

const bodies = () => fake.comments().map(({ body }) => body)
const notice = (outcome: CommentOutcome) => ('notice' in outcome ? outcome.notice : `there is a comment: ${outcome.url}`)
const written = () => fake.requests.filter(({ method, path }) => method !== 'GET' && path !== '/graphql').map(({ method, status }) => `${method} ${status}`)

describe('the comment', () => {
  test('is created where there is none, with its marker before the text', async () => {
    await start({ comments: othersComments(3) })
    const outcome = await upsert('### Passed')
    expect(bodies()).toEqual(['Remark 1', 'Remark 2', 'Remark 3', `${marker}\n### Passed`])
    expect(outcome).toEqual({ url: fake.comments().at(-1)?.html_url })
    // Who we are, what there is, the writing, and whether somebody else did the same in this moment.
    expect(fake.requests).toHaveLength(4)
  })

  test('is the same one the second time, with the new text', async () => {
    await start()
    const first = await upsert('first')
    expect(await upsert('second')).toEqual(first)
    expect(bodies()).toEqual([`${marker}\nsecond`])
  })

  test('is found as the 131st of 131', async () => {
    await start({ comments: [...othersComments(130), { login: 'github-actions[bot]', body: `${marker}\nold` }] })
    await upsert('new')
    expect(fake.comments()).toHaveLength(131)
    expect(bodies().at(-1)).toBe(`${marker}\nnew`)
    expect(written()).toEqual(['PATCH 200'])
  })

  test('is found, too, when others commented after it', async () => {
    await start({ comments: [{ login: 'github-actions[bot]', body: `${marker}\nold` }, ...othersComments(130)] })
    await upsert('new')
    expect(bodies()[0]).toBe(`${marker}\nnew`)
    expect(fake.comments()).toHaveLength(131)
  })

  test('of somebody else that has our marker is left alone', async () => {
    await start({
      comments: [
        { login: 'mallory', body: `${marker}\nall is well` },
        { login: 'octocat', body: `> ${marker}\n\nwhat is this?` },
      ],
    })
    await upsert('failed')
    expect(bodies()).toEqual([`${marker}\nall is well`, `> ${marker}\n\nwhat is this?`, `${marker}\nfailed`])
  })

  test('of another job is left alone', async () => {
    await start()
    await upsert('of one job')
    await upsert('of another job', { ownKey: 'pipeline/verify/{"controller":"traefik"}' })
    expect(bodies()).toEqual([`${marker}\nof one job`, expect.stringMatching(/^<!-- .* -->\nof another job$/)])
  })

  test('of an app of one’s own is edited by that app', async () => {
    await start({ login: 'quality-gate[bot]', comments: [{ login: 'github-actions[bot]', body: `${marker}\nof the workflow's token` }] })
    await upsert('first')
    await upsert('second')
    expect(bodies()).toEqual([`${marker}\nof the workflow's token`, `${marker}\nsecond`])
  })

  test('of a person’s token is edited by that person', async () => {
    await start({ login: 'octocat' })
    await upsert('first')
    await upsert('second')
    expect(bodies()).toEqual([`${marker}\nsecond`])
  })

  test('goes through the proxy that the environment names', async () => {
    await start()
    proxy = await startProxy(fake.url)
    process.env.GITHUB_API_URL = 'http://api.github.test'
    process.env.http_proxy = proxy.url
    expect(await upsert('by proxy')).toHaveProperty('url')
    expect([...new Set(proxy.tunnels)]).toEqual(['api.github.test:80'])
  })
})

describe('a passing fault', () => {
  test.each([
    ['the list', { method: 'GET' }],
    ['the question who we are', { path: /^\/graphql$/ }],
    ['the writing', { method: 'POST', path: /comments$/ }],
  ])('of %s is met once, and there is one comment', async (_, where) => {
    await start()
    fake.fail({ ...where, status: 502 })
    expect(await hurried(() => upsert('text'))).toHaveProperty('url')
    expect(bodies()).toEqual([`${marker}\ntext`])
  })

  test('of the second page of the list is met, too', async () => {
    await start({ comments: [...othersComments(130), { login: 'github-actions[bot]', body: `${marker}\nold` }] })
    fake.fail({ path: /^\/repositories\//, status: 503 })
    await hurried(() => upsert('new'))
    expect(bodies().at(-1)).toBe(`${marker}\nnew`)
  })

  test.each([502, 'reset'] as const)('that lost the answer of a comment that was made (%s) makes no second one', async (status) => {
    await start()
    fake.fail({ method: 'POST', path: /comments$/, status, applied: true })
    expect(await hurried(() => upsert('text'))).toEqual({ url: fake.comments()[0]?.html_url })
    expect(bodies()).toEqual([`${marker}\ntext`])
    // What stands there already is not written again.
    expect(written()).toEqual([expect.stringMatching(/^POST/)])
  })

  test('that is a comment deleted in the meantime makes a new one', async () => {
    await start({ comments: [{ login: 'github-actions[bot]', body: `${marker}\nold` }] })
    fake.fail({ method: 'PATCH', status: 404 })
    // What answers 404 is not in the list of the next attempt either.
    const [old] = fake.comments()
    const deleting = eventually('the edit was refused', () => written().includes('PATCH 404')).then(() =>
      fetch(`${fake.url}/repos/octo-org/service/issues/comments/${old?.id}`, {
        method: 'DELETE',
        headers: { authorization: 'token ghs_ours', 'user-agent': 'test' },
      }),
    )
    const [outcome] = await Promise.all([upsert('new'), deleting])
    expect(outcome).toEqual({ url: fake.comments()[0]?.html_url })
    expect(bodies()).toEqual([`${marker}\nnew`])
  })

  test.each([
    ['429', { status: 429 }],
    [
      '403',
      {
        status: 403,
        body: {
          message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          documentation_url: 'https://docs.github.com/rest',
        },
        headers: { 'retry-after': '1' },
      },
    ],
  ])('of the rate limit, which is said with %s, is met once', async (_, fault) => {
    await start()
    fake.fail({ method: 'POST', path: /comments$/, ...fault })
    expect(await hurried(() => upsert('text'))).toHaveProperty('url')
  })
})

describe('without a comment there is a notice, never an error', () => {
  test('when the token may only read, with what to write into the workflow', async () => {
    await start({ readOnly: true })
    const text = notice(await upsert('text'))
    expect(text).toMatch(/^No comment: the token may only read \(.*Resource not accessible by integration.*pull-requests: write.*fork/)
    expect(written()).toEqual(['POST 403'])
  })

  test('when the token is not accepted', async () => {
    await start()
    expect(notice(await upsert('text', { token: 'ghs_old' }))).toMatch(/^No comment: GitHub does not accept github-token \(.*Bad credentials/)
    expect(fake.requests.length).toBeLessThanOrEqual(2)
  })

  test('when GitHub refuses the text, in its words, and at once', async () => {
    await start()
    expect(notice(await upsert('x'.repeat(commentLimit)))).toContain('Body is too long')
    expect(written()).toEqual(['POST 422'])
  })

  test('when the pull request is gone', async () => {
    await start()
    expect(notice(await hurried(() => upsert('text', { pullRequest: 8 })))).toMatch(/^No comment: .*Not Found/)
  })

  test('when GitHub stays down, after a limited number of attempts', async () => {
    await start()
    fake.fail({ method: 'GET', status: 503, times: 1000 })
    expect(notice(await hurried(() => upsert('text')))).toMatch(/^No comment: /)
    expect(fake.requests.filter(({ method }) => method === 'GET')).toHaveLength(4)
  })

  test('when GitHub takes the request and says nothing', async () => {
    await start()
    fake.fail({ method: 'POST', path: /comments$/, status: 'hang', times: 100 })
    // Half a minute at most: nobody waits longer for a comment.
    expect(notice(await hurried(() => upsert('text'), 500))).toMatch(/^No comment: /)
  }, 20_000)

  test('when the run is cancelled meanwhile', async () => {
    await start()
    fake.fail({ method: 'POST', path: /comments$/, status: 'hang' })
    const controller = new AbortController()
    const upserting = upsert('text', { signal: controller.signal })
    await eventually('it was asked', () => fake.requests.some(({ status }) => status === 'hang'))
    controller.abort(new Error('cancelled by SIGINT'))
    expect(notice(await upserting)).toBe('No comment: cancelled by SIGINT')
  })
})

describe('of two runs of one key', () => {
  const older = { id: 41, attempt: 3 }
  const newer = { id: 42, attempt: 1 }

  test('the newer takes the comment over, and the older leaves it alone and says so', async () => {
    await start()
    await upsert('of the older', { run: older })
    await upsert('of the newer', { run: newer })
    expect(bodies()).toEqual([`${commentMarker(key, newer)}\nof the newer`])
    expect(notice(await upsert('of the older again', { run: older }))).toBe('The comment is left to a newer run (42).')
    expect(bodies()).toEqual([`${commentMarker(key, newer)}\nof the newer`])
  })

  test('a later attempt is newer, and a comment of a version that told no run is older', async () => {
    await start({ comments: [{ login: 'github-actions[bot]', body: `${marker}\nold` }] })
    await upsert('second attempt', { run: { id: 42, attempt: 2 } })
    expect(notice(await upsert('first attempt', { run: newer }))).toBe('The comment is left to a newer run (42, attempt 2).')
    expect(bodies()).toEqual([`${commentMarker(key, { id: 42, attempt: 2 })}\nsecond attempt`])
  })

  test.each([1, 2, 3])('that begin in the same moment one comment is left, of the newer (turn %d)', async () => {
    await start()
    await Promise.all([upsert('of the older', { run: older }), upsert('of the newer', { run: newer })])
    expect(bodies()).toHaveLength(1)
    await upsert('of the newer, at its end', { run: newer })
    expect(bodies()).toEqual([`${commentMarker(key, newer)}\nof the newer, at its end`])
  })
})

test('two jobs of a matrix that write at once have a comment each', async () => {
  await start()
  const keys = ['pipeline/verify/{"arch":"arm64"}', 'pipeline/verify/{"arch":"amd64"}']
  await Promise.all(keys.map((ownKey) => upsert(`of ${ownKey}`, { ownKey })))
  expect(bodies().toSorted()).toEqual(keys.map((ownKey) => `${commentMarker(ownKey)}\nof ${ownKey}`).toSorted())
})

describe('the hidden snapshot of the run before', () => {
  const snapshot: Snapshot = { ...snapshotOf(reports.passed, null), runId: 41, sha: '0123456789ab' }

  test('is carried on by a text, and given to a page that replaces it', async () => {
    await start({ comments: [{ login: 'github-actions[bot]', body: `${marker}\n${withSnapshot(snapshot, 'old')}` }] })
    await upsert('live')
    expect(bodies()).toEqual([`${marker}\n${withSnapshot(snapshot, 'live')}`])
    await upsert((previous) => `after ${previous?.runId}`)
    expect(bodies()).toEqual([`${marker}\nafter 41`])
  })

  test('of somebody else is none', async () => {
    await start({ comments: [{ login: 'mallory', body: `${marker}\n${withSnapshot(snapshot, 'old')}` }] })
    await upsert((previous) => `after ${previous}`)
    expect(bodies().at(-1)).toBe(`${marker}\nafter null`)
  })
})

test('a limit that wants more than a minute is not waited for', async () => {
  await start()
  fake.fail({ method: 'POST', path: /comments$/, status: 429, headers: { 'retry-after': '3600' }, times: 1000 })
  expect(notice(await upsert('text'))).toMatch(/^No comment: .*secondary rate limit/)
  expect(written()).toEqual(['POST 429'])
})

test('a limit that stays is not hammered at', async () => {
  await start()
  fake.fail({ method: 'POST', path: /comments$/, status: 429, headers: { 'retry-after': '20' }, times: 1000 })
  expect(notice(await hurried(() => upsert('text'), 1000))).toMatch(/^No comment: .*secondary rate limit/)
  expect(written()).toHaveLength(4)
})

test('a report of any length fits, marker and all', async () => {
  await start()
  const long = { ...reports.passed, warnings: Array.from({ length: 3000 }, () => 'ünïcödé ☂ '.repeat(10)) }
  const page = renderMarkdown(long, { artifact: null }, { brief: true, limit: commentLimit - 200, size: (text) => text.length })
  expect(await upsert(page)).toHaveProperty('url')
  expect(bodies()[0]?.length).toBeLessThanOrEqual(commentLimit)
  expect(bodies()[0]).toContain('Left out for length: Warnings')
})
