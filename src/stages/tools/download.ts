import { messageOf } from '../../pipeline/failure.ts'
import { stageFailure } from '../cause.ts'
import { type ToolProvider, type ToolRequest, type ToolsAdapters, toolKey, toolOf } from './provider.ts'
import { findChecksum, goModules, type ToolSource, toolSource } from './tool.ts'

/** What an earlier job on another machine downloaded. It is held to the same sum as a download. */
export const gitHubCache: ToolProvider = {
  title: 'GitHub’s cache',
  find: async (request) => {
    const { name, version, adapters, signal, progress } = request
    const restored = await adapters.gitHubCache?.restore(toolKey(request), signal)
    if (!restored) return `no ${name} ${version}`
    try {
      const source = sourceOf(request)
      const expected = await expectedChecksum(source, request)
      if (restored.sha256 === expected.sha256) {
        return toolOf(request, await adapters.cache.store(name, version, restored.file, source.archiveEntry), 'github-cache')
      }
      progress('GitHub’s cache has another file than the publisher; it is downloaded anew')
      return 'another file than the publisher’s'
    } catch (error) {
      signal.throwIfAborted()
      return messageOf(error)
    } finally {
      await adapters.discard(restored.file)
    }
  },
}

/** Downloaded and verified. A wrong sum or a version that its host does not know ends the search: no other way may hide it. */
export const download: ToolProvider = {
  title: 'download',
  find: async (request) => {
    const { name, version, adapters, signal, progress } = request
    const source = sourceOf(request)
    progress(`downloading ${source.url}`)
    // With another way open, a host that does not answer is not waited for.
    const retries = goModules[name] !== undefined && (await adapters.go?.isThere()) ? 1 : undefined
    const fetched = await settleBoth(adapters.download(source.url, signal, retries), expectedChecksum(source, request, retries), adapters).catch((error) => {
      signal.throwIfAborted()
      if (adapters.isUnreachable(error)) return messageOf(error)
      throw error
    })
    if (typeof fetched === 'string') return fetched
    const [{ file, sha256 }, expected] = fetched
    try {
      if (sha256 !== expected.sha256) {
        throw stageFailure(
          'checksum-mismatch',
          `${source.url} has the wrong checksum: expected SHA-256 ${expected.sha256} (from ${expected.from}), got ${sha256}`,
          {
            kind: 'infrastructure',
            remedy: 'Do not use this file. Run the job again; if it stays, the download host or mirror serves something else than its publisher does.',
          },
        )
      }
      const path = await adapters.cache.store(name, version, file, source.archiveEntry)
      await adapters.gitHubCache?.keep(toolKey(request), file)
      return toolOf(request, path, 'download')
    } finally {
      await adapters.discard(file)
    }
  },
}

const sourceOf = ({ name, version, mirror, adapters }: ToolRequest): ToolSource => toolSource(name, version, adapters.platform, mirror)

/** Waits for both, so that a missing checksum never leaves a downloaded file behind. */
async function settleBoth<E>(downloading: ReturnType<ToolsAdapters['download']>, checksum: Promise<E>, adapters: ToolsAdapters) {
  const [downloaded, expected] = await Promise.allSettled([downloading, checksum])
  if (expected.status === 'rejected' && downloaded.status === 'fulfilled') await adapters.discard(downloaded.value.file)
  if (downloaded.status === 'rejected') throw downloaded.reason
  if (expected.status === 'rejected') throw expected.reason
  return [downloaded.value, expected.value] as const
}

async function expectedChecksum(
  { url, checksumUrl, pinnedSha256 }: ToolSource,
  { adapters, signal }: ToolRequest,
  retries?: number,
): Promise<{ sha256: string; from: string }> {
  if (pinnedSha256 !== null) return { sha256: pinnedSha256, from: 'the table of pins' }
  const fileName = url.split('/').at(-1) as string
  const sha256 = findChecksum(await adapters.downloadText(checksumUrl, signal, retries), fileName)
  if (sha256 !== undefined) return { sha256, from: checksumUrl }
  throw stageFailure('checksum-mismatch', `${checksumUrl} holds no SHA-256 for ${fileName}`, {
    kind: 'infrastructure',
    remedy: 'A download that cannot be verified is not used. Run the job again, or set download-mirror.',
  })
}
