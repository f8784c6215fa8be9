import type { LocalEnd, LocalProgram, RunningProcess, StartProcess } from '../../../../src/stages/local/process.ts'

/** A machine that holds processes in memory; each listens on a port of its own, the first on 9001. */
export function machineInMemory() {
  const programs: LocalProgram[] = []
  const ends = new Map<string, (end: LocalEnd) => void>()
  const stopped: string[] = []
  const broken = new Map<string, Error>()
  const stubborn = new Set<string>()
  const start: StartProcess = async (program, signal) => {
    signal.throwIfAborted()
    programs.push(program)
    const error = broken.get(program.log)
    if (error) throw error
    const pid = 9000 + programs.length
    const { promise: ended, resolve } = Promise.withResolvers<LocalEnd>()
    ends.set(program.log, resolve)
    const stop = async () => {
      stopped.push(program.log)
      if (stubborn.has(program.log)) throw new Error(`process ${pid} still runs after SIGKILL`)
      resolve({ how: 'exit code 0', lastLine: '' })
    }
    return { pid, startTime: `t${pid}`, url: `http://127.0.0.1:${pid}`, ended, stop } satisfies RunningProcess
  }
  return {
    start,
    /** Every program that was asked for, in order. */
    programs: programs as readonly LocalProgram[],
    /** Logs of those that were told to end. */
    stopped: stopped as readonly string[],
    /** Starting the program with that log fails so. */
    break: (log: string, message: string) => broken.set(log, new Error(message)),
    /** The program with that log ends by itself. */
    end: (log: string, end: LocalEnd) => ends.get(log)?.(end),
    /** The program with that log does not go away when told. */
    harden: (log: string) => stubborn.add(log),
  }
}

/** What a stage is given besides what it needs. */
export function contextOf() {
  const abort = new AbortController()
  const said: string[] = []
  return { abort, said, context: { signal: abort.signal, progress: (message: string) => void said.push(message) } }
}

export const settled = () => new Promise((resolve) => setImmediate(resolve))
