import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers one request, whose body has been read. Throwing is a fault of the fake: the connection is cut. */
type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void> | void

/** Serves on a free port of 127.0.0.1. */
export async function serveOnLoopback(handle: Handler, onError: (error: unknown) => void = () => {}) {
  const server = createServer((request, response) => {
    readText(request)
      .then((body) => handle(request, response, body))
      .catch((error: unknown) => {
        onError(error)
        response.destroy()
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    /** Without a slash at the end. */
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Stops the server and cuts what still hangs. */
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
