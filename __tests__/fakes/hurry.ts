import { jest } from '@jest/globals'
import { eventually } from './eventually.ts'

/** Takes over timers, and nothing that sockets, files and processes need. */
export function fakeTimers(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] })
}

/**
 * Lets the pauses and deadlines inside some work pass faster than they would, while what it asks of real servers and
 * programs takes its own time.
 * @param stepMs how much of the work's time passes in each ten milliseconds of ours; small where a deadline must not
 *   come before an answer that is on its way
 */
export async function hurried<T>(work: () => Promise<T>, stepMs = 100): Promise<T> {
  fakeTimers()
  try {
    let outcome: PromiseSettledResult<T> | undefined
    void Promise.allSettled([work()]).then(([settled]) => {
      outcome = settled
    })
    const settled = await eventually('the hurried work has ended', async () => {
      await jest.advanceTimersByTimeAsync(stepMs)
      return outcome
    })
    if (settled.status === 'rejected') throw settled.reason
    return settled.value
  } finally {
    jest.useRealTimers()
  }
}
