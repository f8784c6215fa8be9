import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks until the answer is neither false, null nor undefined, and returns it. Uses real time under fake timers, too.
 * @throws Error saying what was waited for, when it does not come; the limit is there so that a broken test ends
 */
export async function eventually<T>(what: string, ask: () => T | Promise<T>, limitMs = 10_000): Promise<NonNullable<Exclude<T, false>>> {
  const giveUpAt = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) return answer as NonNullable<Exclude<T, false>>
    if (performance.now() > giveUpAt) throw new Error(`never came true: ${what}`)
    await pause(10)
  }
}
