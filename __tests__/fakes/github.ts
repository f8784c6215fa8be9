import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, type Fault, faultAnswer, meets, problem } from './github-answer.ts'
import type { Comment } from './github-comment.ts'
import { type SeedArtifact, type SeedPull, type StoreRequest, startRuns } from './github-runs.ts'
import { createThreads } from './github-threads.ts'
import { serveOnLoopback } from './loopback.ts'
import { readOpenApi } from './openapi.ts'

export type { Fault } from './github-answer.ts'
export type { Comment } from './github-comment.ts'
export type { SeedArtifact, SeedPull } from './github-runs.ts'

const REPOSITORY_ID = 740_912_345
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** A comment that is there before the test starts. */
export interface SeedComment {
  login: string
  body: string
  /** Default: the first of `issues`. */
  issueNumber?: number
}

export interface GitHubFakeOptions {
  /** `owner/name`; every other repository answers 404. Default `octo-org/service`. */
  repository?: string
  /** Numbers of the pull requests that exist; every other one answers 404. Default `[7]`. */
  issues?: [number, ...number[]]
  /** Comments written earlier, oldest first. `othersComments(130)` makes some. */
  comments?: SeedComment[]
  /** Pull requests that can be listed; comments are on `issues`. Default none. */
  pulls?: SeedPull[]
  /** Artifacts of runs; a test may add to it. Default none. */
  artifacts?: SeedArtifact[]
  /** Who the token belongs to: author of what is posted, and GraphQL's viewer. Default `github-actions[bot]`. */
  login?: string
  /** The one token that is accepted; without it any token is, and none. */
  token?: string
  /** Writes answer 403, as they do for a pull request from a fork. Default false. */
  readOnly?: boolean
}

export interface RecordedRequest {
  method: string
  /** With its query. Neither headers nor bodies are kept, so no token can end up in a snapshot. */
  path: string
  status: Fault['status']
  at: Date
}

/** A running fake of api.github.com. */
export type GitHubFake = Awaited<ReturnType<typeof startGitHubFake>>

/** Comments by other people, none of which the action may touch. */
export function othersComments(count: number): SeedComment[] {
  return Array.from({ length: count }, (_, index) => ({ login: `reviewer-${index % 5}`, body: `Remark ${index + 1}` }))
}

/**
 * Starts a stateful fake of api.github.com on a free port of 127.0.0.1: what an upserted pull request comment needs, and what
 * is needed to find a run's artifacts and its pull request, no more.
 * Requests and responses are checked against GitHub's own OpenAPI; what breaks it is answered 422 and listed in `violations`.
 */
