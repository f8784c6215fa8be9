import type { PipelineEvent } from '../pipeline/run.ts'

/** A load tells its numbers every two seconds; a log that nobody can draw over has them this often, in milliseconds. */
const repeatMs = 30_000

/**
 * Whether an event is worth a line of its own: the same words with other numbers, of the same stage and soon after, are not. Only the load
 * counts up all the time; what other stages count is their way.
 * @param now a clock that never goes back, in milliseconds
 */
export function withoutRepeats(now: () => number): (event: PipelineEvent) => boolean {
  let words = ''
  let saidMs = Number.NEGATIVE_INFINITY
  return (event) => {
    if (event.type !== 'progress' || event.stage.name !== 'load') return true
    const plain = event.message.replace(/[\d.,]+/g, '#')
    if (plain === words && now() - saidMs < repeatMs) return false
    words = plain
    saidMs = now()
    return true
  }
}
