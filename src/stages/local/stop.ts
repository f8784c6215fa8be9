import type { RunningProcess } from './process.ts'

/** Ends every process that was started, those whose start is still under way too. Throws when one stays, after all were told. */
export async function stopAll(started: readonly Promise<RunningProcess>[], signal: AbortSignal): Promise<void> {
  // One that never started has been removed by whoever tried.
  const running = (await Promise.allSettled(started)).flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const stopped = await Promise.allSettled(running.map(({ stop }) => stop(signal)))
  const reasons = stopped.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  if (reasons.length > 0) throw reasons[0]
}
