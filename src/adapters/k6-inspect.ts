import { z } from 'zod'
import { parseDurationMs } from '../config/values.ts'
import type { LoadPlan } from '../stages/load/plan.ts'
import { drivesItself, type ScriptFacts } from '../stages/load/wrapper.ts'
import { type K6Options, runOnScript, scriptProblem } from './k6.ts'
import { ProcessError } from './process.ts'

/** What k6 says of a script that it has loaded, or why it could not. */
export type Inspection = { readonly facts: ScriptFacts } | { readonly problem: string }

const inspectionSchema = z.object({ totalDuration: z.string(), scenarios: z.record(z.string(), z.unknown()).nullable() })

/**
 * Has k6 load a script, and nothing sent: its init code runs.
 * @param options `folder` takes the plan, which scripts read when they are loaded
 */
export async function inspectScript(
  options: Pick<K6Options, 'run' | 'script' | 'folder'>,
  k6: string,
  plan: LoadPlan,
  signal: AbortSignal,
): Promise<Inspection> {
  try {
    const { stdout } = await runOnScript(options, k6, plan, ['inspect', '--execution-requirements'], signal)
    const { totalDuration, scenarios } = inspectionSchema.parse(JSON.parse(stdout))
    return { facts: { durationMs: parseDurationMs(totalDuration) ?? 0, drivesItself: drivesItself(Object.keys(scenarios ?? {})) } }
  } catch (error) {
    if (!(error instanceof ProcessError) || error.exitCode === null) throw error
    return { problem: scriptProblem(error) }
  }
}
