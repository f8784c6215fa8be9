import '../fakes/realm.ts'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { httpGet } from '../../src/adapters/http.ts'
import { eventually } from '../fakes/eventually.ts'

let server: Server
let answer: (request: IncomingMessage, response: ServerResponse) => void
let requests: IncomingMessage[]
let clientPorts: (number | undefined)[]
beforeEach(async () => {
  requests = []
  clientPorts = []
  server = createServer((request, response) => {
    requests.push(request)
    clientPorts.push(request.socket.remotePort)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
})

const never = new AbortController().signal
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query=1`
const get = (options: { host?: string; timeoutMs?: number; signal?: AbortSignal } = {}) => httpGet(url(), { timeoutMs: 5000, signal: never, ...options })
const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)))

describe('a probe', () => {
  test('asks for what it is told, with its own Host header', async () => {
    answer = (_, response) => response.writeHead(200).end('foo\n')
    expect(await get({ host: 'foo.localhost' })).toMatchObject({ status: 200, body: 'foo\n' })
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/path?query=1', headers: { host: 'foo.localhost' } })
  })

  test('without one has that of its address', async () => {
    answer = (_, response) => response.end()
    await get()
    expect(requests[0]?.headers.host).toBe(new URL(url()).host)
  })

  test('takes a connection of its own each time, and leaves none', async () => {
    answer = (_, response) => response.end('ok')
    await get()
    await get()
    expect(new Set(clientPorts).size).toBe(2)
    await eventually('none is left', async () => (await connections()) === 0)
  })

  test.each([204, 301, 404, 503])('answered with %i is an answer, and a redirect is not followed', async (status) => {
    answer = (_, response) => response.writeHead(status, { location: '/elsewhere' }).end()
    expect(await get()).toMatchObject({ status, body: '' })
    expect(requests).toHaveLength(1)
  })

  test('reads to the end, but keeps the first 64 KiB only', async () => {
    answer = (_, response) => response.end(Buffer.alloc(5 * 1024 * 1024, 'x'))
    const { body } = await get()
    expect(body).toHaveLength(64 * 1024)
  })

  test('ignores proxies: it looks at what is near', async () => {
    answer = (_, response) => response.end('direct')
    process.env.http_proxy = 'http://127.0.0.1:9'
    try {
      expect(await get()).toMatchObject({ body: 'direct' })
    } finally {
      delete process.env.http_proxy
    }
  })
})

describe('a probe without an answer', () => {
  test('says that nobody listens, in the socket’s words', async () => {
    const there = url()
    await new Promise((resolve) => server.close(resolve))
    await expect(httpGet(there, { timeoutMs: 5000, signal: never })).rejects.toThrow('ECONNREFUSED')
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  test.each<[string, typeof answer]>([
    ['never comes', () => {}],
    [
      'stops in the middle',
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 })
        response.write('half')
      },
    ],
    [
      'comes drop by drop',
      (_, response) => {
        response.writeHead(200)
        const timer = setInterval(() => response.write('x'), 5)
        response.on('close', () => clearInterval(timer))
      },
    ],
  ])('in time says so (it %s)', async (_, behave) => {
    answer = behave
    await expect(get({ timeoutMs: 100 })).rejects.toThrow('no answer within 0.1 s')
    await eventually('the connection is closed', async () => (await connections()) === 0)
  })

  test.each<[string, typeof answer]>([
    ['before an answer', (request) => request.socket.destroy()],
    [
      'in the middle of one',
      (_, response) => {
        response.writeHead(200, { 'content-length': 100 })
        response.write('half', () => response.destroy())
      },
    ],
  ])('because the connection is cut %s is an error', async (_, behave) => {
    answer = behave
    await expect(get()).rejects.toThrow()
  })

  test('at an abort ends with its reason', async () => {
    answer = () => {}
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const asking = get({ signal: controller.signal })
    asking.catch(() => {})
    await eventually('it was asked', () => requests.length > 0)
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    await eventually('the connection is closed', async () => (await connections()) === 0)
  })
})
