import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { untilAsked } from './lifetime.ts'

export interface ServeOptions {
  /** 0 for a free one. */
  readonly port: number
  readonly host: string
  /** Whether to go on when the parent is gone. */
  readonly stay: boolean
}

/**
 * Listens, says `{"url": …}` on stdout, and serves until asked to end. Returns the exit code: 0 when it was asked,
 * 1 when it could not listen.
 */
export async function serve(server: Server, { port, host, stay }: ServeOptions): Promise<number> {
  // Nobody may read what is said: the parent of a program that stays leaves soon.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject)
  server.listen({ port, host }, listening.resolve)
  try {
    await listening.promise
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  }
  const asked = untilAsked(stay)
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`)
  await asked
  server.close()
  server.closeAllConnections()
  return 0
}
