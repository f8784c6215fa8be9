import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { childEnvironment, endGroups, type ProcessGroupChange, processGroups } from './process.ts'

/** What watches over the programs that this process runs. */
export interface ProcessWatch {
  /** Waits until none of them runs any more, at most so many milliseconds. */
  readonly allEnded: (limitMs: number) => Promise<void>
}

/**
 * Starts a small process that ends our programs when this one can no longer do it, because it was killed: they run in
 * groups of their own and would go on. It knows of our death by the end of the pipe that it is told of them through.
 * Without it a run goes on as well, so that its own trouble is no failure.
 * @param entry file of the bundle's entry, which knows the role `guard`
 */
export function startGuard(entry: string): ProcessWatch {
  // In a group of its own: what ends ours, a Ctrl-C above all, must not end it before us.
  const child = spawn(process.execPath, [entry, 'guard'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: childEnvironment(process.env) })
  child.on('error', () => {})
  child.stdin.on('error', () => {})
  child.unref()
  const running = new Set<number>()
  let onAllEnded = () => {}
  processGroups.subscribe((message) => {
    const { group, runs } = message as ProcessGroupChange
    if (runs) running.add(group)
    else running.delete(group)
    child.stdin.write(`${runs ? '+' : '-'}${group}\n`)
    if (running.size === 0) onAllEnded()
  })
  return {
    allEnded: async (limitMs) => {
      if (running.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      onAllEnded = resolve
      const timer = setTimeout(resolve, limitMs)
      await promise.finally(() => clearTimeout(timer))
    },
  }
}

/** How long what is left may take to end by itself, in milliseconds: an engine that makes a node for us needs a few seconds on a busy machine. */
const graceMs = 10_000

/** The guard's own role: reads which groups begin and end until there is nobody to tell it any more, and ends what is left then. */
export async function guardProcesses(input: NodeJS.ReadableStream): Promise<number> {
  const running = new Set<number>()
  for await (const line of createInterface({ input })) {
    const group = Number(line.slice(1))
    if (!Number.isInteger(group) || group <= 1) continue
    if (line.startsWith('+')) running.add(group)
    else running.delete(group)
  }
  await endGroups(running, graceMs)
  return 0
}
