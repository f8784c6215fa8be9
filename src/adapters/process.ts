import { channel } from 'node:diagnostics_channel'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { statFields } from './proc-stat.ts'

/** A group of processes of ours that has begun or ended; its id is the pid of the program that leads it. */
export interface ProcessGroupChange {
  readonly group: number
  readonly runs: boolean
}

/** Where every change of our groups of processes is published as a `ProcessGroupChange`, for whoever watches over them. */
export const processGroups = channel('mlops-pipeline:process-groups')

/** How a program is run. */
export interface ProcessOptions {
  readonly signal: AbortSignal
  /** The child's whole environment; see `childEnvironment`. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Told the program's pid once it runs. */
  readonly onStart?: (pid: number) => void
  /** Told of every line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void
  /** Exit codes that are results, not errors. Default: 0 alone. */
  readonly exitCodes?: readonly number[]
  /** How long the whole group of processes may take to end by itself after the program got SIGTERM, in milliseconds. Default 5000. */
  readonly graceMs?: number
}

export interface ProcessResult {
  readonly exitCode: number
  /** Empty when `onLine` was given. */
  readonly stdout: string
  /** When `onLine` was given: the last lines of stdout and stderr. */
  readonly stderr: string
}

/** Runs a program to its end. */
export type RunProcess = (file: string, args: readonly string[], options: ProcessOptions) => Promise<ProcessResult>

/** A program that ended otherwise than hoped, with what it said. */
export class ProcessError extends Error {
  override name = 'ProcessError'
  /** Null when it could not be started, or when a signal ended it. */
  readonly exitCode: number | null
  /** The signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  constructor(message: string, result: { exitCode: number | null; signal?: NodeJS.Signals | null; stdout: string; stderr: string }, cause?: unknown) {
    super(message, { cause })
    this.exitCode = result.exitCode
    this.signal = result.signal ?? null
    this.stdout = result.stdout
    this.stderr = result.stderr
  }
}

/**
 * Runs a program without a shell, in a process group of its own: a Ctrl-C in the terminal must
 * not kill kind under us, and an abort must reach the children of our child.
 * @throws ProcessError when it cannot start or exits with a code not asked for; the signal's reason when aborted
 */
export const runProcess: RunProcess = async (file, args, { signal, env, cwd, onStart, onLine, exitCodes = [0], graceMs = 5000 }) => {
  // Loaded when first needed: the first second of a run is not for parsing libraries.
  const { execa } = await import('execa')
  signal.throwIfAborted()
  const child = execa(file, args, {
    env,
    extendEnv: false,
    detached: true,
    stdin: 'ignore',
    reject: false,
    // A program that is listened to may talk for hours: only its last lines are kept, and nothing is cut off.
    buffer: onLine === undefined,
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
  })
  const end = endGroup(child.pid, graceMs)
  const publish = (runs: boolean) => child.pid !== undefined && processGroups.publish({ group: child.pid, runs } satisfies ProcessGroupChange)
  publish(true)
  if (child.pid !== undefined) onStart?.(child.pid)
  signal.addEventListener('abort', end.begin, { once: true })
  const lastLines: string[] = []
  // Apart, or halves of two lines would meet in one.
  const followed = onLine && Promise.all((['stdout', 'stderr'] as const).map((from) => follow(child.iterable({ from }), onLine, lastLines)))
  try {
    const result = await child
    await followed
    signal.throwIfAborted()
    const stdout = result.stdout ?? ''
    const stderr = onLine ? lastLines.join('\n') : (result.stderr ?? '')
    const exitCode = result.exitCode ?? null
    if (exitCode !== null && exitCodes.includes(exitCode)) return { exitCode, stdout, stderr }
    const how = exitCode !== null ? `exit code ${exitCode}` : result.signal ? `signal ${result.signal}` : (result.originalMessage ?? 'could not be started')
    throw new ProcessError(
      `${file} ${args[0] ?? ''}: ${how}${lastWords(stderr || stdout)}`,
      { exitCode, signal: (result.signal as NodeJS.Signals | undefined) ?? null, stdout, stderr },
      result.cause,
    )
  } finally {
    signal.removeEventListener('abort', end.begin)
    await end.settled()
    publish(false)
  }
}

/** Lines kept of a program that is listened to. */
const keptLines = 1000

async function follow(lines: AsyncIterable<unknown>, onLine: (line: string) => void, lastLines: string[]): Promise<void> {
  try {
    for await (const line of lines) {
      lastLines.push(String(line))
      if (lastLines.length > keptLines) lastLines.shift()
      try {
        onLine(String(line))
      } catch {
        // A listener's trouble is not the program's.
      }
    }
  } catch {
    // The result itself says how the program ended.
  }
}

/** Ends groups of processes that nobody else ends, each within little more than `graceMs`. */
export async function endGroups(groups: Iterable<number>, graceMs: number): Promise<void> {
  const ends = [...groups].map((group) => endGroup(group, graceMs))
  for (const { begin } of ends) begin()
  await Promise.all(ends.map(({ settled }) => settled()))
}

/**
 * SIGTERM to the program alone. Its children may finish what they are at: a podman that is stopped while it sets up a node's
 * network leaves rules behind that nobody knows of, and the ports they lead away are lost to every later container.
 * Those that take longer than the grace get SIGTERM as well, and a little later SIGKILL.
 */
function endGroup(pid: number | undefined, graceMs: number): { begin: () => void; settled: () => Promise<void> } {
  const timers: NodeJS.Timeout[] = []
  const killedMs = graceMs * 1.2
  let begunMs: number | undefined
  /** Whether there was still somebody to tell. */
  const kill = (who: number | undefined, name: NodeJS.Signals | 0): boolean => {
    try {
      return who !== undefined && process.kill(who, name)
    } catch {
      return false
    }
  }
  const group = pid === undefined ? undefined : -pid
  const tell = (name: NodeJS.Signals, afterMs: number) => timers.push(globalThis.setTimeout(() => kill(group, name), afterMs))
  return {
    begin: () => {
      begunMs = performance.now()
      kill(pid, 'SIGTERM')
      tell('SIGTERM', graceMs)
      tell('SIGKILL', killedMs)
    },
    settled: async () => {
      if (begunMs === undefined) return
      // The program is gone; children of its own have the rest of the grace.
      while (kill(group, 0) && hasLiving(pid) && performance.now() - begunMs < killedMs + 500) await setTimeout(50)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

/**
 * Whether a process of a group still does something. Signals reach one that has ended as long as nobody has reaped it, and in
 * containers there may be nobody who does. Only Linux can tell; elsewhere it is taken for alive.
 */
function hasLiving(group: number | undefined): boolean {
  if (process.platform !== 'linux') return true
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const [state, , its] = statFields(readFileSync(`/proc/${name}/stat`, 'utf8'))
      return Number(its) === group && state !== 'Z' && state !== 'X'
    } catch {
      return false // It has ended meanwhile.
    }
  })
}

function lastWords(text: string): string {
  const tail = text.trim().split('\n').slice(-3).join(' / ').trim()
  return tail === '' ? '' : `: ${tail.slice(-600)}`
}

/** Variables that kind, kubectl and the engines may need: where things are, and how the network is reached. */
const passedOn =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ|XDG_\w+|DOCKER_\w+|CONTAINERS?_\w+|KIND_\w+|SSL_CERT_\w+|RUNNER_TRACKING_ID|(HTTPS?|NO|ALL|FTP)_PROXY)$/i

/** The environment for kind, kubectl and the engine: what they need of ours. An input or a token is never among it. */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && passedOn.test(entry[0]))
  return { ...Object.fromEntries(kept), ...more }
}
