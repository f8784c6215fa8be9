import { getOctokit } from '@actions/github'
import { statusOf } from './api-error.ts'
import { persistently } from './api-retry.ts'

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
  return await persistently(() => read(octokit, { owner, repo, request: { signal } }), mayPass, signal)
}

/** Server errors, throttling and lost connections pass; refusals do not. */
function mayPass(error: Error): boolean {
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 429 || (status === 403 && /rate limit/i.test(error.message))
}
