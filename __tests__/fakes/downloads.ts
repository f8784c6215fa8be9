import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How one request for a file is answered. */
export type Serve = (response: ServerResponse, request: IncomingMessage) => void

/** The whole body, with its length. */
export const content =
  (body: string | Buffer): Serve =>
  (response) => {
    const bytes = Buffer.from(body)
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
  }

/** A status and no more. */
export const status =
  (code: number): Serve =>
  (response) =>
    response.writeHead(code, { 'content-length': 0 }).end()

/** A redirect. */
export const redirect =
  (location: string): Serve =>
  (response) =>
    response.writeHead(302, { location, 'content-length': 0 }).end()

/** Says that all of the body comes, sends half of it, and cuts the connection. */
export const cutOff =
  (body: string | Buffer, { chunked = false } = {}): Serve =>
  (response) => {
    const bytes = Buffer.from(body)
    response.writeHead(200, chunked ? {} : { 'content-length': bytes.length })
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
  }

/** Sends half of the body and then nothing more, with the connection open. */
export const stall =
  (body: string | Buffer): Serve =>
  (response) => {
    const bytes = Buffer.from(body)
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, bytes.length / 2))
  }

/** Never answers. */
export const hang: Serve = () => {}

/** One way after the other; the last one stays. */
export function inTurn(...ways: Serve[]): Serve {
  let turn = 0
  return (response, request) => ways[Math.min(turn++, ways.length - 1)]?.(response, request)
}

/** A running download host. */
export type DownloadHost = Awaited<ReturnType<typeof startDownloadHost>>

/** Starts a host of files on a free port of 127.0.0.1; a path that was not put answers 404. */
export async function startDownloadHost(files: Readonly<Record<string, Serve>> = {}) {
  const served = new Map(Object.entries(files))
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const serve = served.get(request.url ?? '') ?? status(404)
    serve(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    /** Without a slash at the end. */
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Paths that were asked for, in order. */
    requests: requests as readonly string[],
    put: (path: string, serve: Serve): void => void served.set(path, serve),
    /** How many clients are connected. */
    connections: () => new Promise<number>((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
    /** Stops the server and cuts what still hangs. */
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