export async function startGitHubFake(options: GitHubFakeOptions = {}) {
  const { repository = 'octo-org/service', issues = [7], login = 'github-actions[bot]', readOnly = false } = options
  const requests: RecordedRequest[] = []
  const violations: string[] = []
  const faults: Array<Fault & { left: number }> = []
  const operationOf = readOpenApi()

  const { url, close } = await serveOnLoopback(respond, (error) => {
    violations.push(`the fake itself failed: ${String(error)}`)
  })
  const linkRoot = `${url}/repositories/${REPOSITORY_ID}`
  const { pulls = [], artifacts = [] } = options
  const runs = await startRuns({ pulls, artifacts, apiUrl: url, linkRoot })
  const threads = createThreads({ apiUrl: url, repository, issues, login, readOnly, linkRoot })
  const seed = (comments: readonly SeedComment[]) => {
    for (const [index, { issueNumber = issues[0], login: author, body }] of comments.entries()) {
      threads.add(issueNumber, author, body, new Date(Date.now() - DAY_MS + index * MINUTE_MS))
    }
  }
  seed(options.comments ?? [])

  function respond(request: IncomingMessage, response: ServerResponse, text: string): void {
    const method = request.method ?? 'GET'
    const target = new URL(request.url ?? '/', url)
    const record = (status: Fault['status']) => requests.push({ method, path: target.pathname + target.search, status, at: new Date() })
    const reply = (given: Answer): void => {
      record(given.status)
      send(response, given)
    }
    const fault = faults.find((candidate) => candidate.left > 0 && meets(candidate, method, target.pathname))
    if (!fault) {
      reply(answer(method, target, text, request))
      return
    }
    fault.left--
    if (fault.applied) answer(method, target, text, request)
    if (typeof fault.status === 'number') {
      reply(faultAnswer(fault.status, fault))
      return
    }
    record(fault.status)
    if (fault.status === 'reset') request.socket.destroy()
  }

  function answer(method: string, target: URL, text: string, request: IncomingMessage): Answer {
    const violated = (reasons: string[], given: Answer): Answer => {
      violations.push(`${method} ${target.pathname}${target.search}: ${reasons.join('; ')}`)
      return given
    }
    const refused = refusal(request, options.token)
    if (refused) return refused
    let body: unknown
    try {
      body = text === '' ? undefined : JSON.parse(text)
    } catch {
      return violated(['the body is no JSON'], problem(400, 'Problems parsing JSON'))
    }
    if (target.pathname === '/graphql') {
      if (method === 'POST' && asksForViewer(body)) return { status: 200, body: { data: { viewer: { login } } } }
      const given = { status: 200, body: { errors: [{ message: 'Not in the fake' }] } }
      return violated(['the fake answers POST { viewer { login } } only'], given)
    }
    const canonical = new URL(target)
    canonical.pathname = target.pathname.replace(`/repositories/${REPOSITORY_ID}/`, `/repos/${repository}/`)
    const operation = operationOf(method, canonical)
    if (!operation) return violated(['the fake has no such route'], problem(404, 'Not Found'))
    const wrong = operation.request(body)
    if (wrong.length > 0) return violated(wrong, problem(422, 'Invalid request.', { errors: [] }))
    const given = runs.answer(operation, target.search) ?? threads.answer(method, operation, body, target.search)
    const wronglyAnswered = operation.response(given.status, given.body)
    return wronglyAnswered.length > 0 ? violated(wronglyAnswered, given) : given
  }

  return {
    /** Root for `GITHUB_API_URL` and Octokit's `baseUrl`; GraphQL is at `/graphql` below it. */
    url,
    /** Everything that was asked, in order. */
    requests: requests as readonly RecordedRequest[],
    /** What broke GitHub's specification, a sentence each. Tests expect none. */
    violations: violations as readonly string[],
    /** The comments of a pull request (default: the first) as they are now, oldest first. */
    comments: (issueNumber: number = issues[0]): Comment[] => threads.read(issueNumber),
    /** Adds comments that were written earlier, oldest first. */
    seed,
    /** Everything the blob store was asked, which artifacts are downloaded from. */
    storeRequests: runs.asked as readonly StoreRequest[],
    /** Makes the next matching requests fail. Faults are used up in the order in which they were given. */
    fail: (fault: Fault): void => {
      faults.push({ ...fault, left: fault.times ?? 1 })
    },
    /** Ends all faults. */
    recover: (): void => {
      faults.length = 0
    },
    /** Stops the servers and cuts what still hangs. */
    close: async (): Promise<void> => {
      await Promise.all([close(), runs.close()])
    },
  }
}

function refusal({ headers }: IncomingMessage, token: string | undefined): Answer | undefined {
  if (!headers['user-agent']) return problem(403, 'Request forbidden by administrative rules (no User-Agent)')
  if (token === undefined) return undefined
  const given = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1]
  if (given === token) return undefined
  return problem(401, given === undefined ? 'Requires authentication' : 'Bad credentials')
}

function asksForViewer(body: unknown): boolean {
  const query = (body as { query?: unknown } | undefined)?.query
  return typeof query === 'string' && /^\s*(query\b\s*\w*\s*)?\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*$/.test(query)
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const isText = typeof body === 'string'
  const contentType = isText ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(status, {
    ...(body === undefined ? {} : { 'content-type': contentType }),
    'x-ratelimit-limit': '1000',
    'x-ratelimit-remaining': '990',
    'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3600),
    ...headers,
  })
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body))
}
