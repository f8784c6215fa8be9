import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A running proxy. */
export type ForwardProxy = Awaited<ReturnType<typeof startProxy>>

/**
 * Starts an HTTP proxy on a free port of 127.0.0.1 that takes every tunnel it is asked for to `target`, whatever its
 * name: so a test can use a name that no DNS knows and see who asked the proxy for it.
 */
export async function startProxy(target: string) {
  const { hostname, port } = new URL(target)
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, client: Socket, head) => {
    tunnels.push(request.url ?? '')
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client)
      client.pipe(upstream)
    })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** `host:port` of every tunnel asked for. */
    tunnels: tunnels as readonly string[],
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
