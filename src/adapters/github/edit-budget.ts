/** How often a comment may be written, whatever there is to say: GitHub limits what makes content by the minute and by the hour. */
export const editLimits = {
  /** Two edits are never closer, in milliseconds. */
  spacingMs: 10_000,
  /** No span of this length, in milliseconds, has more than `perWindow` edits. */
  windowMs: 120_000,
  perWindow: 12,
} as const

/** Live edits of a long run are rarer: their distance is this part of the run's age, so that an hour has about eighty. */
const agePart = 1 / 20

/** Longest that the last edit waits because GitHub asked for it, in milliseconds. */
const longestPauseMs = 60_000

/** Longest pause after live edits that failed, in milliseconds. */
const longestBackoffMs = 120_000

/** Tells when an edit may go. All times are of one clock that never goes back, in milliseconds. */
export interface EditBudget {
  /** When the next live edit may go; one edit of each window is kept for the last. */
  readonly liveAtMs: () => number
  /**
   * When the last edit may go: when the distance allows, and no later than a minute after `nowMs` where GitHub wants to be left alone.
   * In a run that is shorter than the distance itself it may go at once.
   */
  readonly lastAtMs: (nowMs: number) => number
  /** An attempt to write has ended. One that failed counts as well: its answer may have been lost. */
  readonly spent: (nowMs: number) => void
  /** An attempt went well: after the next failure the pauses begin short again. */
  readonly worked: () => void
  /** An attempt failed: live edits pause ever longer. */
  readonly failed: (nowMs: number) => void
  /** GitHub wants to be left alone for so long. */
  readonly throttled: (nowMs: number, pauseMs: number) => void
}

/** A budget for one comment of a run that begins at `beganMs`. */
export function editBudget(beganMs: number): EditBudget {
  let spentMs: number[] = []
  let failures = 0
  let backoffUntilMs = 0
  let pausedUntilMs = 0
  const { spacingMs, windowMs, perWindow } = editLimits
  const last = () => spentMs.at(-1)
  /** When one more edit leaves no window with more than so many. */
  const roomAtMs = (edits: number): number => {
    const first = spentMs.at(-edits)
    return first === undefined ? 0 : first + windowMs + 1
  }
  return {
    liveAtMs: () => {
      const before = last()
      const distanceMs = before === undefined ? 0 : before + Math.max(spacingMs, (before - beganMs) * agePart)
      return Math.max(distanceMs, roomAtMs(perWindow - 1), backoffUntilMs, pausedUntilMs)
    },
    lastAtMs: (nowMs) => {
      const before = last()
      const isShort = nowMs - beganMs < spacingMs
      const distanceMs = before === undefined || isShort ? nowMs : before + spacingMs
      return Math.max(nowMs, distanceMs, roomAtMs(perWindow), Math.min(pausedUntilMs, nowMs + longestPauseMs))
    },
    spent: (nowMs) => {
      spentMs = [...spentMs.slice(-perWindow), nowMs]
    },
    worked: () => {
      failures = 0
    },
    failed: (nowMs) => {
      failures += 1
      backoffUntilMs = nowMs + Math.min(longestBackoffMs, spacingMs * 2 ** (failures - 1))
    },
    throttled: (nowMs, pauseMs) => {
      pausedUntilMs = Math.max(pausedUntilMs, nowMs + pauseMs)
    },
  }
}
