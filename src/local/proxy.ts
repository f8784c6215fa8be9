import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createProxyServer } from 'httpxy'
import * as z from 'zod'
import { messageOf } from '../pipeline/failure.ts'
import { serve } from './serve.ts'

const usage = 'usage: local-proxy --routes={"HOST":["http://127.0.0.1:PORT", …], …} [--stay]'
const usageExitCode = 2

/** The replicas of each service, by the Host header that leads to them. */
export type Routes = Readonly<Record<string, readonly string[]>>

const routesSchema = z.record(z.string().min(1), z.array(z.url({ protocol: /^http$/ })).min(1))

/** Longest wait for a replica to go on answering, in milliseconds; what ingress-nginx waits by default. */
const answerTimeoutMs = 60_000

/** What the arguments ask for; `problem` says what is wrong with them. */
export function readProxyArguments(
  args: readonly string[],
): { readonly routes: Routes; readonly timeoutMs: number; readonly stay: boolean } | { readonly problem: string } {
  let [routes, timeoutMs, stay] = [undefined as Routes | undefined, answerTimeoutMs, false]
  for (const arg of args) {
    const [, name, value = ''] = /^--(routes|timeout-ms)=([\s\S]*)$/.exec(arg) ?? []
    if (arg === '--stay') stay = true
    else if (name === 'routes') {
      const read = routesSchema.safeParse(parseJson(value))
      if (!read.success) return { problem: `--routes: expected addresses by host as JSON, got ${value.slice(0, 200)}` }
      routes = read.data
    } else if (name === 'timeout-ms' && /^[1-9]\d{0,8}$/.test(value)) timeoutMs = Number(value)
    else return { problem: `unknown argument "${arg}"` }
  }
  return routes === undefined ? { problem: '--routes is missing' } : { routes, timeoutMs, stay }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The reverse proxy before the local services, as an ingress controller is in a cluster. Returns the exit code. */
export async function proxy(args: readonly string[]): Promise<number> {
  const options = readProxyArguments(args)
  if ('problem' in options) {
    process.stderr.write(`${options.problem}; ${usage}\n`)
    return usageExitCode
  }
  const log = (line: string) => process.stderr.write(`${new Date().toISOString()} ${line}\n`)
  return await serve(proxyServer(options.routes, options.timeoutMs, onChange(log)), { port: 0, host: '127.0.0.1', stay: options.stay })
}

/**
 * Routes by Host header, round robin over a service's replicas. An unknown host is 404; a replica that cannot be reached
 * is 502, unless nothing but asking was asked for and the next replica answers; one that is silent too long is 504.
 * @param report told how each replica did
 */
function proxyServer(routes: Routes, timeoutMs: number, report: (replica: string, problem: string | null) => void): Server {
  // Idle connections are closed here, before a replica would close one under the next request.
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024, timeout: timeoutMs + 5000 })
  const forward = createProxyServer({ agent, xfwd: true })
  forward.on('proxyReq', (outgoing) => {
    outgoing.setTimeout(timeoutMs, () => outgoing.destroy(Object.assign(new Error(`no answer within ${timeoutMs / 1000} s`), { code: silent })))
  })
  forward.on('proxyRes', (answer) => {
    // These speak of the connection to the replica; the one to the client has a life of its own.
    delete answer.headers.connection
    delete answer.headers['keep-alive']
  })

  const services = new Map(Object.entries(routes).map(([host, replicas]) => [host.toLowerCase(), { replicas, turn: 0 }]))
  return createServer(async (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
    const service = services.get(host)
    if (!service) return answer(request, response, 404, `no service has the host ${host}`)
    const { replicas } = service
    const first = service.turn
    service.turn = (first + 1) % replicas.length
    const tries = isAskingOnly(request) ? Math.min(2, replicas.length) : 1
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const replica = replicas[(first + attempt) % replicas.length] as string
      try {
        await forward.web(request, response, { target: replica, headers: { connection: 'keep-alive' } })
        report(replica, null)
        return
      } catch (error) {
        const problem = messageOf(error)
        report(replica, `${host}: ${replica}: ${problem}`)
        if (response.headersSent || response.destroyed) return void response.destroy()
        const isSilent = (error as NodeJS.ErrnoException).code === silent
        if (isSilent || attempt === tries - 1) return answer(request, response, isSilent ? 504 : 502, problem)
      }
    }
  })
}

const silent = 'ETIMEDOUT'

/** A request that may be sent again to somebody else: it changes nothing and has no body that is gone by then. */
function isAskingOnly({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  return (method === 'GET' || method === 'HEAD') && !hasBody
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  request.resume()
  const body = `${status} ${message}\n`
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Logs a replica's problem when it begins or changes, and its end: a load would fill the disk with the rest. */
function onChange(log: (line: string) => void): (replica: string, problem: string | null) => void {
  const problems = new Map<string, string>()
  return (replica, problem) => {
    if ((problems.get(replica) ?? null) === problem) return
    if (problem === null) problems.delete(replica)
    else problems.set(replica, problem)
    log(problem ?? `${replica}: answers again`)
  }
}
