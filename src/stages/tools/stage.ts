import { Failure } from '../../pipeline/failure.ts'
import type { Stage, StageContext } from '../../pipeline/stage.ts'
import type { Results } from '../results.ts'
import { findChecksum, type Platform, type Tool, type ToolName, toolSource } from './tool.ts'

/** Installed programs, kept from run to run. */
export interface ToolCache {
  /** Path of the cached executable, or null. */
  readonly find: (name: ToolName, version: string) => Promise<string | null>
  /** Moves a downloaded file, or one entry of a downloaded archive, into the cache, executable. */
  readonly store: (name: ToolName, version: string, file: string, archiveEntry: string | null) => Promise<string>
}

export interface ToolsAdapters {
  readonly platform: Platform
  readonly cache: ToolCache
  /** Downloads into a new file; returns its path and SHA-256. */
  readonly download: (url: string, signal: AbortSignal) => Promise<{ file: string; sha256: string }>
  readonly downloadText: (url: string, signal: AbortSignal) => Promise<string>
  /** Removes a file that `download` made. */
  readonly discard: (file: string) => Promise<void>
  /** Makes the program at that path available to later steps of the workflow. */
  readonly expose: (file: string) => void
}

/** Installs one program: from the tool cache, else downloaded and verified. */
export function toolStage<N extends ToolName>(name: N, version: string, mirror: string | undefined, adapters: ToolsAdapters): Stage<Results, N, never> {
  return {
    name,
    title: `Install ${name} ${version}`,
    needs: [],
    deadlineMs: 5 * 60_000,
    run: async (_needs, context) => {
      const tool = await install(name, version, mirror, adapters, context)
      adapters.expose(tool.path)
      return tool as Results[N]
    },
    data: (tool) => tool,
  }
}

async function install(
  name: ToolName,
  version: string,
  mirror: string | undefined,
  adapters: ToolsAdapters,
  { signal, progress }: StageContext,
): Promise<Tool> {
  const cached = await adapters.cache.find(name, version)
  if (cached !== null) return { name, version, path: cached, from: 'tool-cache' }

  const source = toolSource(name, version, adapters.platform, mirror)
  progress(`downloading ${source.url}`)
  const [{ file, sha256 }, expected] = await settleBoth(adapters.download(source.url, signal), expectedChecksum(source, adapters, signal), adapters)
  try {
    if (sha256 !== expected.sha256) {
      throw new Failure(`${source.url} has the wrong checksum: expected SHA-256 ${expected.sha256} (from ${expected.from}), got ${sha256}`, {
        kind: 'infrastructure',
        remedy: 'Do not use this file. Run the job again; if it stays, the download host or mirror serves something else than its publisher does.',
      })
    }
    return { name, version, path: await adapters.cache.store(name, version, file, source.archiveEntry), from: 'download' }
  } finally {
    await adapters.discard(file)
  }
}

/** Waits for both, so that a missing checksum never leaves a downloaded file behind. */
async function settleBoth<E>(download: ReturnType<ToolsAdapters['download']>, checksum: Promise<E>, adapters: ToolsAdapters) {
  const [downloaded, expected] = await Promise.allSettled([download, checksum])
  if (expected.status === 'rejected' && downloaded.status === 'fulfilled') await adapters.discard(downloaded.value.file)
  if (downloaded.status === 'rejected') throw downloaded.reason
  if (expected.status === 'rejected') throw expected.reason
  return [downloaded.value, expected.value] as const
}

async function expectedChecksum(
  source: ReturnType<typeof toolSource>,
  adapters: ToolsAdapters,
  signal: AbortSignal,
): Promise<{ sha256: string; from: string }> {
  if (source.pinnedSha256 !== null) return { sha256: source.pinnedSha256, from: 'the table of pins' }
  const fileName = source.url.split('/').at(-1) as string
  const sha256 = findChecksum(await adapters.downloadText(source.checksumUrl, signal), fileName)
  if (sha256 !== undefined) return { sha256, from: source.checksumUrl }
  throw new Failure(`${source.checksumUrl} holds no SHA-256 for ${fileName}`, {
    kind: 'infrastructure',
    remedy: 'A download that cannot be verified is not used. Run the job again, or set download-mirror.',
  })
}
