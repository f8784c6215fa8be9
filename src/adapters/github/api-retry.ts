import pRetry from 'p-retry'

/**
 * Asks GitHub's API again after faults that may pass, 3 times at most and 20 s in all.
 * @throws what the last attempt threw, or the signal's reason
 */
export async function persistently<T>(attempt: () => Promise<T>, mayPass: (error: Error) => boolean, signal: AbortSignal): Promise<T> {
  return await pRetry(attempt, {
    retries: 3,
    minTimeout: 500,
    maxTimeout: 5000,
    maxRetryTime: 20_000,
    randomize: true,
    signal,
    shouldRetry: ({ error }) => mayPass(error),
  })
}
