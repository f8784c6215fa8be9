import '../fakes/realm.ts'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { startLocal } from '../../src/adapters/local.ts'
import type { RunningProcess } from '../../src/stages/local/process.ts'
import { startEntry } from '../fakes/entry.ts'
import { eventually } from '../fakes/eventually.ts'
import { endProcess } from '../fakes/programs.ts'

const entry = [process.execPath, join(import.meta.dirname, '..', '..', 'src', 'index.ts')]
const running: RunningProcess[] = []
const servers: Server[] = []
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-programs-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})
afterEach(async () => {
  for (const { pid } of running.splice(0)) await endProcess(pid)
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const never = new AbortController().signal
async function start(role: 'local-service' | 'local-proxy', ...args: string[]): Promise<RunningProcess> {
  const program = await startLocal([...entry, role], args, { signal: never, log: join(folder, `${role}.log`), stay: false })
  running.push(program)
  return program
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Port of our end of the connection, by which one can be told from another. */
  readonly port: number
}

interface Question {
  readonly host?: string
  readonly path?: string
  readonly method?: string
  readonly body?: Buffer | string
  readonly headers?: Record<string, string>
  readonly agent?: Agent
  readonly signal?: AbortSignal
}

async function ask(url: string, { host, path = '/', method = 'GET', body, headers = {}, agent, signal }: Question = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const options = { method, agent: agent ?? false, headers: { ...headers, ...(host === undefined ? {} : { host }) }, ...(signal && { signal }) }
  const outgoing = request(new URL(path, url), options, (response) => {
    const port = response.socket.localPort ?? 0
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString(), port }))
  })
  outgoing.on('error', reject)
  outgoing.end(body)
  return await promise
}

/** A replica in this process. */
async function replica(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ url: string; connections: () => number }> {
  let connections = 0
  const server = createServer(handle).on('connection', () => {
    connections += 1
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections }
}
const named = (name: string) => replica((_, response) => response.end(name))

/** An address where nothing listens. */
async function nobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

const proxyTo = async (routes: Record<string, string[]>, ...args: string[]) => (await start('local-proxy', `--routes=${JSON.stringify(routes)}`, ...args)).url

describe('the echo service', () => {
  test('answers every path with its text, and /health with its health', async () => {
    const { url } = await start('local-service', '-listen=:0', '-text=foo')
    expect(await ask(url)).toMatchObject({ status: 200, body: 'foo\n' })
    expect(await ask(url, { path: '/any/where?x=1', method: 'POST', body: 'x'.repeat(1_000_000) })).toMatchObject({ status: 200, body: 'foo\n' })
    const health = await ask(url, { path: '/health' })
    expect([health.status, JSON.parse(health.body)]).toEqual([200, { status: 'ok' }])
  }, 30_000)

  test('ends on SIGTERM with 0, even while a client holds a connection', async () => {
    const { url, pid, ended } = await start('local-service', '-text=foo')
    const agent = new Agent({ keepAlive: true })
    await ask(url, { agent })
    process.kill(pid, 'SIGTERM')
    expect(await ended).toEqual({ how: 'exit code 0', lastLine: '' })
    agent.destroy()
  }, 30_000)

  test('that cannot have its port says so', async () => {
    const { url } = await named('other')
    await expect(start('local-service', '-text=foo', `-listen=:${new URL(url).port}`)).rejects.toThrow(/^ended with exit code 1: .*EADDRINUSE/)
  }, 30_000)

  test.each([
    ['local-service', ['-nonsense'], 'unknown argument "-nonsense"; usage: local-service [-listen=[HOST]:PORT] -text=TEXT [--stay]\n'],
    ['local-proxy', [], '--routes is missing; usage: local-proxy --routes={"HOST":["http://127.0.0.1:PORT", …], …} [--stay]\n'],
  ])(
    '%s %j is a wrong call',
    async (role, args, stderr) => {
      expect(await startEntry('index.ts', { args: [role, ...args], env: {}, cwd: folder }).done).toEqual({ exitCode: 2, stdout: '', stderr })
    },
    30_000,
  )
})

describe('the reverse proxy', () => {
  test('routes by the Host header, whatever its case and port', async () => {
    const url = await proxyTo({ 'foo.localhost': [(await named('foo')).url], 'bar.localhost': [(await named('bar')).url] })
    expect((await ask(url, { host: 'foo.localhost' })).body).toBe('foo')
    expect((await ask(url, { host: 'BAR.localhost:8080' })).body).toBe('bar')
  }, 30_000)

  test('knows nobody of another host', async () => {
    const url = await proxyTo({ 'foo.localhost': [(await named('foo')).url] })
    for (const host of ['nope.localhost', 'foo', '127.0.0.1', '__proto__', 'constructor']) {
      expect(await ask(url, { host })).toMatchObject({ status: 404, body: `404 no service has the host ${host}\n` })
    }
  }, 30_000)

  test('gives the replicas of a service their turns', async () => {
    const url = await proxyTo({ foo: [(await named('a')).url, (await named('b')).url, (await named('c')).url] })
    const bodies: string[] = []
    for (let count = 0; count < 6; count += 1) bodies.push((await ask(url, { host: 'foo' })).body)
    expect(bodies.join('')).toBe('abcabc')
  }, 30_000)

  test('hands on method, path, headers and body, tells who asked, and hands back status and headers', async () => {
    const { url: target } = await replica((incoming, response) => {
      const hash = createHash('sha256')
      incoming.on('data', (chunk: Buffer) => hash.update(chunk))
      incoming.on('end', () => {
        const { method, url: path, headers } = incoming
        response.writeHead(418, { 'x-own': 'yes', 'set-cookie': ['a=1', 'b=2'] })
        response.end(JSON.stringify({ method, path, headers, sha256: hash.digest('hex') }))
      })
    })
    const body = randomBytes(5 * 1024 * 1024)
    const url = await proxyTo({ foo: [target] })
    const answer = await ask(url, { host: 'foo', method: 'PUT', path: '/a%20b?c=d&e', body, headers: { 'x-given': '1' } })
    expect(answer).toMatchObject({ status: 418, headers: { 'x-own': 'yes', 'set-cookie': ['a=1', 'b=2'] } })
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'PUT',
      path: '/a%20b?c=d&e',
      headers: { host: 'foo', 'x-given': '1', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'foo' },
      sha256: createHash('sha256').update(body).digest('hex'),
    })
  }, 30_000)

  test('hands back a large body whole', async () => {
    const body = 'x'.repeat(8 * 1024 * 1024)
    const url = await proxyTo({ foo: [(await named(body)).url] })
    expect((await ask(url, { host: 'foo' })).body).toHaveLength(body.length)
  }, 30_000)

  test('keeps connections on both sides, whatever the other side does with its own', async () => {
    const target = await named('foo')
    const url = await proxyTo({ foo: [target.url] })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number>()
    for (let count = 0; count < 5; count += 1) ports.add((await ask(url, { host: 'foo', agent })).port)
    agent.destroy()
    const closing = await ask(url, { host: 'foo', headers: { connection: 'close' } })
    expect(closing.headers.connection).toBe('close')
    expect({ ours: ports.size, theirs: target.connections() }).toEqual({ ours: 1, theirs: 1 })
  }, 30_000)

  test('a replica that closes its connections does not cost the client its own', async () => {
    const url = await proxyTo({ foo: [(await replica((_, response) => response.writeHead(200, { connection: 'close' }).end('foo'))).url] })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number>()
    for (let count = 0; count < 3; count += 1) ports.add((await ask(url, { host: 'foo', agent })).port)
    agent.destroy()
    expect(ports.size).toBe(1)
  }, 30_000)
})

