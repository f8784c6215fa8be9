import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'
import { stageFailure } from '../../stages/cause.ts'
import type { GitHubCache } from '../../stages/tools/provider.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The two functions of `@actions/cache` that are used. */
type Service = Pick<typeof import('@actions/cache'), 'restoreCache' | 'saveCache'>

export interface GitHubCacheOptions {
  /** The runner's temporary folder. A cache is found again only under the same path, so nothing in it may change from run to run. */
  readonly runnerTemp: string
  readonly debug: (message: string) => void
  /** Default: `@actions/cache`, loaded when first used. */
  readonly load?: () => Promise<Service>
  /** How long a restore or an upload may take, in milliseconds. Default 30 000. */
  readonly timeoutMs?: number
}

/** Whether this job has a cache service, by the variables the runner sets. */
export function hasCacheService(env: Environment): boolean {
  return Boolean(env.ACTIONS_RUNTIME_TOKEN && (env.ACTIONS_CACHE_SERVICE_V2 ? env.ACTIONS_RESULTS_URL : env.ACTIONS_CACHE_URL))
}

/** GitHub's cache for files. Whatever goes wrong is said to `debug` and counts as nothing kept. */
export function gitHubCache({ runnerTemp, debug, load = () => import('@actions/cache'), timeoutMs = 30_000 }: GitHubCacheOptions): GitHubCache {
  const folderOf = (key: string) => join(runnerTemp, key)
  const clear = (key: string) => rm(folderOf(key), { recursive: true, force: true }).catch(() => {})
  const bounded = <T>(what: string, signal: AbortSignal, work: () => Promise<T>) =>
    withDeadline(timeoutMs, signal, work, () => stageFailure('deadline', `${what} took more than ${timeoutMs / 1000} s`, { kind: 'infrastructure' }))

  const upload = async (key: string): Promise<void> => {
    try {
      await bounded('the upload', new AbortController().signal, async () => (await load()).saveCache([folderOf(key)], key))
    } catch (error) {
      debug(`${key} was not kept in GitHub’s cache: ${messageOf(error)}`)
    } finally {
      await clear(key)
    }
  }

  return {
    restore: async (key, signal) => {
      const file = join(runnerTemp, randomUUID())
      try {
        const hit = await bounded('the restore', signal, async () => (await load()).restoreCache([folderOf(key)], key))
        if (hit !== key) return null
        await rename(join(folderOf(key), 'file'), file)
        const hash = createHash('sha256')
        await pipeline(createReadStream(file), hash, { signal })
        return { file, sha256: hash.digest('hex') }
      } catch (error) {
        await rm(file, { force: true })
        signal.throwIfAborted()
        debug(`${key} did not come from GitHub’s cache: ${messageOf(error)}`)
        return null
      } finally {
        await clear(key)
      }
    },
    keep: async (key, file) => {
      try {
        await mkdir(folderOf(key), { recursive: true })
        await rename(file, join(folderOf(key), 'file'))
        // Nobody waits: an upload must not hold the cluster up, and one that the run's end cuts off is only made again.
        void upload(key)
      } catch (error) {
        debug(`${key} was not kept in GitHub’s cache: ${messageOf(error)}`)
      }
    },
  }
}
