import { getOctokit } from '@actions/github'
import { decodeSnapshot, type Snapshot, withSnapshot } from '../../report/snapshot.ts'
import { statusOf } from './api-error.ts'
import { commentMarker, isNewer, type RunNumber, readMarker } from './comment-marker.ts'

export interface CommentTarget {
  readonly token: string
  /** `owner/name`. */
  readonly repository: string
  readonly pullRequest: number
  /** Tells our comments of different jobs apart. */
  readonly key: string
  /** The workflow run that writes: of two runs of one key the newer stands. Null or missing: it gives way to nobody. */
  readonly run?: RunNumber | null
}

export type CommentOutcome =
  | { readonly url: string }
  | {
      readonly notice: string
      /** The token was accepted and may not write, as on pull requests from forks. */
      readonly readOnly?: boolean
    }

/**
 * What the comment shall say below its marker. Text carries the hidden snapshot of the run before on; a function is given that
 * snapshot and makes everything itself.
 */
export type CommentPage = string | ((previous: Snapshot | null) => string)

/** What GitHub said of a comment. */
interface Found {
  readonly id: number
  readonly html_url: string
  readonly body?: string | undefined
}

/** The one comment of a key on a pull request. */
export interface CommentThread {
  /**
   * Makes the comment or edits it, after a look at what stands: what a newer run wrote is left alone, and what says the same already is
   * not written again. The look makes it safe to try again after an answer that was lost.
   * @throws what Octokit throws
   */
  readonly put: (page: CommentPage, signal: AbortSignal) => Promise<CommentOutcome & { readonly wrote: boolean }>
  /** How many times a request was sent that writes, whatever became of it. */
  readonly writes: () => number
}

/** Nothing is asked before the first `put`; what GitHub answered once (who we are, which comment is ours) is remembered. */
export function commentThread({ token, repository, pullRequest, key, run = null }: CommentTarget): CommentThread {
  const [owner = '', repo = ''] = repository.split('/')
  const octokit = getOctokit(token)
  const { issues } = octokit.rest
  let login: string | undefined
  let id: number | undefined
  let previous: Snapshot | null = null
  let writes = 0

  /** Our comments of this key, oldest first. */
  const ownComments = async (signal: AbortSignal): Promise<readonly Found[]> => {
    const request = { signal }
    const [own, comments] = await Promise.all([
      login ?? ownLogin(octokit, signal),
      octokit.paginate(issues.listComments, { owner, repo, issue_number: pullRequest, per_page: 100, request }),
    ])
    login = own
    // A comment of somebody else that quotes our marker is none of ours.
    return comments.filter(({ body, user }) => readMarker(body, key) !== null && sameLogin(user?.login, own)).sort((a, b) => a.id - b.id)
  }

  const find = async (signal: AbortSignal): Promise<Found | undefined> => {
    if (id !== undefined) {
      try {
        return (await issues.getComment({ owner, repo, comment_id: id, request: { signal } })).data
      } catch (error) {
        if (statusOf(error) !== 404) throw error
        // Somebody deleted it.
        id = undefined
      }
    }
    return (await ownComments(signal))[0]
  }

  const edit = async ({ id: comment_id }: Found, body: string, signal: AbortSignal): Promise<string> => {
    writes += 1
    try {
      return (await issues.updateComment({ owner, repo, comment_id, body, request: { signal } })).data.html_url
    } catch (error) {
      if (statusOf(error) === 404) id = undefined
      throw error
    }
  }

  return {
    writes: () => writes,
    put: async (page, signal) => {
      const standing = await find(signal)
      const bodyOf = () => `${commentMarker(key, run)}\n${typeof page === 'string' ? withSnapshot(previous, page) : page(previous)}`
      const give = (other: RunNumber) => ({ notice: `The comment is left to a newer run (${runWords(other)}).`, wrote: false })
      if (standing) {
        id = standing.id
        previous ??= decodeSnapshot(standing.body ?? '')
        const other = readMarker(standing.body, key)?.run ?? null
        if (other !== null && isNewer(other, run)) return give(other)
        const body = bodyOf()
        if (sameText(standing.body, body)) return { url: standing.html_url, wrote: false }
        return { url: await edit(standing, body, signal), wrote: true }
      }
      writes += 1
      const { data: made } = await issues.createComment({ owner, repo, issue_number: pullRequest, body: bodyOf(), request: { signal } })
      id = made.id
      // Another run of the same key may have done the same in this moment: the first of both comments stays.
      const [first] = await ownComments(signal)
      if (first === undefined || first.id >= made.id) return { url: made.html_url, wrote: true }
      await issues.deleteComment({ owner, repo, comment_id: made.id, request: { signal } })
      id = first.id
      const other = readMarker(first.body, key)?.run ?? null
      if (other !== null && isNewer(other, run)) return give(other)
      return { url: await edit(first, bodyOf(), signal), wrote: true }
    },
  }
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

/** GitHub may change line ends and what stands at the end. */
function sameText(a: string | undefined, b: string): boolean {
  const plain = (text: string) => text.replace(/\r\n/g, '\n').trimEnd()
  return a !== undefined && plain(a) === plain(b)
}

function runWords({ id, attempt }: RunNumber): string {
  return attempt === 1 ? `${id}` : `${id}, attempt ${attempt}`
}
