import { withDeadline } from '../../pipeline/race.ts'
import type { RunRecord } from '../../pipeline/record.ts'
import { renderLive } from '../../report/live.ts'
import type { Report, RunContext } from '../../report/report.ts'
import { type Snapshot, withSnapshot } from '../../report/snapshot.ts'
import { isRefusal, throttledMs } from './api-error.ts'
import type { CommentOutcome, CommentPage, CommentTarget, CommentThread } from './comment-thread.ts'
import { editBudget, editLimits } from './edit-budget.ts'
import { type EditOutcome, pacedEdits } from './paced-edits.ts'
import { pause } from './pause.ts'

export interface LiveCommentOptions {
  readonly target: CommentTarget
  readonly context: RunContext
  readonly environment: Report['environment']
  /** How long a stage usually takes, in milliseconds, or null. */
  readonly usualMs: (stageName: string, previous: Snapshot | null) => number | null
  /** Stops live edits for good; whoever comes after this process makes the last one. */
  readonly signal: AbortSignal
  /** Told after every edit that GitHub may have made, for whoever makes the last one in another process. */
  readonly onEdit?: () => void
  /** A clock that never goes back, in milliseconds. Default: the process's own. */
  readonly now?: () => number
}

/** A comment that follows a run. What goes wrong with it is silent until the last edit explains itself. */
export interface LiveComment {
  /** Given the run's record before its first stage and after every change; what it says is read when an edit goes. */
  readonly watch: (record: RunRecord) => void
  /** A stage said something. */
  readonly changed: () => void
  /** Stops live edits and puts the last page in their place, as soon as the budget allows. */
  readonly finish: (page: CommentPage, signal: AbortSignal) => Promise<CommentOutcome>
}

/** The first edit waits so long, in milliseconds: the run's first second belongs to its cluster, not to parsing Octokit. */
const firstAfterMs = 1000

/** Deadline of one live edit with its look, in milliseconds. */
const editDeadlineMs = 15_000

/** Longest that the last edit waits for a live one on its way, in milliseconds: GitHub must not do them in the wrong order. */
const settleMs = 5000

/** Times are shown, so a comment in which nothing happens is written again after so many milliseconds. */
const refreshMs = 30_000

/** Begins at once, with a comment after a second; nothing it does keeps anybody waiting but `finish`. */
export function liveComment({ target, context, environment, usualMs, signal, onEdit, now = () => performance.now() }: LiveCommentOptions): LiveComment {
  const beganMs = now()
  const budget = editBudget(beganMs)
  const drop = new AbortController()
  let record: RunRecord | null = null
  let thread: Promise<CommentThread> | null = null
  const openThread = (): Promise<CommentThread> => {
    // Octokit is heavy, and a run may end before it is needed.
    thread ??= import('./comment-thread.ts').then(({ commentThread }) => commentThread(target))
    return thread
  }

  const page = (previous: Snapshot | null): string => {
    const usual = (name: string) => usualMs(name, previous)
    const run = { stages: record?.stages ?? [], context, environment, elapsedMs: now() - beganMs, at: new Date(), usualMs: usual }
    return withSnapshot(previous, renderLive(run))
  }

  const send = async (): Promise<EditOutcome> => {
    let written = 0
    let comment: CommentThread | null = null
    try {
      const outcome = await withDeadline(editDeadlineMs, AbortSignal.any([signal, drop.signal]), async (own) => {
        comment = await openThread()
        written = comment.writes()
        return await comment.put(page, own)
      })
      // A newer run's comment is not ours to follow.
      if ('notice' in outcome) return 'ended'
      return outcome.wrote ? 'written' : 'unchanged'
    } catch (error) {
      if (isRefusal(error)) return 'ended'
      const pauseMs = throttledMs(error, Date.now())
      if (pauseMs !== null) budget.throttled(now(), pauseMs)
      return ((comment as CommentThread | null)?.writes() ?? 0) > written ? 'failed' : 'not-sent'
    } finally {
      if (((comment as CommentThread | null)?.writes() ?? 0) > written) onEdit?.()
    }
  }

  /** Whether what still runs usually ends before the last edit could go, and nothing comes after it. */
  const isNearEnd = (): boolean => {
    const stages = record?.stages ?? []
    const running = stages.filter(({ status }) => status === 'running')
    if (running.length === 0 || stages.some(({ status }) => status === 'pending')) return isAtRest(stages)
    return running.every(({ name, startedAfterMs }) => {
      const leftMs = (usualMs(name, null) ?? Number.POSITIVE_INFINITY) + (startedAfterMs ?? 0) - (now() - beganMs)
      return Math.abs(leftMs) < nearEndMs
    })
  }

  const edits = pacedEdits({ budget, now, later, send, isNearEnd })
  const stopFirst = later(firstAfterMs, () => edits.changed())
  const refresh = setInterval(() => edits.changed(), refreshMs).unref()
  const stop = (): Promise<void> => {
    stopFirst()
    clearInterval(refresh)
    return edits.stop()
  }
  signal.addEventListener('abort', () => void stop(), { once: true })

  return {
    watch: (current) => {
      record = current
    },
    changed: () => {
      if (now() - beganMs >= firstAfterMs) edits.changed()
    },
    finish: async (last, own) => {
      const stopped = stop()
      await withDeadline(settleMs, own, () => stopped).catch(() => drop.abort(new Error('the run is over')))
      const [{ upsertComment }, comment] = await Promise.all([import('./comment.ts'), openThread()])
      const waitMs = budget.lastAtMs(now()) - now()
      if (waitMs > 0) await pause(waitMs, own)
      return await upsertComment(target, last, own, comment)
    },
  }
}

/** An edit this close to the time at which the run should end would only make the last one wait, in milliseconds. */
const nearEndMs = editLimits.spacingMs

/** Whether no stage runs or will. */
function isAtRest(stages: RunRecord['stages']): boolean {
  return stages.length > 0 && stages.every(({ status }) => status !== 'running' && status !== 'pending')
}

/** A timer that keeps no process alive: live edits alone are no reason to. */
function later(delayMs: number, work: () => void): () => void {
  const timer = setTimeout(work, delayMs).unref()
  return () => clearTimeout(timer)
}
