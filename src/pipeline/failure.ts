import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'

/**
 * Whose fault a failure is, which decides the verdict:
 * `workload` the user's services; `infrastructure` an engine, download, registry or GitHub;
 * `measurement` the load generator or its data; `config` what the user asked for; `cancelled` nobody's.
 */
export type FailureKind = 'workload' | 'infrastructure' | 'measurement' | 'config' | 'cancelled'

export interface FailureOptions {
  readonly kind: FailureKind
  /** What it is, as a word that programs can rely on, such as `out-of-memory`. */
  readonly code?: string | undefined
  /** What to do about it, in one sentence. */
  readonly remedy?: string | undefined
  /** What was seen that proves it, a line each: last log lines, conditions, answers. */
  readonly evidence?: readonly string[] | undefined
  readonly cause?: unknown
  /** A deadline passed; the real cause may still be found. */
  readonly timedOut?: boolean
  /** What the stage had found out by then, in the form of its result's data. */
  readonly data?: unknown
}

/** An error that knows whose fault it is. Its message says what was expected and what was seen. */
export class Failure extends Error {
  override name = 'Failure'
  readonly kind: FailureKind
  readonly code: string | undefined
  readonly remedy: string | undefined
  readonly evidence: readonly string[]
  readonly timedOut: boolean
  readonly data: unknown

  constructor(message: string, { kind, code, remedy, evidence = [], cause, timedOut = false, data }: FailureOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.code = code
    this.remedy = remedy
    this.evidence = evidence
    this.timedOut = timedOut
    this.data = data
  }
}

/** Makes a Failure of anything thrown; what nobody classified counts as infrastructure, never as a pass or as the workload's. */
export function toFailure(error: unknown): Failure {
  const full = diskFull(error)
  if (full) return full
  if (error instanceof Failure) return error
  return new Failure(messageOf(error) || 'an error without a message', { kind: 'infrastructure', cause: error })
}

/** A full disk hides behind many words; wherever it is the cause, it is the failure. */
function diskFull(error: unknown): Failure | undefined {
  let cause = error
  for (let depth = 0; cause instanceof Error && depth < 8; depth += 1) {
    const { code, path, cause: next } = cause as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      const where = path ? ` for ${path}` : ''
      return new Failure(`no space left on this machine’s disk${where} (${cause.message})`, {
        kind: 'infrastructure',
        code: 'disk-full',
        evidence: freeSpace(path),
        remedy: `Free disk space${path ? ` where ${path} is` : ''}; a run needs about 5 GB with the images of its nodes.`,
        cause: error,
        data: error instanceof Failure ? error.data : undefined,
      })
    }
    cause = next
  }
  return undefined
}

/** What is left where the file is, or nothing where that cannot be asked. */
function freeSpace(path: string | undefined): string[] {
  const folder = path === undefined ? tmpdir() : dirname(path)
  try {
    const { bavail, blocks, bsize, ffree } = statfsSync(folder)
    const gb = (count: number) => `${((count * bsize) / 1e9).toFixed(1)} GB`
    return [`${folder}: ${gb(bavail)} of ${gb(blocks)} free, and room for ${ffree} more files`]
  } catch {
    return []
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The messages of an error's causes, outermost first, without repeats. */
export function causesOf(error: Error): string[] {
  const messages: string[] = []
  let depth = 0
  for (let cause = error.cause; cause instanceof Error && depth < 8; cause = cause.cause) {
    depth += 1
    const { message } = cause
    if (message && message !== error.message && !messages.includes(message)) messages.push(message)
  }
  return messages
}
