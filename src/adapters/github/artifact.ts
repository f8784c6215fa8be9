import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DefaultArtifactClient } from '@actions/artifact'
import { messageOf } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'

export type ArtifactOutcome = { readonly url: string | null } | { readonly notice: string }

/**
 * Uploads every file below a folder as one artifact.
 * @returns its address, or why there is none: an artifact is never a reason to fail
 */
export async function uploadArtifact(
  name: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<ArtifactOutcome> {
  return await upload(env, signal, async (client) => await client.uploadArtifact(name, await filesBelow(folder), folder))
}

/**
 * Uploads one text as an artifact of its own that is not a zip, so that whoever cannot trust it need not unpack it.
 * @returns as `uploadArtifact` does
 */
export async function uploadText(name: string, text: string, env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<ArtifactOutcome> {
  return await upload(env, signal, async (client) => {
    const folder = await mkdtemp(join(env.RUNNER_TEMP || tmpdir(), 'data-'))
    try {
      // Without an archive, the file's name is the artifact's.
      const file = join(folder, name)
      await writeFile(file, text)
      return await client.uploadArtifact(name, [file], folder, { skipArchive: true })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

async function upload(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  send: (client: DefaultArtifactClient) => Promise<{ id?: number }>,
): Promise<ArtifactOutcome> {
  if (!env.ACTIONS_RUNTIME_TOKEN || !env.ACTIONS_RESULTS_URL) return { notice: 'No artifact: this runner offers no artifact service.' }
  try {
    return await withDeadline(120_000, signal, async () => {
      const { DefaultArtifactClient: Client } = await import('@actions/artifact')
      const { id } = await send(new Client())
      const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env
      return { url: id && server && repository && run ? `${server}/${repository}/actions/runs/${run}/artifacts/${id}` : null }
    })
  } catch (error) {
    const words = messageOf(error)
    if (error instanceof Error && error.name === 'GHESNotSupportedError')
      return { notice: 'No artifact: GitHub Enterprise Server does not support this kind of artifact.' }
    const conflict = /409|already exists/i.test(words) ? ' Set artifact-name when the action runs twice in a job.' : ''
    return { notice: `No artifact: ${words}.${conflict}` }
  }
}

/** Characters that GitHub refuses in an artifact's paths; one such file would cost the whole artifact. */
const refused = /[":<>|*?\r\n]/

/** Paths of all files below a folder that an artifact can hold, sorted. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !refused.test(path.slice(folder.length)))
    .sort()
}
