import { getOctokit } from '@actions/github'
import pRetry from 'p-retry'

/** Where to ask: `owner/name`, and with which token. */
export interface Repository {
  readonly token: string
  readonly repository: string
}

type Octokit = ReturnType<typeof getOctokit>

/** Reads something of a repository; passing faults are tried again, 3 times at most and 20 s in all. */
export async function readRepository<T>(
  { token, repository }: Repository,
  signal: AbortSignal,
  read: (octokit: Octokit, place: { readonly owner: string; readonly repo: string; readonly request: { readonly signal: AbortSignal } }) => Promise<T>,
): Promise<T> {
  const [owner = '', repo = ''] = repository.split('/')
  const octokit = getOctokit(token)
  return await pRetry(() => read(octokit, { owner, repo, request: { signal } }), {
    retries: 3,
    minTimeout: 500,
    maxTimeout: 5000,
    maxRetryTime: 20_000,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => isTransient(error),
  })
}

/** Server errors, throttling and lost connections pass; refusals do not. */
function isTransient(error: Error): boolean {
  const { status } = error as { status?: unknown }
  return typeof status !== 'number' || status >= 500 || status === 429 || (status === 403 && /rate limit/i.test(error.message))
}
