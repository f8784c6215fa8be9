import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DiskFacts, EngineFacts, ToolCacheFacts } from '../doctor/facts.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where installed tools are kept: the runner's folder, else one in the user's cache. */
export function toolCacheFolder(env: Environment): string {
  return env.RUNNER_TOOL_CACHE || join(env.XDG_CACHE_HOME || join(homeOf(env), '.cache'), 'mlops-pipeline-action')
}

/** Whether files can be put into a folder, or the folder be made. Nothing is written. */
export async function toolCacheFacts(folder: string): Promise<ToolCacheFacts> {
  const nearest = await nearestExisting(folder)
  if (!(await stat(nearest)).isDirectory()) return { folder, trouble: `${nearest} is not a folder` }
  const trouble = await access(nearest, constants.W_OK | constants.X_OK).then(
    () => null,
    ({ code }: NodeJS.ErrnoException) => (code === 'EROFS' ? 'its file system is read-only' : `no right to write in ${nearest}`),
  )
  return { folder, trouble }
}

/** Free space where a run writes, without the engine's images. */
export async function diskFacts(env: Environment, cacheFolder: string): Promise<DiskFacts[]> {
  const places = [
    { use: 'temporary files', folder: env.RUNNER_TEMP || env.TMPDIR || tmpdir() },
    { use: 'tool cache', folder: cacheFolder },
    { use: 'home', folder: homeOf(env) },
  ] as const
  return await Promise.all(places.map(async (place) => ({ ...place, freeBytes: await nearestExisting(place.folder).then(freeBytes, () => null) })))
}

/** Free space where an engine keeps its images; null in it where that is no disk of this machine. */
export async function engineDisk({ storageFolder, remoteHost }: EngineFacts): Promise<DiskFacts[]> {
  if (storageFolder === null || remoteHost !== null) return []
  // Not the nearest folder that exists here: a virtual machine's folder has no disk of ours.
  return [{ use: 'engine', folder: storageFolder, freeBytes: await freeBytes(storageFolder) }]
}

async function freeBytes(folder: string): Promise<number | null> {
  return await statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

async function nearestExisting(folder: string): Promise<string> {
  let nearest = folder
  while (!(await exists(nearest)) && dirname(nearest) !== nearest) nearest = dirname(nearest)
  return nearest
}

function homeOf(env: Environment): string {
  return env.HOME || homedir()
}
