import { createServer, type Server } from 'node:http'
import { serve } from './serve.ts'

const usage = 'usage: local-service [-listen=[HOST]:PORT] -text=TEXT [--stay]'
const usageExitCode = 2

/** What the arguments ask for. */
export interface EchoOptions {
  readonly host: string
  /** 0 for a free one. */
  readonly port: number
  readonly text: string
  readonly stay: boolean
}

/**
 * Reads arguments as hashicorp/http-echo takes them, with one dash or two. Without a host it listens on 127.0.0.1 alone:
 * a pod's port is its own, this one is the machine's.
 * @returns what is wrong when they cannot be read
 */
export function readEchoArguments(args: readonly string[]): EchoOptions | { readonly problem: string } {
  let [host, port, text, stay] = ['127.0.0.1', 0, undefined as string | undefined, false]
  for (const arg of args) {
    const [, name, value] = /^--?(listen|text)=([\s\S]*)$/.exec(arg) ?? []
    if (arg === '--stay') stay = true
    else if (name === 'text') text = value
    else if (name === 'listen') {
      const [, givenHost = '', digits = ''] = /^([^\s:]*):(\d{1,5})$/.exec(value ?? '') ?? []
      if (digits === '' || Number(digits) > 65_535) return { problem: `-listen: expected [HOST]:PORT, got "${value}"` }
      port = Number(digits)
      if (givenHost !== '') host = givenHost
    } else return { problem: `unknown argument "${arg}"` }
  }
  return text === undefined ? { problem: '-text is missing' } : { host, port, text, stay }
}

/** The echo service as a program of this machine: what hashicorp/http-echo is in the cluster. Returns the exit code. */
export async function echo(args: readonly string[]): Promise<number> {
  const options = readEchoArguments(args)
  if ('problem' in options) {
    process.stderr.write(`${options.problem}; ${usage}\n`)
    return usageExitCode
  }
  return await serve(echoServer(options.text), options)
}

/** Answers every path with the text, and `/health` with its own good health. */
function echoServer(text: string): Server {
  const body = Buffer.from(`${text}\n`)
  const health = Buffer.from('{"status":"ok"}\n')
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?')
    const [content, type] = path === '/health' ? [health, 'application/json; charset=utf-8'] : [body, 'text/plain; charset=utf-8']
    response.writeHead(200, { 'content-type': type, 'content-length': content.length })
    response.end(content)
    request.resume()
  })
  // Longer than the proxy keeps an idle connection, or one of the two would close it under the other's request.
  server.keepAliveTimeout = 120_000
  return server
}
