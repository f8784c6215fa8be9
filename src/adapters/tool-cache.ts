import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ToolsAdapters } from '../stages/tools/provider.ts'
import type { Platform } from '../stages/tools/tool.ts'
import { isUnreachable } from './download-error.ts'
import { gitHubCache, hasCacheService } from './github/cache.ts'
import { goToolchain } from './go.ts'
import { runProcess } from './process.ts'
import { findOnPath } from './program.ts'
import { toolStore } from './tool-store.ts'
import { askVersion } from './tool-version.ts'

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
  /** Whether Go may compile what cannot be downloaded. Default: not in a job on GitHub, which pays for the minutes. */
  readonly compile?: boolean
  /** Told of troubles that change nothing. Default: nobody. */
  readonly debug?: (message: string) => void
}

/**
 * The tools stage's edge: PATH, the caches, downloads and Go. What is heavy loads when first used.
 * Reads `RUNNER_TOOL_CACHE` and `RUNNER_TEMP`, which must be set, and the variables of GitHub's cache service.
 */
export function toolsAdapters({ temporary, platform, expose, compile, debug = () => {} }: ToolCacheOptions): ToolsAdapters {
  const { env } = process
  return {
    platform,
    expose,
    onPath: (name) => findOnPath(name, env),
    askVersion: (name, file, signal) => askVersion(runProcess, name, file, env, signal),
    cache: toolStore(temporary),
    gitHubCache: hasCacheService(env) ? gitHubCache({ runnerTemp: env.RUNNER_TEMP ?? temporary, debug }) : null,
    download: async (url, signal, retries) => {
      const { downloadFile } = await import('./download.ts')
      await mkdir(temporary, { recursive: true })
      const file = join(temporary, randomUUID())
      return { file, sha256: await downloadFile(url, file, { signal, ...(retries === undefined ? {} : { retries }) }) }
    },
    downloadText: async (url, signal, retries) => {
      const { downloadText } = await import('./download.ts')
      return await downloadText(url, { signal, ...(retries === undefined ? {} : { retries }) })
    },
    isUnreachable,
    go: (compile ?? env.GITHUB_ACTIONS !== 'true') ? goToolchain({ run: runProcess, temporary, env }) : null,
    discard: async (file) => rm(file, { force: true }),
  }
}
