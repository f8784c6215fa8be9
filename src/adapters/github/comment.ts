import { getOctokit } from '@actions/github'
import pRetry from 'p-retry'
import { messageOf } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'
import { shortHash } from './context.ts'

/** Longest body GitHub takes, in characters. */
export const commentLimit = 65_536

export interface CommentTarget {
  readonly token: string
  /** `owner/name`. */
  readonly repository: string
  readonly pullRequest: number
  /** Tells our comments of different jobs apart. */
  readonly key: string
}

export type CommentOutcome =
  | { readonly url: string }
  | {
      readonly notice: string
      /** The token was accepted and may not write, as on pull requests from forks. */
      readonly readOnly?: boolean
    }

/** The invisible line our comment is found by. A hash, so that no key can end the HTML comment. */
export function commentMarker(key: string): string {
  return `<!-- mlops-pipeline-action ${shortHash(key)} -->`
}

/**
 * Creates the pull request's comment or edits the one this job wrote before. A comment of somebody
 * else that quotes our marker is left alone. Passing faults are tried again, each time from the
 * start, so that an answer that was lost never makes a second comment.
 * @returns its address, or why there is none: a comment is never a reason to fail
 */
export async function upsertComment(target: CommentTarget, markdown: string, signal: AbortSignal): Promise<CommentOutcome> {
  try {
    return await withDeadline(commentDeadlineMs, signal, (own) => upsert(target, markdown, own))
  } catch (error) {
    return { notice: explain(error), ...(statusOf(error) === 403 && !isRateLimit(error) && { readOnly: true }) }
  }
}

/** Longest that GitHub's API may keep a run waiting, in milliseconds. */
const commentDeadlineMs = 30_000

async function upsert({ token, repository, pullRequest, key }: CommentTarget, markdown: string, signal: AbortSignal): Promise<CommentOutcome> {
  const [owner = '', repo = ''] = repository.split('/')
  const octokit = getOctokit(token)
  const marker = commentMarker(key)
  const body = `${marker}\n${markdown}`
  const request = { signal }
  const attempt = async (): Promise<CommentOutcome> => {
    const [login, comments] = await Promise.all([
      ownLogin(octokit, signal),
      octokit.paginate(octokit.rest.issues.listComments, { owner, repo, issue_number: pullRequest, per_page: 100, request }),
    ])
    const own = comments.find((comment) => comment.body?.startsWith(marker) && sameLogin(comment.user?.login, login))
    const { data } = own
      ? await octokit.rest.issues.updateComment({ owner, repo, comment_id: own.id, body, request })
      : await octokit.rest.issues.createComment({ owner, repo, issue_number: pullRequest, body, request })
    return { url: data.html_url }
  }
  return await pRetry(attempt, {
    retries: 3,
    minTimeout: 500,
    maxTimeout: 5000,
    maxRetryTime: 20_000,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => isTransient(error),
  })
}

/** The login our comments carry. A workflow token may not read `/user`; GraphQL answers it. */
async function ownLogin(octokit: ReturnType<typeof getOctokit>, signal: AbortSignal): Promise<string> {
  const { viewer } = await octokit.graphql<{ viewer: { login: string } }>('query { viewer { login } }', { request: { signal } })
  return viewer.login
}

/** GraphQL and REST do not agree on the suffix of a bot's login. */
function sameLogin(a: string | undefined, b: string): boolean {
  const plain = (login: string) => login.toLowerCase().replace(/\[bot\]$/, '')
  return a !== undefined && plain(a) === plain(b)
}

function statusOf(error: unknown): number | undefined {
  const { status } = error as { status?: unknown }
  return typeof status === 'number' ? status : undefined
}

/** Server errors, throttling and lost connections pass; refusals do not. Octokit gives a lost connection status 500. */
function isTransient(error: unknown): boolean {
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 429 || status === 404 || isRateLimit(error)
}

/** GitHub's secondary limits answer 403 too. */
function isRateLimit(error: unknown): boolean {
  return error instanceof Error && /rate limit/i.test(error.message)
}

function explain(error: unknown): string {
  const words = messageOf(error)
  if (isRateLimit(error)) return `No comment: ${words}`
  switch (statusOf(error)) {
    case 401:
      return `No comment: GitHub does not accept github-token (${words}).`
    case 403:
      return `No comment: the token may only read (${words}). Give the job "permissions: pull-requests: write"; a pull request from a fork or Dependabot never gets more.`
    default:
      return `No comment: ${words}`
  }
}
