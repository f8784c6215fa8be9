import { type Repository, readRepository } from './rest.ts'

export interface OpenPullRequest {
  readonly number: number
  readonly headSha: string
  /** `owner/name`; null when it was deleted. */
  readonly headRepository: string | null
}

/**
 * The open pull requests of a branch, a fork's included.
 * @param branch `owner:branch`
 */
export async function openPullRequests(repository: Repository, branch: string, signal: AbortSignal): Promise<OpenPullRequest[]> {
  const pulls = await readRepository(repository, signal, (octokit, place) =>
    octokit.paginate(octokit.rest.pulls.list, { ...place, head: branch, state: 'open', per_page: 100 }),
  )
  return pulls.map(({ number, head }) => ({ number, headSha: head.sha, headRepository: head.repo?.full_name ?? null }))
}
