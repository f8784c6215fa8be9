import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import type { HttpAnswer } from '../stages/health/probe.ts'

const usualLimitBytes = 64 * 1024

/**
 * One GET on a fresh connection, redirects not followed, proxies not used: it probes what is near.
 * @param options.limitBytes how much of the body is kept; default 64 KiB
 * @param options.host replaces the Host header, which `fetch` would not let us set
 * @throws Error in the words of the socket, or saying that no answer came in time
 */
export async function httpGet(url: string, options: { host?: string; timeoutMs: number; signal: AbortSignal; limitBytes?: number }): Promise<HttpAnswer> {
  const startMs = performance.now()
  const bodyLimitBytes = options.limitBytes ?? usualLimitBytes
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = AbortSignal.any([options.signal, timeout])
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
  const send = url.startsWith('https:') ? requestTls : request
  const outgoing = send(
    url,
    { agent: false, signal, headers: { accept: '*/*', ...(options.host === undefined ? {} : { host: options.host }) } },
    (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        if (size < bodyLimitBytes) chunks.push(chunk.subarray(0, bodyLimitBytes - size))
        size += chunk.length
      })
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, body, durationMs: performance.now() - startMs })
      })
    },
  )
  outgoing.on('error', reject)
  outgoing.end()
  try {
    return await promise
  } catch (error) {
    options.signal.throwIfAborted()
    if (timeout.aborted) throw Object.assign(new Error(`no answer within ${options.timeoutMs / 1000} s`), { code: 'ETIMEDOUT' })
    throw error
  }
}
