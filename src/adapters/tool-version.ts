import { Failure } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import type { ToolName } from '../stages/tools/tool.ts'
import { readVersion, versionQuestions } from '../stages/tools/version.ts'
import { childEnvironment, type RunProcess } from './process.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Asks a program for its version.
 * @param timeoutMs for each way of asking
 * @returns null when the program does not run, hangs, or says nothing readable; throws only when aborted
 */
export async function askVersion(
  run: RunProcess,
  name: ToolName,
  file: string,
  env: Environment,
  signal: AbortSignal,
  timeoutMs = 10_000,
): Promise<string | null> {
  for (const question of versionQuestions[name]) {
    try {
      const { stdout } = await withDeadline(timeoutMs, signal, (own) => run(file, question, { signal: own, env: childEnvironment(env), graceMs: 500 }))
      const version = readVersion(name, stdout)
      if (version !== null) return version
    } catch (error) {
      signal.throwIfAborted()
      // One that hangs once hangs again.
      if (error instanceof Failure && error.timedOut) return null
    }
  }
  return null
}
