import { renameSync, writeFileSync } from 'node:fs'
import { causesOf, type Failure, type FailureKind } from './failure.ts'

export type StageStatus = 'pending' | 'running' | 'passed' | 'failed' | 'skipped' | 'cancelled'

/** A failure as it is written down. */
export interface FailureRecord {
  readonly kind: FailureKind
  /** What it is, as a word that programs can rely on; null where nobody has named it. */
  readonly code: string | null
  readonly message: string
  readonly remedy: string | null
  /** What was seen that proves it, a line each. */
  readonly evidence: readonly string[]
  readonly causes: readonly string[]
}

/** What became of one stage. */
export interface StageRecord {
  readonly name: string
  readonly title: string
  status: StageStatus
  /** Milliseconds since the run began, or null when it never did. */
  startedAfterMs: number | null
  durationMs: number | null
  /** Why the run leaves it out, or null for a stage that belongs to it. */
  readonly leftOut: string | null
  /** The last thing it said it was doing. */
  progress: string | null
  failure: FailureRecord | null
  /** The stage's own data for the report. */
  data: unknown
}

/** A run as far as it got; kept on disk so that another process can finish what this one began. */
export interface RunRecord {
  readonly schemaVersion: 1
  /** ISO 8601, UTC. */
  readonly startedAt: string
  finishedAt: string | null
  durationMs: number | null
  /** Name of the stage whose failure ended the run. */
  failedStage: string | null
  cancelled: boolean
  readonly stages: StageRecord[]
  warnings: string[]
}

/** A stage that this run was never to run. */
export function isLeftOut({ leftOut }: Pick<StageRecord, 'leftOut'>): boolean {
  return leftOut !== null
}

/** Whether stages that belong to the run have not passed. */
export function isCutOff({ stages }: RunRecord): boolean {
  return stages.some((stage) => stage.status !== 'passed' && !isLeftOut(stage))
}

/** Evidence is read at a glance; files beside the report hold the rest. */
const evidenceLimits = { lines: 12, characters: 300 }

/** Evidence as lines of their own, so many of them and so long at most. Redacted before it is cut: half a secret would not be found. */
function recordEvidence(evidence: readonly string[], redact: (text: string) => string): string[] {
  const { lines, characters } = evidenceLimits
  const plain = evidence.map((line) => redact(line).replace(/\s+/g, ' ').trim()).filter((line) => line !== '')
  return plain.slice(0, lines).map((line) => (line.length > characters ? `${line.slice(0, characters - 1)}…` : line))
}

/**
 * Writes down a failure with its causes. Of the evidence the first 12 lines are kept, 300 characters of each.
 * @param redact takes credentials out of words that come from programs
 */
export function recordFailure(failure: Failure, redact: (text: string) => string = (text) => text): FailureRecord {
  const { kind, code, message, remedy, evidence } = failure
  return {
    kind,
    code: code ?? null,
    message: redact(message),
    remedy: remedy ? redact(remedy) : null,
    evidence: recordEvidence(evidence, redact),
    causes: causesOf(failure).map(redact),
  }
}

/** Keeps a record in a file, replaced as a whole at each write so that no reader meets half of one. */
export function recordFile(path: string): (record: RunRecord) => void {
  return (record) => {
    writeFileSync(`${path}.part`, JSON.stringify(record, null, 2))
    renameSync(`${path}.part`, path)
  }
}
