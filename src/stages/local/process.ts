import type { LocalProcess } from '../services/service.ts'

/** A program of ours to start: what it is, and what it is told. */
export interface LocalProgram {
  /** What it says goes to the file `services/<log>` beside the report. */
  readonly log: string
  readonly role: 'local-service' | 'local-proxy'
  readonly args: readonly string[]
}

/** How a process ended. */
export interface LocalEnd {
  /** Such as `exit code 1` or `signal SIGKILL`. */
  readonly how: string
  /** The last line it wrote, or empty. */
  readonly lastLine: string
}

/** A process that has said where it listens. */
export interface RunningProcess extends LocalProcess {
  /** Resolves when it ends, for whatever reason. */
  readonly ended: Promise<LocalEnd>
  /** Ends it and makes sure that it is gone. A process that has ended already is no error. */
  readonly stop: (signal: AbortSignal) => Promise<void>
}

/**
 * Starts a program and waits for its address; leaves nothing behind when there is none.
 * Rejects with an Error that goes on after "replica 1", such as `ended with exit code 1: last line`, or with the
 * signal's reason.
 */
export type StartProcess = (program: LocalProgram, signal: AbortSignal) => Promise<RunningProcess>

/** How a process ended, in words that go on after its name. */
export function describeEnd({ how, lastLine }: LocalEnd): string {
  return `ended with ${how}${lastLine === '' ? '' : `: ${lastLine}`}`
}
