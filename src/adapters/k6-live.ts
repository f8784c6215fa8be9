import { createServer } from 'node:net'
import { z } from 'zod'
import { formatMs, formatValue } from '../gates/describe.ts'
import type { httpGet } from './http.ts'

/** How often k6 is asked for its numbers, in milliseconds. */
const periodMs = 2000

/** Longest wait for one answer, in milliseconds. */
const answerMs = 1500

/** A script with many metrics of its own has a long list. */
const answerLimitBytes = 4 * 1024 * 1024

export interface LiveNumbersOptions {
  /** Where k6's REST API is asked to listen, on 127.0.0.1. */
  readonly port: number
  readonly get: typeof httpGet
  /** Told of the load's numbers so far, in words. */
  readonly tell: (words: string) => void
  /** Whether the number of users means anything; with a rate it does not. */
  readonly withUsers: boolean
}

/**
 * Asks a k6 for its numbers while it runs. One that does not answer is asked again and nothing is said of it.
 * @returns ends it at once, whatever it is waiting for
 */
export function followNumbers({ port, get, tell, withUsers }: LiveNumbersOptions): () => void {
  const end = new AbortController()
  let asking = false
  const ask = async () => {
    // A k6 that is short of CPU must not be asked by many at once.
    if (asking) return
    asking = true
    try {
      const answer = await get(`http://127.0.0.1:${port}/v1/metrics`, { timeoutMs: answerMs, signal: end.signal, limitBytes: answerLimitBytes })
      const words = answer.status === 200 ? describeNumbers(answer.body, withUsers) : null
      if (words !== null && !end.signal.aborted) tell(words)
    } catch {
      // It is not up yet, or gone already.
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void ask(), periodMs).unref()
  return () => {
    clearInterval(timer)
    end.abort()
  }
}

const metric = z.object({ id: z.string(), attributes: z.object({ sample: z.record(z.string(), z.number()) }) })
const answered = z.object({ data: z.array(z.unknown()) })

/** k6's answer to `/v1/metrics` in words, such as `12,340 requests, 411/s, p95 12.1 ms, 0% errors, 10 VUs`; null before the first request. */
export function describeNumbers(body: string, withUsers = true): string | null {
  const samples = readSamples(body)
  const { count = 0, rate } = samples.get('http_reqs') ?? {}
  if (count === 0) return null
  const own = samples.has('mlops_errors')
  // The same metrics as in the report: ours, or k6's own where the script is somebody else's.
  const p95 = samples.get(own ? 'mlops_latency' : 'http_req_duration')?.['p(95)']
  const errors = samples.get(own ? 'mlops_errors' : 'http_req_failed')?.rate
  const users = withUsers ? samples.get('vus')?.value : undefined
  return [
    `${formatValue(count, 'count')} requests`,
    rate === undefined ? '' : formatValue(rate, 'per-second'),
    p95 === undefined ? '' : `p95 ${formatMs(p95)}`,
    errors === undefined ? '' : `${formatValue(errors, 'ratio')} errors`,
    users === undefined ? '' : `${formatValue(users, 'count')} VUs`,
  ]
    .filter(Boolean)
    .join(', ')
}

function readSamples(body: string): Map<string, Readonly<Record<string, number>>> {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return new Map()
  }
  const list = answered.safeParse(json).data?.data ?? []
  const read = list.flatMap((each) => metric.safeParse(each).data ?? [])
  return new Map(read.map(({ id, attributes }) => [id, attributes.sample]))
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
  })
  return await promise
}