describe('a replica that is gone', () => {
  test('is passed over for a request that may be sent again', async () => {
    const url = await proxyTo({ foo: [await nobody(), (await named('alive')).url] })
    for (let count = 0; count < 4; count += 1) expect(await ask(url, { host: 'foo' })).toMatchObject({ status: 200, body: 'alive' })
    expect((await ask(url, { host: 'foo', method: 'HEAD' })).status).toBe(200)
  }, 30_000)

  test('is passed over when it cuts the connection before any answer', async () => {
    const cutting = await replica((incoming) => incoming.socket.destroy())
    const url = await proxyTo({ foo: [cutting.url, (await named('alive')).url] })
    expect(await ask(url, { host: 'foo' })).toMatchObject({ status: 200, body: 'alive' })
  }, 30_000)

  test('is 502 for a request that may not', async () => {
    const url = await proxyTo({ foo: [await nobody(), (await named('alive')).url] })
    expect(await ask(url, { host: 'foo', method: 'POST', body: 'once' })).toMatchObject({ status: 502, body: expect.stringContaining('ECONNREFUSED') })
    expect(await ask(url, { host: 'foo', method: 'POST', body: 'once' })).toMatchObject({ status: 200, body: 'alive' })
  }, 30_000)

  test('is 502 when there is no other, and when the other is gone too', async () => {
    const url = await proxyTo({ one: [await nobody()], two: [await nobody(), await nobody()] })
    for (const host of ['one', 'two']) expect(await ask(url, { host })).toMatchObject({ status: 502, body: expect.stringContaining('ECONNREFUSED') })
  }, 30_000)

  test('stands in the log once, not once for each request', async () => {
    const { url, stop } = await start('local-proxy', `--routes=${JSON.stringify({ foo: [await nobody()] })}`)
    for (let count = 0; count < 5; count += 1) await ask(url, { host: 'foo' })
    await stop(never)
    const lines = (await readFile(join(folder, 'local-proxy.log'), 'utf8')).trim().split('\n')
    expect(lines).toEqual([expect.stringMatching(/^\S+Z foo: http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/)])
  }, 30_000)

  test('in the middle of its answer cuts the client’s connection, so that half an answer is no answer', async () => {
    const { url: target } = await replica((incoming, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => incoming.socket.destroy())
    })
    await expect(ask(await proxyTo({ foo: [target] }), { host: 'foo' })).rejects.toThrow(/aborted|hang up|ECONNRESET/)
  }, 30_000)
})

describe('a replica that is slow', () => {
  test('is waited for', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<ServerResponse>()
    const url = await proxyTo({ foo: [(await replica((_, response) => resolve(response))).url] })
    const answer = ask(url, { host: 'foo' })
    ;(await asked).end('at last')
    expect((await answer).body).toBe('at last')
  }, 30_000)

  test('is 504 after its time, and nobody else is asked', async () => {
    const silent = await replica(() => {})
    const other = await named('other')
    const url = await proxyTo({ foo: [silent.url, other.url] }, '--timeout-ms=200')
    expect(await ask(url, { host: 'foo' })).toMatchObject({ status: 504, body: '504 no answer within 0.2 s\n' })
    expect(other.connections()).toBe(0)
  }, 30_000)

  test('hears of a client that has gone', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<IncomingMessage>()
    const url = await proxyTo({ foo: [(await replica((incoming) => resolve(incoming))).url] })
    const abort = new AbortController()
    const answer = ask(url, { host: 'foo', signal: abort.signal })
    answer.catch(() => {})
    const incoming = await asked
    abort.abort()
    await expect(answer).rejects.toThrow()
    await eventually('the replica’s connection is cut', () => incoming.socket.destroyed)
    expect(await ask(url, { host: 'nope' })).toMatchObject({ status: 404 })
  }, 30_000)
})
