import { type Answer, NOT_ACCESSIBLE, problem } from './github-answer.ts'
import { buildComment, type Comment, timestamp } from './github-comment.ts'
import type { MatchedOperation } from './openapi.ts'

/** GitHub's limit for the body of a comment, in characters. */
const MAX_BODY_LENGTH = 65_536

export interface ThreadsOptions {
  apiUrl: string
  repository: string
  issues: number[]
  /** Author of what is posted. */
  login: string
  readOnly: boolean
  /** What the links of GitHub's pagination start with: they name the repository by id. */
  linkRoot: string
}

/** The comments of one repository's pull requests, and GitHub's routes on them. */
export function createThreads({ apiUrl, repository, issues, login, readOnly, linkRoot }: ThreadsOptions) {
  const threads = new Map<number, Comment[]>(issues.map((issue) => [issue, []]))
  let lastId = 2_800_000_000

  function add(issueNumber: number, author: string, body: string, at: Date): Comment {
    const comment = buildComment({ apiUrl, repository, issueNumber }, ++lastId, author, body, at)
    threads.set(issueNumber, [...(threads.get(issueNumber) ?? []), comment])
    return comment
  }

  function answer(method: string, { name, path, query }: MatchedOperation, body: unknown, search: string): Answer {
    // A workflow's token is an installation's: it has no user.
    if (name === 'GET /user') return problem(403, NOT_ACCESSIBLE)
    if (`${path.owner}/${path.repo}`.toLowerCase() !== repository.toLowerCase()) return problem(404, 'Not Found')
    if (readOnly && method !== 'GET') return problem(403, NOT_ACCESSIBLE)
    const written = (body as { body: string } | undefined)?.body ?? ''
    if (name.endsWith('{comment_id}')) return answerOne(method, Number(path.comment_id), written)
    const issueNumber = Number(path.issue_number)
    if (!threads.has(issueNumber)) return problem(404, 'Not Found')
    return method === 'POST' ? post(issueNumber, written) : list(issueNumber, query, search)
  }

  function answerOne(method: string, id: number, written: string): Answer {
    const [issueNumber, comments] = [...threads].find(([, all]) => all.some((comment) => comment.id === id)) ?? []
    const comment = comments?.find((candidate) => candidate.id === id)
    if (issueNumber === undefined || !comments || !comment) return problem(404, 'Not Found')
    if (method === 'DELETE') {
      threads.set(
        issueNumber,
        comments.filter((candidate) => candidate !== comment),
      )
      return { status: 204 }
    }
    if (method === 'PATCH') {
      const invalid = unprocessable(written)
      if (invalid) return invalid
      comment.body = written
      comment.updated_at = timestamp(new Date())
    }
    return { status: 200, body: structuredClone(comment) }
  }

  function post(issueNumber: number, written: string): Answer {
    const invalid = unprocessable(written)
    if (invalid) return invalid
    const comment = add(issueNumber, login, written, new Date())
    return { status: 201, body: structuredClone(comment), headers: { location: comment.url } }
  }

  function list(issueNumber: number, query: Record<string, unknown>, search: string): Answer {
    const since = typeof query.since === 'string' ? Date.parse(query.since) : 0
    const comments = (threads.get(issueNumber) ?? []).filter((comment) => Date.parse(comment.updated_at) >= since)
    const perPage = Math.min(Math.max(Number(query.per_page), 1), 100)
    const page = Math.max(Number(query.page), 1)
    const lastPage = Math.max(Math.ceil(comments.length / perPage), 1)
    const link = pageLinks(new URL(`${linkRoot}/issues/${issueNumber}/comments${search}`), page, lastPage)
    const shown = comments.slice((page - 1) * perPage, page * perPage)
    return { status: 200, body: structuredClone(shown), headers: link === '' ? {} : { link } }
  }

  return {
    add,
    answer,
    /** Copies, oldest first. */
    read: (issueNumber: number): Comment[] => structuredClone(threads.get(issueNumber) ?? []),
  }
}

/** The value of GitHub's `link` header; empty when there is one page. */
export function pageLinks(url: URL, page: number, lastPage: number): string {
  const to = (number: number, relation: string): string => {
    url.searchParams.set('page', String(number))
    return `<${url.href}>; rel="${relation}"`
  }
  const back = page > 1 ? [to(page - 1, 'prev'), to(1, 'first')] : []
  const on = page < lastPage ? [to(page + 1, 'next'), to(lastPage, 'last')] : []
  return [...back, ...on].join(', ')
}

function unprocessable(body: string): Answer | undefined {
  const invalid = (error: object) => problem(422, 'Validation Failed', { errors: [{ resource: 'IssueComment', ...error }] })
  if (body.length > MAX_BODY_LENGTH) {
    const message = `Body is too long (maximum is ${MAX_BODY_LENGTH} characters)`
    return invalid({ code: 'unprocessable', field: 'data', message })
  }
  return body.trim() === '' ? invalid({ code: 'missing_field', field: 'body' }) : undefined
}
