import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute } from './execute.ts'
import { type Annotation, readJobLog, type StageResult } from './log.ts'
import type { ActOptions } from './options.ts'
import { prepare } from './prepare.ts'
import { killTracked, type Orphan } from './processes.ts'
import { STEP_ID } from './workflow.ts'

export type { ActOptions } from './options.ts'

/** A finished run. */
export interface ActRun {
  /** Of act: 0 if the job succeeded. */
  exitCode: number
  /** The job's log without prefixes. */
  output: string
  /** The step's outputs, as a following step reads them. */
  outputs: Record<string, string>
  /** `steps.pipeline.outcome`: before `continue-on-error`. */
  outcome: StageResult
  /** How main and post ended; undefined for one that did not run. */
  stages: { main?: StageResult; post?: StageResult }
  /** What all steps, main and post, wrote to the job summary. */
  summary: string
  /** Errors, warnings and notices, masked. */
  annotations: Annotation[]
  /** Processes that were still there when the job was over. They have been killed, as the runner does. */
  orphans: Orphan[]
  durationMs: number
}

/**
 * Runs an action from a real workflow through act, on this machine, with node 24 and without the network.
 * Rejects if act is missing, runs no job or does not end in time; a failing action is a result, not a rejection.
 */
export async function runWithAct(options: ActOptions = {}): Promise<ActRun> {
  const startedAt = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'act-'))
  const trackingId = `github_${randomUUID()}`
  try {
    const resultFile = join(folder, 'result.json')
    const { args, environment, nodePid } = await prepare(options, folder, trackingId, resultFile)
    const run = await execute(args, environment, { options, folder, nodePid, trackingId })
    const orphans = await killTracked(trackingId)
    const { jobResult, ...log } = readJobLog(run.lines, STEP_ID)
    if (jobResult === undefined) {
      const why = options.signal?.aborted ? 'it was cancelled before it began' : `exit code ${run.exitCode}`
      throw new Error(`act ran no job (${why}): ${run.errors}${log.output}`)
    }
    const text = await readFile(resultFile, 'utf8').catch(() => '{}')
    const { outputs = {}, outcome = 'skipped' } = JSON.parse(text) as Partial<Pick<ActRun, 'outputs' | 'outcome'>>
    return { exitCode: run.exitCode, ...log, outputs, outcome, orphans, durationMs: performance.now() - startedAt }
  } finally {
    await killTracked(trackingId)
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}
