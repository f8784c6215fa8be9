import { stageFailure } from '../stages/cause.ts'

/** How a terminal's wish to stop is heard. */
export interface Cancellation {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal
  /** Stops listening. */
  readonly end: () => void
}

/**
 * The first Ctrl-C, SIGTERM or SIGHUP asks the run to stop and to clean up; the next one leaves at once.
 * @param first called with the signal's name; @param again called at the second, and must not return for long
 */
export function listenForSignals(first: (name: NodeJS.Signals) => void, again: () => void): Cancellation {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) return again()
    first(name)
    controller.abort(stageFailure('cancelled', `cancelled by ${name}`, { kind: 'cancelled' }))
  }
  for (const name of names) process.on(name, onSignal)
  return {
    signal: controller.signal,
    end: () => {
      for (const name of names) process.off(name, onSignal)
    },
  }
}
