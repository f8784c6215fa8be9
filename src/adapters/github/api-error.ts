import { messageOf } from '../../pipeline/failure.ts'

/** The HTTP status of an error of Octokit's; it gives a lost connection status 500. */
export function statusOf(error: unknown): number | undefined {
  const { status } = error as { status?: unknown }
  return typeof status === 'number' ? status : undefined
}

/** Server errors, lost connections, and what may not be there any more pass; refusals do not. Throttling is another matter, see `throttledMs`. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error)
  return status === undefined || status >= 500 || status === 404
}

/** How long GitHub wants to be left alone where it does not say, in milliseconds. */
const usualPauseMs = 60_000

/**
 * How long GitHub wants to be left alone, in milliseconds; null when it did not throttle us. Its secondary limits answer 403 as well as 429.
 * @param nowMs the time of day, for an answer that names a time
 */
export function throttledMs(error: unknown, nowMs: number): number | null {
  const status = statusOf(error)
  const isThrottled = status === 429 || (status === 403 && /rate limit|abuse detection/i.test(messageOf(error)))
  if (!isThrottled) return null
  const { headers = {} } = (error as { response?: { headers?: Record<string, string | undefined> } }).response ?? {}
  const afterMs = Number(headers['retry-after']) * 1000
  if (afterMs >= 0) return afterMs
  const resetMs = headers['x-ratelimit-remaining'] === '0' ? Number(headers['x-ratelimit-reset']) * 1000 - nowMs : Number.NaN
  return Number.isFinite(resetMs) ? Math.max(0, resetMs) : usualPauseMs
}

/** Whether asking again is of no use: the token may not, or GitHub does not take what we send. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error)
  return (status === 401 || status === 403 || status === 410 || status === 422) && throttledMs(error, 0) === null
}

/** Whether the token was accepted and may not write. */
export function isReadOnly(error: unknown): boolean {
  return statusOf(error) === 403 && throttledMs(error, 0) === null
}

/** Why there is no comment, and what to do. */
export function explainNoComment(error: unknown): string {
  const words = messageOf(error)
  if (throttledMs(error, 0) !== null) return `No comment: ${words}`
  switch (statusOf(error)) {
    case 401:
      return `No comment: GitHub does not accept github-token (${words}).`
    case 403:
      return `No comment: the token may only read (${words}). Give the job "permissions: pull-requests: write"; a pull request from a fork or Dependabot never gets more.`
    default:
      return `No comment: ${words}`
  }
}
