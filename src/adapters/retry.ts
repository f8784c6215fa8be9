import pRetry from 'p-retry'
import { raceSignal } from '../pipeline/race.ts'

/** Calls until it resolves, at most `retries` more times, pausing 100 ms first and at most 2 s, with jitter. */
export async function retry<T>(attempt: () => Promise<T>, retries: number, signal: AbortSignal): Promise<T> {
  return await raceSignal(pRetry(attempt, { retries, minTimeout: 100, maxTimeout: 2000, randomize: true, signal, shouldRetry: () => true }), signal)
}

/** Asks until the answer is not false, pausing 100 ms first and at most 500 ms; the caller's deadline is the budget. */
export async function until<T>(ask: () => Promise<T | false>, signal: AbortSignal): Promise<T> {
  const notYet = new Error('not yet')
  const attempt = async (): Promise<T> => {
    const answer = await ask()
    if (answer === false) throw notYet
    return answer
  }
  const options = {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 500,
    signal,
    shouldRetry: ({ error }: { error: Error }) => error === notYet,
  }
  return await raceSignal(pRetry(attempt, options), signal)
}
