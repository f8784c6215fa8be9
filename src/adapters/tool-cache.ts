import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../pipeline/failure.ts'
import type { ToolsAdapters } from '../stages/tools/stage.ts'
import type { Platform, ToolName } from '../stages/tools/tool.ts'

/** The machine's platform in Go's words; undefined where the programs do not exist. */
export function currentPlatform(): Platform | undefined {
  const os = process.platform === 'linux' || process.platform === 'darwin' ? process.platform : undefined
  const arch = process.arch === 'x64' ? 'amd64' : process.arch === 'arm64' ? 'arm64' : undefined
  return os && arch ? { os, arch } : undefined
}

export interface ToolCacheOptions {
  /** Folder for downloads on their way into the cache. */
  readonly temporary: string
  readonly platform: Platform
  readonly expose: (file: string) => void
}

/**
 * The tools stage's edge: `@actions/tool-cache` and downloads. Both load when first used.
 * Reads `RUNNER_TOOL_CACHE` and `RUNNER_TEMP`, which must be set.
 */
export function toolsAdapters({ temporary, platform, expose }: ToolCacheOptions): ToolsAdapters {
  const load = () => import('@actions/tool-cache')
  // tool-cache names folders by Node's architecture unless told otherwise; so do the runners' own.
  const executable = (folder: string, name: ToolName) => join(folder, name)
  return {
    platform,
    expose,
    cache: {
      find: async (name, version) => {
        const folder = (await load()).find(name, version)
        // Another action may keep something else under the same name.
        return folder !== '' && existsSync(executable(folder, name)) ? executable(folder, name) : null
      },
      store: async (name, version, file, archiveEntry) => {
        const cache = await load()
        const unpacked = join(temporary, randomUUID())
        try {
          const source = archiveEntry === null ? file : await extract(cache, file, archiveEntry, unpacked)
          await chmod(source, 0o755)
          const folder = await cache.cacheFile(source, name, name, version)
          await chmod(executable(folder, name), 0o755)
          return executable(folder, name)
        } catch (error) {
          throw new Failure(`${name} ${version} could not be put into the tool cache: ${error instanceof Error ? error.message : error}`, {
            kind: 'infrastructure',
            remedy: 'Look at free space and rights of the tool cache folder.',
            cause: error,
          })
        } finally {
          await rm(unpacked, { recursive: true, force: true })
        }
      },
    },
    download: async (url, signal) => {
      const { downloadFile } = await import('./download.ts')
      await mkdir(temporary, { recursive: true })
      const file = join(temporary, randomUUID())
      return { file, sha256: await downloadFile(url, file, { signal }) }
    },
    downloadText: async (url, signal) => (await import('./download.ts')).downloadText(url, { signal }),
    discard: async (file) => rm(file, { force: true }),
  }
}

async function extract(cache: typeof import('@actions/tool-cache'), file: string, entry: string, folder: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true })
  if (process.platform === 'darwin') await cache.extractZip(file, folder)
  else await cache.extractTar(file, folder)
  return join(folder, entry)
}
