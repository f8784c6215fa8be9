import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../pipeline/failure.ts'
import { stageFailure } from '../stages/cause.ts'
import type { ToolCache } from '../stages/tools/provider.ts'

/** A week: then the version that was asked for gets another chance. */
const substituteMaxAgeMs = 7 * 24 * 3600_000

/**
 * The runner's tool cache, in the layout of `@actions/tool-cache`, which loads when first used.
 * Reads `RUNNER_TOOL_CACHE` and `RUNNER_TEMP`, which must be set.
 * @param temporary folder for archives while they are unpacked
 */
export function toolStore(temporary: string): ToolCache {
  const root = () => process.env.RUNNER_TOOL_CACHE ?? ''
  const substituteFile = (key: string) => join(root(), 'mlops-pipeline-action', `${key}.json`)
  return {
    find: async (name, version) => {
      const { find } = await import('@actions/tool-cache')
      const folder = find(name, version)
      // Another action may keep something else under the same name.
      return folder !== '' && existsSync(join(folder, name)) ? join(folder, name) : null
    },
    store: async (name, version, file, archiveEntry) => {
      const unpacked = join(temporary, randomUUID())
      // tool-cache names folders by Node's architecture; so do the runners' own.
      const folder = join(root(), name, version, process.arch)
      try {
        await put(archiveEntry === null ? file : await extract(file, archiveEntry, unpacked), join(folder, name), 0o755)
        await writeFile(`${folder}.complete`, '')
        return join(folder, name)
      } catch (error) {
        throw stageFailure('tool-cache', `${name} ${version} could not be put into the tool cache: ${messageOf(error)}`, {
          kind: 'infrastructure',
          remedy: 'Look at free space and rights of the tool cache folder.',
          cause: error,
        })
      } finally {
        await rm(unpacked, { recursive: true, force: true })
      }
    },
    substitute: async (key) => {
      try {
        const { mtimeMs } = await stat(substituteFile(key))
        if (Date.now() - mtimeMs > substituteMaxAgeMs) return null
        const { version } = JSON.parse(await readFile(substituteFile(key), 'utf8')) as { version?: unknown }
        return typeof version === 'string' ? version : null
      } catch {
        return null
      }
    },
    noteSubstitute: async (key, version) => {
      const note = join(temporary, randomUUID())
      try {
        await writeFile(note, JSON.stringify({ version }))
        await put(note, substituteFile(key), 0o644)
      } catch {
        // The next run then looks for it again.
      } finally {
        await rm(note, { force: true })
      }
    },
  }
}

/**
 * Copies a file to its place in one step. tool-cache's own cacheFile removes the place first, and another run that
 * has just found its program there would start nothing.
 */
async function put(file: string, place: string, mode: number): Promise<void> {
  const aside = `${place}.${randomUUID()}`
  await mkdir(dirname(place), { recursive: true })
  try {
    await copyFile(file, aside)
    await chmod(aside, mode)
    await rename(aside, place)
  } finally {
    await rm(aside, { force: true })
  }
}

async function extract(file: string, entry: string, folder: string): Promise<string> {
  const { extractTar, extractZip } = await import('@actions/tool-cache')
  await mkdir(dirname(folder), { recursive: true })
  if (process.platform === 'darwin') await extractZip(file, folder)
  else await extractTar(file, folder)
  return join(folder, entry)
}
