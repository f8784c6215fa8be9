import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { addAbortSignal, PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HttpClient } from '@actions/http-client'
import pRetry, { AbortError } from 'p-retry'
import { messageOf } from '../pipeline/failure.ts'
import { raceSignal } from '../pipeline/race.ts'
import { stageFailure } from '../stages/cause.ts'
import { HttpStatusError, isTransient, RedirectError } from './download-error.ts'

export interface DownloadOptions {
  readonly signal: AbortSignal
  /** Attempts after the first. Default 4. */
  readonly retries?: number
  /** First pause in milliseconds, doubled each time, with jitter, at most 8 s. Default 500. */
  readonly minPauseMs?: number
}

/**
 * Downloads a file, honouring proxies, hashing on the way.
 * @returns the SHA-256 of what was written, in hex
 * @throws Failure of kind `infrastructure` with the last error as cause; nothing is left at `path` then
 */
export async function downloadFile(url: string, path: string, options: DownloadOptions): Promise<string> {
  return await retried(url, options, async () => {
    const body = await request(url, options.signal)
    const hash = createHash('sha256')
    const counter = new PassThrough()
    let received = 0
    counter.on('data', (chunk: Buffer) => {
      received += chunk.length
      hash.update(chunk)
    })
    try {
      await pipeline(body, counter, createWriteStream(path), { signal: options.signal })
      const expected = Number(body.headers['content-length'] ?? received)
      if (received !== expected) throw new Error(`${url} was cut off: ${received} of ${expected} bytes`)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
    return hash.digest('hex')
  })
}

/** Downloads a short text, at most 1 MiB. Errors as for `downloadFile`. */
export async function downloadText(url: string, options: DownloadOptions): Promise<string> {
  return await retried(url, options, async () => {
    const chunks: Buffer[] = []
    let received = 0
    const body = await request(url, options.signal)
    for await (const chunk of body) {
      received += (chunk as Buffer).length
      if (received > 1024 * 1024) throw new AbortError(`${url} is larger than 1 MiB; a checksum file was expected`)
      chunks.push(chunk as Buffer)
    }
    return Buffer.concat(chunks).toString('utf8')
  })
}

const redirectsMax = 5

/** One GET that follows redirects itself: http-client refuses those to a path of the same host. */
async function request(url: string, signal: AbortSignal) {
  let target = url
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    signal.throwIfAborted()
    const client = new HttpClient('mlops-pipeline-action', [], { allowRetries: false, allowRedirects: false, socketTimeout: 30_000 })
    const answering = client.get(target)
    // http-client knows no signals: an answer that comes after the abort is dropped.
    answering.then(({ message }) => signal.aborted && message.destroy()).catch(() => {})
    const { message } = await raceSignal(answering, signal)
    if (message.statusCode === 200) return addAbortSignal(signal, message)
    message.resume()
    const { location } = message.headers
    if (!location || ![301, 302, 303, 307, 308].includes(message.statusCode ?? 0)) throw new HttpStatusError(target, message.statusCode ?? 0)
    target = followable(target, location)
  }
  throw new RedirectError(`${url} redirects more than ${redirectsMax} times`)
}

/** The address a redirect leads to; never from https to http, where anybody could answer. */
function followable(from: string, location: string): string {
  if (!URL.canParse(location, from)) throw new RedirectError(`${from} redirects to ${JSON.stringify(location)}, which is no address`)
  const to = new URL(location, from)
  if (!['http:', 'https:'].includes(to.protocol)) throw new RedirectError(`${from} redirects to ${to.protocol}, which is not HTTP`)
  if (from.startsWith('https:') && to.protocol !== 'https:') throw new RedirectError(`${from} redirects to ${to.protocol}//${to.host}, which is not encrypted`)
  return to.href
}

async function retried<T>(url: string, { signal, retries = 4, minPauseMs = 500 }: DownloadOptions, attempt: () => Promise<T>): Promise<T> {
  try {
    return await pRetry(attempt, {
      retries,
      minTimeout: minPauseMs,
      maxTimeout: 8000,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => isTransient(error),
    })
  } catch (error) {
    signal.throwIfAborted()
    throw stageFailure('download-failed', `${url} could not be downloaded: ${messageOf(error)}`, {
      kind: 'infrastructure',
      remedy: 'Run the job again; if it stays, set download-mirror to a host this machine can reach.',
      cause: error,
    })
  }
}
