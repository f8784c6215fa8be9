import { Failure } from './failure.ts'

/** Rejects with the signal's reason as soon as it aborts, whatever the work is doing. */
export async function raceSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
    aborted.catch(() => {})
    work.catch(() => {})
  }
}

/**
 * Gives work a signal of its own that aborts after a deadline or with the outer signal, and
 * never waits longer than that, even for work that ignores its signal.
 * The timer keeps the process alive: without it Node would exit 0 in the middle of a hang.
 * @throws Failure of kind `infrastructure` when the deadline passes, unless `onTimeout` makes a better one
 */
export async function withDeadline<T>(
  deadlineMs: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => Failure = () => new Failure(`not done after ${deadlineMs / 1000} s`, { kind: 'infrastructure', code: 'deadline', timedOut: true }),
): Promise<T> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(onTimeout()), deadlineMs)
  const signal = AbortSignal.any([outer, deadline.signal])
  try {
    return await raceSignal(work(signal), signal)
  } finally {
    clearTimeout(timer)
  }
}
