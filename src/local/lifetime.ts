/**
 * Resolves when a local program must end: on SIGTERM, SIGINT and SIGHUP, and, unless it is to stay, when stdin ends.
 * Stdin is a pipe that the parent holds open, so even a parent that was killed outright leaves no process behind.
 */
export async function untilAsked(stay: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, () => resolve())
  if (!stay) {
    process.stdin.on('error', () => resolve())
    process.stdin.on('close', () => resolve())
    process.stdin.on('end', () => resolve())
    process.stdin.resume()
  }
  await promise
}
