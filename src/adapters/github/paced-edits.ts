import type { EditBudget } from './edit-budget.ts'

/**
 * What became of a live edit. One that `failed` may have been made all the same, its answer lost; `not-sent` and `unchanged` cost
 * nothing; after `ended` there must be no other.
 */
export type EditOutcome = 'written' | 'unchanged' | 'failed' | 'not-sent' | 'ended'

export interface PacedEditsOptions {
  readonly budget: EditBudget
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number
  /** Calls back once after so many milliseconds, unless what it returns is called before. */
  readonly later: (delayMs: number, work: () => void) => () => void
  /** Writes what is to be said at that moment. Never rejects. */
  readonly send: () => Promise<EditOutcome>
  /** Whether an edit now would only make the last one wait. */
  readonly isNearEnd?: () => boolean
}

/** Live edits within a budget. */
export interface PacedEdits {
  /** There is something new to say. It goes when the budget allows; what is newer by then goes instead. */
  readonly changed: () => void
  /** No edit begins any more. Resolves when the one that is on its way, if any, has come to its end. */
  readonly stop: () => Promise<void>
}

/** Sends the latest content, one edit at a time, never before its time. */
export function pacedEdits({ budget, now, later, send, isNearEnd = () => false }: PacedEditsOptions): PacedEdits {
  let isNew = false
  let isStopped = false
  let sending: Promise<void> | null = null
  let cancelTimer: (() => void) | null = null

  const arm = () => {
    if (isStopped || !isNew || sending !== null || cancelTimer !== null) return
    cancelTimer = later(Math.max(0, budget.liveAtMs() - now()), () => {
      cancelTimer = null
      go()
    })
  }
  const go = () => {
    if (isStopped || !isNew || isNearEnd()) return
    if (budget.liveAtMs() > now()) return arm()
    isNew = false
    sending = send()
      .then((outcome) => {
        if (outcome === 'written' || outcome === 'failed') budget.spent(now())
        if (outcome === 'failed' || outcome === 'not-sent') {
          budget.failed(now())
          isNew = true
        } else budget.worked()
        if (outcome === 'ended') isStopped = true
      })
      .finally(() => {
        sending = null
        arm()
      })
  }
  return {
    changed: () => {
      isNew = true
      arm()
    },
    stop: async () => {
      isStopped = true
      cancelTimer?.()
      cancelTimer = null
      await sending
    },
  }
}
