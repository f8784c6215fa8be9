import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What a run writes into its output folder and nobody else does. */
const signs = ['report.json', 'report.md', 'report.html', 'dashboard.html', 'k6.log', 'evidence', 'services']
/** All that it writes there; a junit.xml by itself may be anybody’s. */
const ours = [...signs, 'junit.xml']

/**
 * Makes the folder of a report, and takes away what an earlier report left there. A folder with
 * something else in it is only used when a report of ours was there before; nothing that is not ours is removed.
 * @param keep what stays although it is ours: logs of services that still run
 * @returns its absolute path, or what is wrong with it
 */
export function prepareOutput(folder: string, keep: readonly string[] = []): { folder: string } | { problem: string } {
  const absolute = resolve(folder)
  try {
    mkdirSync(absolute, { recursive: true })
    const names = readdirSync(absolute)
    if (names.length > 0 && !names.some((name) => signs.includes(name))) {
      return { problem: `--output: ${absolute} holds other things; expected a new folder, an empty one or that of an earlier report` }
    }
    for (const name of ours.filter((name) => !keep.includes(name))) rmSync(join(absolute, name), { recursive: true, force: true })
    return { folder: absolute }
  } catch (error) {
    return { problem: `--output: ${absolute} cannot be written: ${(error as Error).message}` }
  }
}
