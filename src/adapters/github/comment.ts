import { withDeadline } from '../../pipeline/race.ts'
import { explainNoComment, isReadOnly, isTransient, throttledMs } from './api-error.ts'
import { persistently } from './api-retry.ts'
import { type CommentOutcome, type CommentPage, type CommentTarget, type CommentThread, commentThread } from './comment-thread.ts'
import { pause } from './pause.ts'

export type { CommentOutcome, CommentPage, CommentTarget } from './comment-thread.ts'

/** Longest body GitHub takes, in characters. */
export const commentLimit = 65_536

/**
 * Creates the pull request's comment or edits the one this job wrote before; see `CommentThread`. Passing faults are tried again, each
 * time from the start, so that an answer that was lost never makes a second comment.
 * @param thread what is known of the comment already
 * @returns its address, or why there is none: a comment is never a reason to fail
 */
export async function upsertComment(
  target: CommentTarget,
  page: CommentPage,
  signal: AbortSignal,
  thread: CommentThread = commentThread(target),
): Promise<CommentOutcome> {
  try {
    const { wrote: _, ...outcome } = await untilThrottledNoMore(signal, () =>
      withDeadline(commentDeadlineMs, signal, (own) => persistently(() => thread.put(page, own), mayPass, own)),
    )
    return outcome
  } catch (error) {
    return { notice: explainNoComment(error), ...(isReadOnly(error) && { readOnly: true }) }
  }
}

/** Longest that GitHub's API may keep a run waiting, in milliseconds, besides the pauses it asks for. */
const commentDeadlineMs = 30_000

/** Longest that a run waits in all because GitHub wants to be left alone, in milliseconds; its secondary limits ask for a minute. */
const longestPausesMs = 60_000

/** Throttling is waited out, see below. */
function mayPass(error: unknown): boolean {
  return isTransient(error) && throttledMs(error, Date.now()) === null
}

/** Waits as long as GitHub asks, within bounds, and tries once more each time. */
async function untilThrottledNoMore<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; ) {
    try {
      return await work()
    } catch (error) {
      const pauseMs = throttledMs(error, Date.now())
      // No pause is shorter than a second, or a limit that says 0 would be hammered at.
      const longEnoughMs = Math.max(1000, pauseMs ?? 0)
      if (pauseMs === null || waitedMs + longEnoughMs > longestPausesMs) throw error
      waitedMs += longEnoughMs
      await pause(longEnoughMs, signal)
    }
  }
}
