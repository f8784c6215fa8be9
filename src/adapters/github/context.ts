import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RunContext } from '../../report/report.ts'
import type { RunNumber } from './comment-marker.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where the run happens, from GitHub's environment variables and the event's payload; all null elsewhere. */
export function readRunContext(env: Environment, matrix: string | undefined): RunContext {
  const event = readEvent(env.GITHUB_EVENT_PATH)
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: runId, GITHUB_RUN_ATTEMPT: attempt } = env
  return {
    repository: repository || null,
    workflow: env.GITHUB_WORKFLOW || null,
    job: env.GITHUB_JOB || null,
    matrix: readMatrix(matrix),
    // GITHUB_SHA of a pull request is a merge commit that nobody knows; the head is what its author pushed.
    sha: event.pull_request?.head?.sha ?? (env.GITHUB_SHA || null),
    pullRequest: event.pull_request?.number ?? null,
    runId: wholeNumber(runId),
    runAttempt: wholeNumber(attempt),
    runUrl: server && repository && runId ? `${server}/${repository}/actions/runs/${runId}${attempt && attempt !== '1' ? `/attempts/${attempt}` : ''}` : null,
  }
}

function wholeNumber(text: string | undefined): number | null {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : null
}

interface PullRequestEvent {
  readonly pull_request?: { readonly number?: number; readonly head?: { readonly sha?: string } }
}

function readEvent(path: string | undefined): PullRequestEvent {
  if (!path) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as PullRequestEvent
  } catch {
    return {} // Without a payload there is no pull request to comment on; the run itself does not need one.
  }
}

function readMatrix(text: string | undefined): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text || 'null')
    return value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0 ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Which run of which workflow this is; null where there is no workflow. */
export function runNumber({ runId, runAttempt }: RunContext): RunNumber | null {
  return runId === null ? null : { id: runId, attempt: runAttempt ?? 1 }
}

/** The key that tells this job's comment from those of other jobs. */
export function defaultCommentKey({ workflow, job, matrix }: RunContext): string {
  return [workflow ?? '', job ?? '', matrix ? JSON.stringify(matrix) : ''].join('/')
}

/** An artifact name that no other job of the workflow run has: readable, with a hash of what a name cannot hold. */
export function defaultArtifactName(context: RunContext): string {
  const whole = ['mlops-pipeline', context.workflow, context.job].filter(Boolean).join('-')
  const plain = whole.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100)
  const lost = context.matrix !== null || plain !== whole
  return lost ? `${plain}-${shortHash(`${whole}/${JSON.stringify(context.matrix)}`)}` : plain
}

/** The first 12 hex digits of the SHA-256: enough to tell keys apart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
