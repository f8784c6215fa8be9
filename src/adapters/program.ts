import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { ProgramName } from '../doctor/facts.ts'
import type { RunProcess } from './process.ts'

/** The first executable file of that name on PATH, null when there is none. Entries of PATH that are relative do not count. */
export async function findOnPath(name: string, env: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue
    const file = join(folder, name)
    try {
      await access(file, constants.X_OK)
      if ((await stat(file)).isFile()) return file
    } catch {
      // Not in this folder.
    }
  }
  return null
}

/** How each program is asked for its version. `k6 version --json` is too new for k6 1.1. */
const questions: Record<ProgramName, readonly string[]> = {
  kind: ['version'],
  kubectl: ['version', '--client', '--output', 'json'],
  k6: ['version'],
  go: ['version'],
}

/**
 * The version a program tells of itself, without `v`; null when it says something else.
 * @throws ProcessError when it cannot be started or fails
 */
export async function programVersion(
  run: RunProcess,
  name: ProgramName,
  path: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | null> {
  // Go would otherwise fetch the toolchain that a go.mod nearby asks for.
  const { stdout } = await run(path, questions[name], { signal, env: { ...env, GOTOOLCHAIN: 'local' } })
  return /(?<![\d.])\d+\.\d+(?:\.\d+)?(?:-[0-9A-Za-z.-]+)?/.exec(stdout)?.[0] ?? null
}
