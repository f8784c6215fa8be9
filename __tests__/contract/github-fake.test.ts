import { getOctokit } from '@actions/github'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type GitHubFake, type GitHubFakeOptions, othersComments, startGitHubFake } from '../fakes/github.ts'

const PULL = { owner: 'octo-org', repo: 'service', issue_number: 7 }
const MARKER = '<!-- mlops-pipeline:default -->'

let fake: GitHubFake
afterEach(() => fake.close())

async function connect(options: GitHubFakeOptions = {}, token = 'a-token') {
  fake = await startGitHubFake({ token: 'a-token', ...options })
  const octokit = getOctokit(token, { baseUrl: fake.url })
  const { repo, owner } = PULL
  return {
    octokit,
    list: () => octokit.paginate(octokit.rest.issues.listComments, { ...PULL, per_page: 100 }),
    create: (body: string) => octokit.rest.issues.createComment({ ...PULL, body }),
    update: (comment_id: number, body: string) => octokit.rest.issues.updateComment({ owner, repo, comment_id, body }),
    remove: (comment_id: number) => octokit.rest.issues.deleteComment({ owner, repo, comment_id }),
    get: (comment_id: number) => octokit.rest.issues.getComment({ owner, repo, comment_id }),
  }
}

describe('comments', () => {
  test('live through create, read, update and delete', async () => {
    const { create, get, update, remove } = await connect()
    const created = await create(`${MARKER}\nfirst`)
    expect(created.status).toBe(201)
    expect(created.headers.location).toBe(created.data.url)
    expect(created.data).toMatchObject({
      body: `${MARKER}\nfirst`,
      html_url: `https://github.com/octo-org/service/pull/7#issuecomment-${created.data.id}`,
      user: { login: 'github-actions[bot]', type: 'Bot' },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    })
    expect((await update(created.data.id, `${MARKER}\nsecond`)).data.body).toBe(`${MARKER}\nsecond`)
    expect((await get(created.data.id)).data.body).toBe(`${MARKER}\nsecond`)
    expect(fake.comments()).toMatchObject([{ id: created.data.id, body: `${MARKER}\nsecond` }])
    expect((await remove(created.data.id)).status).toBe(204)
    expect(fake.comments()).toEqual([])
    await expect(get(created.data.id)).rejects.toMatchObject({ status: 404 })
    expect(fake.requests.map(({ method, status }) => `${method} ${status}`)).toEqual(['POST 201', 'PATCH 200', 'GET 200', 'DELETE 204', 'GET 404'])
    expect(fake.violations).toEqual([])
  })

  test('come in pages whose links Octokit follows', async () => {
    const { list, octokit } = await connect({
      comments: [...othersComments(130), { login: 'mallory', body: `${MARKER} not yours` }],
    })
    const comments = await list()
    expect(comments).toHaveLength(131)
    expect(comments.at(-1)).toMatchObject({ user: { login: 'mallory', type: 'User' }, body: `${MARKER} not yours` })
    expect(fake.requests).toHaveLength(2)
    const second = await octokit.rest.issues.listComments({ ...PULL, page: 2 })
    expect(second.data).toHaveLength(30)
    expect(second.headers.link?.match(/page=\d+>; rel="\w+"/g)).toEqual([
      'page=1>; rel="prev"',
      'page=1>; rel="first"',
      'page=3>; rel="next"',
      'page=5>; rel="last"',
    ])
    expect((await octokit.rest.issues.listComments({ ...PULL, per_page: 500 })).data).toHaveLength(100)
    expect(fake.violations).toEqual([])
  })

  test('have at most 65,536 characters, and at least one', async () => {
    const { create } = await connect()
    expect((await create('x'.repeat(65_536))).status).toBe(201)
    await expect(create('x'.repeat(65_537))).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('Body is too long'),
    })
    await expect(create(' ')).rejects.toMatchObject({ status: 422 })
    expect(fake.violations).toEqual([])
  })

  test('exist only in the repository and pull request of the fake', async () => {
    const { octokit } = await connect()
    await expect(octokit.rest.issues.listComments({ ...PULL, issue_number: 8 })).rejects.toMatchObject({ status: 404 })
    await expect(octokit.rest.issues.listComments({ ...PULL, repo: 'other' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('the token', () => {
  test('is refused when it is another one', async () => {
    const { list } = await connect({}, 'wrong')
    await expect(list()).rejects.toMatchObject({ status: 401, message: expect.stringContaining('Bad credentials') })
  })

  test('of a fork reads and cannot write', async () => {
    const { list, create, update, remove } = await connect({ readOnly: true, comments: othersComments(1) })
    const [comment] = await list()
    const denied = { status: 403, message: expect.stringContaining('Resource not accessible by integration') }
    await expect(create('hello')).rejects.toMatchObject(denied)
    await expect(update(comment?.id ?? 0, 'hello')).rejects.toMatchObject(denied)
    await expect(remove(comment?.id ?? 0)).rejects.toMatchObject(denied)
    expect(fake.comments()).toMatchObject([{ body: 'Remark 1' }])
  })

  test('has no user in REST and names its viewer in GraphQL', async () => {
    const { octokit } = await connect({ login: 'my-app[bot]' })
    await expect(octokit.rest.users.getAuthenticated()).rejects.toMatchObject({ status: 403 })
    expect(await octokit.graphql('query { viewer { login } }')).toEqual({ viewer: { login: 'my-app[bot]' } })
    expect(fake.violations).toEqual([])
  })
})

describe('a fault', () => {
  test.each([403, 404, 422, 502])('with status %i is met once, then all is well', async (status) => {
    const { list } = await connect()
    fake.fail({ status })
    await expect(list()).rejects.toMatchObject({ status })
    await expect(list()).resolves.toEqual([])
  })

  test('of the rate limit says when to come back', async () => {
    const { create } = await connect()
    fake.fail({ method: 'post', status: 429, headers: { 'retry-after': '30' }, times: 2 })
    for (const _ of [1, 2]) {
      await expect(create('hello')).rejects.toMatchObject({
        status: 429,
        response: { headers: { 'retry-after': '30' } },
      })
    }
    expect((await create('hello')).status).toBe(201)
  })

  test('is met by the matching requests only', async () => {
    const { list, create } = await connect()
    fake.fail({ method: 'POST', path: /\/issues\/7\//, status: 403, body: { message: 'Not today' } })
    await expect(list()).resolves.toEqual([])
    await expect(create('hello')).rejects.toMatchObject({ status: 403, message: expect.stringContaining('Not today') })
  })

  test('can reset the connection, even after the change was made', async () => {
    const { create } = await connect()
    fake.fail({ status: 'reset' })
    await expect(create('lost')).rejects.toThrow()
    fake.fail({ status: 'reset', applied: true })
    await expect(create('made')).rejects.toThrow()
    expect(fake.comments().map(({ body }) => body)).toEqual(['made'])
    expect(fake.requests.map(({ status }) => status)).toEqual(['reset', 'reset'])
  })

  test('can leave a request hanging until the fake closes', async () => {
    const { octokit } = await connect()
    fake.fail({ status: 'hang' })
    const request = { signal: AbortSignal.timeout(100) }
    await expect(octokit.rest.issues.listComments({ ...PULL, request })).rejects.toThrow()
    expect(request.signal.aborted).toBe(true)
    expect(fake.requests).toMatchObject([{ status: 'hang' }])
  })
})

describe("what breaks GitHub's specification", () => {
  test('is answered 422 and listed', async () => {
    const { octokit } = await connect()
    const route = 'POST /repos/octo-org/service/issues/7/comments'
    await expect(octokit.request(route, { text: 'hello' })).rejects.toMatchObject({ status: 422 })
    await expect(octokit.request(route, { body: 5 })).rejects.toMatchObject({ status: 422 })
    await expect(octokit.request(`${route.replace('POST', 'GET')}?pages=2`)).rejects.toMatchObject({ status: 422 })
    await expect(octokit.request('GET /repos/octo-org/service/issues/seven/comments')).rejects.toMatchObject({
      status: 422,
    })
    await expect(octokit.request('GET /repos/octo-org/service/pulls/7')).rejects.toMatchObject({ status: 404 })
    await expect(octokit.graphql('{ viewer { id } }')).rejects.toThrow('Not in the fake')
    expect(fake.violations).toEqual([
      expect.stringMatching(/^POST .*body must have required property 'body'.*additional properties.*text/),
      expect.stringMatching(/^POST .*body\/body must be string/),
      expect.stringMatching(/^GET .*query must NOT have additional properties.*pages/),
      expect.stringMatching(/^GET .*path\/issue_number must be integer/),
      expect.stringMatching(/^GET .*the fake has no such route/),
      expect.stringMatching(/^POST \/graphql: /),
    ])
  })
})
