import { HttpClient } from '@actions/http-client'
import { raceSignal } from '../../pipeline/race.ts'
import { type Repository, readRepository } from './rest.ts'

/** An artifact of a workflow run. */
export interface Artifact {
  readonly id: number
  readonly name: string
  readonly sizeBytes: number
  readonly expired: boolean
}

/** More pages of a hundred are not read: a run of ours has a few. */
const maxPages = 10

/** A run's artifacts, the first thousand. */
export async function listArtifacts(repository: Repository, runId: number, signal: AbortSignal): Promise<Artifact[]> {
  return await readRepository(repository, signal, async (octokit, place) => {
    let pages = 0
    const all = await octokit.paginate(octokit.rest.actions.listWorkflowRunArtifacts, { ...place, run_id: runId, per_page: 100 }, ({ data }, done) => {
      pages += 1
      if (pages >= maxPages) done()
      return data
    })
    return all.map(({ id, name, size_in_bytes: sizeBytes, expired }) => ({ id, name, sizeBytes, expired }))
  })
}

/**
 * Downloads an artifact as it was uploaded: a zip, or the file itself where it was not archived. GitHub answers with an address of
 * its blob store, which is asked without the token.
 * @throws Error when it cannot be had, or is longer than the limit, whatever GitHub says of its size
 */
export async function downloadArtifact(repository: Repository, id: number, limitBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const location = await readRepository(repository, signal, async (octokit, place) => {
    const request = { ...place.request, redirect: 'manual' as const }
    const { headers } = await octokit.rest.actions.downloadArtifact({ ...place, request, artifact_id: id, archive_format: 'zip' })
    return headers.location
  })
  // Octokit read where the API is when it was loaded.
  const encrypted = !process.env.GITHUB_API_URL?.startsWith('http:')
  if (!location || !URL.canParse(location) || !(encrypted ? ['https:'] : ['http:', 'https:']).includes(new URL(location).protocol)) {
    throw new Error('GitHub gave no address to download it from')
  }
  return await readBytes(location, limitBytes, signal)
}

/** One GET without credentials; what comes after the limit is not waited for. The address is a secret of its own, so no error shows it. */
async function readBytes(url: string, limitBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const client = new HttpClient('mlops-pipeline-action', [], { allowRetries: false, allowRedirects: false, socketTimeout: 30_000 })
  const answering = client.get(url, { 'accept-encoding': 'identity' })
  // http-client knows no signals: an answer that comes after the abort is dropped.
  answering.then(({ message }) => signal.aborted && message.destroy()).catch(() => {})
  const { message } = await raceSignal(answering, signal)
  const onAbort = () => message.destroy(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (message.statusCode !== 200) throw new Error(`the artifact store answered ${message.statusCode}`)
    const chunks: Uint8Array[] = []
    let received = 0
    for await (const chunk of message as AsyncIterable<Uint8Array>) {
      received += chunk.length
      if (received > limitBytes) throw new Error(`it is longer than ${limitBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    signal.removeEventListener('abort', onAbort)
    message.destroy()
  }
}
