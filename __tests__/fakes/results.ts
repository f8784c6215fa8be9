import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Azurite, startAzurite } from './azurite.ts'
import { serveOnLoopback } from './loopback.ts'

const SERVICE = '/twirp/github.actions.results.api.v1.ArtifactService/'
/** The protocol version that @actions/artifact 6.2 speaks. */
const ARTIFACT_VERSION = 7

export interface ResultsFakeOptions {
  /** Every call answers 503. The client then retries for half a minute before it gives up. Default false. */
  unavailable?: boolean
}

/** An artifact whose upload was finalized. */
export interface UploadedArtifact {
  name: string
  /** What was uploaded: a zip, or with `skipArchive` the file itself. */
  bytes: Buffer
  mimeType: string
}

/** A running fake of the Actions Results service. */
export type ResultsFake = Awaited<ReturnType<typeof startResultsFake>>

interface Artifact {
  id: number
  blob: string
  mimeType: string
  finalized: boolean
}

interface TwirpAnswer {
  status: number
  body: object
}

/**
 * Starts the service that @actions/artifact uploads to, on free ports of 127.0.0.1: the few Twirp calls of an upload
 * in front of a real blob store (Azurite). Pass `env` to the action; the client reads it when it is called.
 */
export async function startResultsFake({ unavailable = false }: ResultsFakeOptions = {}) {
  const runId = randomUUID()
  const jobId = randomUUID()
  const token = unsignedToken(`Actions.Results:${runId}:${jobId}`)
  const artifacts = new Map<string, Artifact>()
  const store: Azurite | undefined = unavailable ? undefined : await startAzurite()

  async function answer(request: IncomingMessage, text: string): Promise<TwirpAnswer> {
    if (!store) return refused(503, 'unavailable', 'the service is unavailable')
    if (request.headers.authorization !== `Bearer ${token}`) return refused(401, 'unauthenticated', 'not the token of this run')
    const body = JSON.parse(text) as Record<string, unknown>
    if (body.workflow_run_backend_id !== runId || body.workflow_job_run_backend_id !== jobId) {
      return refused(403, 'permission_denied', 'not the run and job of the token')
    }
    if (typeof body.name !== 'string' || body.name === '') return refused(400, 'invalid_argument', 'name is required')
    if (request.url === `${SERVICE}CreateArtifact`) return create(store, body.name, body)
    if (request.url === `${SERVICE}FinalizeArtifact`) return finalize(store, body.name, body)
    return refused(404, 'bad_route', `the fake has no ${request.url}`)
  }

  function create(blobs: Azurite, name: string, body: Record<string, unknown>): TwirpAnswer {
    if (body.version !== ARTIFACT_VERSION) return refused(400, 'invalid_argument', `version must be ${ARTIFACT_VERSION}`)
    if (artifacts.has(name)) {
      return refused(409, 'already_exists', 'an artifact with this name already exists on the workflow run')
    }
    const artifact = {
      id: 4_000_000_000 + artifacts.size,
      blob: randomUUID(),
      mimeType: String(body.mime_type),
      finalized: false,
    }
    artifacts.set(name, artifact)
    return { status: 200, body: { ok: true, signed_upload_url: blobs.signedUrl(artifact.blob) } }
  }

  async function finalize(blobs: Azurite, name: string, body: Record<string, unknown>): Promise<TwirpAnswer> {
    const artifact = artifacts.get(name)
    if (!artifact) return refused(404, 'not_found', `no artifact ${name}`)
    const bytes = await blobs.read(artifact.blob)
    const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    if (Number(body.size) !== bytes.length || body.hash !== hash) {
      return refused(400, 'invalid_argument', `expected ${bytes.length} bytes with ${hash}, got ${body.size} with ${body.hash}`)
    }
    artifact.finalized = true
    return { status: 200, body: { ok: true, artifact_id: String(artifact.id) } }
  }

  const server = await serveOnLoopback(async (request, response, text) => {
    const failed = (error: unknown) => refused(500, 'internal', String(error))
    const { status, body } = await answer(request, text).catch(failed)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })

  return {
    env: {
      ACTIONS_RESULTS_URL: `${server.url}/`,
      ACTIONS_RUNTIME_TOKEN: token,
    },
    /** The finalized artifacts, in the order in which they were created. */
    artifacts: async (): Promise<UploadedArtifact[]> => {
      const finalized = [...artifacts].filter(([, artifact]) => artifact.finalized)
      return Promise.all(
        finalized.map(async ([name, { blob, mimeType }]) => ({
          name,
          mimeType,
          bytes: (await store?.read(blob)) ?? Buffer.alloc(0),
        })),
      )
    },
    /** Ends the service and the blob store; what was uploaded is gone. */
    close: async (): Promise<void> => {
      await Promise.all([server.close(), store?.close()])
    },
  }
}

function unsignedToken(scope: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ scp: `Actions.GenericRead ${scope}` })}.`
}

const refused = (status: number, code: string, msg: string): TwirpAnswer => ({ status, body: { code, msg } })
