import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A running fake of GitHub's cache service. */
export type CacheService = Awaited<ReturnType<typeof startCacheService>>

interface Entry {
  key: string
  version: string
  bytes: Buffer
  committed: boolean
}

/**
 * Starts the first version of GitHub's cache service, which GitHub Enterprise and act still speak, on a free port of
 * 127.0.0.1. Put `env` into the environment; `@actions/cache` reads it when it is called.
 */
export async function startCacheService() {
  const entries: Entry[] = []
  const token = 'runtime-token'
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://service')
    const json = (status: number, value: object) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    const nothing = (status: number) => response.writeHead(status).end()
    const id = Number(pathname.split('/').at(-1))
    // The client takes 0 for none.
    const entry = entries[id - 1]

    // An archive's address needs no token.
    if (request.method === 'GET' && pathname.startsWith('/archive/')) return entry ? response.end(entry.bytes) : nothing(404)
    if (request.headers.authorization !== `Bearer ${token}`) return nothing(401)
    switch (`${request.method} ${pathname.replace(/\d+$/, 'ID')}`) {
      case 'GET /_apis/artifactcache/cache': {
        const found = entries.findIndex(
          ({ key, version, committed }) => committed && searchParams.get('keys') === key && searchParams.get('version') === version,
        )
        return found < 0 ? nothing(204) : json(200, { cacheKey: entries[found]?.key, archiveLocation: `${url}/archive/${found + 1}` })
      }
      case 'POST /_apis/artifactcache/caches': {
        const { key, version } = JSON.parse(body.toString()) as { key: string; version: string }
        if (entries.some((other) => other.key === key && other.version === version)) return nothing(409)
        entries.push({ key, version, bytes: Buffer.alloc(0), committed: false })
        return json(201, { cacheId: entries.length })
      }
      case 'PATCH /_apis/artifactcache/caches/ID':
        if (!entry) return nothing(404)
        entry.bytes = Buffer.concat([entry.bytes, body])
        return nothing(204)
      case 'POST /_apis/artifactcache/caches/ID':
        if (!entry || entry.bytes.length !== (JSON.parse(body.toString()) as { size: number }).size) return nothing(400)
        entry.committed = true
        return nothing(204)
      default:
        return nothing(404)
    }
  }
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: { ACTIONS_CACHE_URL: `${url}/`, ACTIONS_RUNTIME_TOKEN: token },
    /** Keys of what was uploaded whole. */
    keys: () => entries.filter(({ committed }) => committed).map(({ key }) => key),
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
