import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseDurationMs } from '../config/values.ts'
import type { LoadPlan } from '../stages/load/plan.ts'
import { drivesItself, type ScriptFacts } from '../stages/load/wrapper.ts'
import { entryScript, errorMessage, type K6Options, quietK6 } from './k6.ts'
import { ProcessError } from './process.ts'

/** What k6 says of a script that it has loaded, or why it could not. */
export type Inspection = { readonly facts: ScriptFacts } | { readonly problem: string }

const inspectionSchema = z.object({ totalDuration: z.string(), scenarios: z.record(z.string(), z.unknown()).nullable() })

/**
 * Has k6 load a script, and nothing sent: its init code runs.
 * @param folder a folder for the plan, which scripts read when they are loaded
 */
export async function inspectScript(
  { run, script, folder }: Pick<K6Options, 'run' | 'script' | 'folder'>,
  k6: string,
  plan: LoadPlan,
  signal: AbortSignal,
): Promise<Inspection> {
  await mkdir(folder, { recursive: true })
  const planFile = join(folder, 'plan.json')
  await writeFile(planFile, JSON.stringify(plan))
  try {
    const env = { ...quietK6, ...plan.own?.env, HOME: folder, MLOPS_PLAN: planFile }
    const entry = await entryScript({ script, folder }, plan)
    const args = ['inspect', '--execution-requirements', '--no-color', '--log-format', 'json', '--include-system-env-vars', entry]
    const { stdout } = await run(k6, args, { signal, env, cwd: folder })
    const { totalDuration, scenarios } = inspectionSchema.parse(JSON.parse(stdout))
    return { facts: { durationMs: parseDurationMs(totalDuration) ?? 0, drivesItself: drivesItself(Object.keys(scenarios ?? {})) } }
  } catch (error) {
    if (!(error instanceof ProcessError) || error.exitCode === null) throw error
    const errors = error.stderr
      .split('\n')
      .map(errorMessage)
      .filter((message) => message !== null)
    return { problem: errors.join(' / ') || error.message }
  }
}
