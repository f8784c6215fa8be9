import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'

const limitBytes = 1024 * 1024

/**
 * The text of a file that an input names.
 * @param workspace what a relative path starts from: GITHUB_WORKSPACE, or where the terminal is
 * @throws Error in few words, for a message that names the file already
 */
export function readWorkspaceFile(workspace: string, path: string): string {
  const file = resolve(workspace, path)
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats) throw new Error(`it does not exist in ${workspace}; check out the repository first`)
  if (!stats.isFile()) throw new Error('it is no file')
  if (stats.size > limitBytes) throw new Error(`it is larger than ${limitBytes / 1024} KiB`)
  return readFileSync(file, 'utf8')
}
