import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { copyFile, cp, mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Copies an action's repository as a checkout would have it: no node_modules, no ignored file. Whatever dist/ needs and
 * the repository does not ship is therefore missing here, too. A folder outside git is copied whole, but for those two.
 */
export async function copyAction(from: string, to: string): Promise<void> {
  const files = await listFiles(from)
  if (!files) {
    await cp(from, to, { recursive: true, filter: (path) => !['node_modules', '.git'].includes(basename(path)) })
    return
  }
  const folders = new Set(files.map((file) => dirname(join(to, file))))
  for (const folder of folders) await mkdir(folder, { recursive: true })
  // A tracked file that was deleted in the work tree is listed, too.
  const skipMissing = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'ENOENT') throw error
  }
  await Promise.all(files.map((file) => copyFile(join(from, file), join(to, file), constants.COPYFILE_FICLONE).catch(skipMissing)))
}

/** Tracked files and those that could be; undefined if the folder is in no repository. */
async function listFiles(folder: string): Promise<string[] | undefined> {
  const args = ['-C', folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.']
  try {
    const { stdout } = await promisify(execFile)('git', args, { maxBuffer: 64 * 1024 * 1024 })
    return [...new Set(stdout.split('\0').filter((file) => file !== ''))]
  } catch {
    return undefined
  }
}
