import '../fakes/realm.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { httpGet } from '../../src/adapters/http.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { retry } from '../../src/adapters/retry.ts'
import type { Failure } from '../../src/pipeline/failure.ts'
import { insideCluster } from '../../src/stages/health/kubernetes.ts'
import type { Health } from '../../src/stages/health/probe.ts'
import { healthStage } from '../../src/stages/health/stage.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { type FakeObject, type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { endpointSlice, namespace, pod } from '../fakes/kubernetes-objects.ts'

/** Three servers: the ingress that routes by Host header, and the NodePorts of foo and bar. */
type Front = 'ingress' | 'foo' | 'bar'
type Answer = (request: IncomingMessage, response: ServerResponse) => void
const text =
  (body: string, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status).end(`${body}\n`)
const byHost =
  (hosts: Record<string, Answer>): Answer =>
  (request, response) =>
    (hosts[request.headers.host ?? ''] ?? text('no rule', 404))(request, response)

let folder: string
let fake: KubernetesFake
let servers: Record<Front, Server>
let answers: Record<Front, Answer>
let asked: string[]
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'health-'))
  fake = await startKubernetesFake({ objects: [namespace('apps'), endpointSlice('foo', 2), endpointSlice('bar', 2)] })
  await writeFile(join(folder, 'kubeconfig'), fake.kubeconfig)
  answers = { ingress: byHost({ 'foo.localhost': text('foo'), 'bar.localhost': text('bar') }), foo: text('foo'), bar: text('bar') }
  asked = []
  said = []
  const listen = async (front: Front) => {
    const server = createServer((request, response) => {
      asked.push(`${front} ${request.headers.host?.split(':')[0]}`)
      answers[front](request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server
  }
  servers = { ingress: await listen('ingress'), foo: await listen('foo'), bar: await listen('bar') }
})
afterEach(async () => {
  for (const server of Object.values(servers)) {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  await fake.close()
  await rm(folder, { recursive: true })
})

const port = (front: Front) => (servers[front].address() as AddressInfo).port

async function start({ retries = 3, signal = new AbortController().signal, diagnosed = false } = {}): Promise<Health> {
  const ingress = { controller: 'nginx', image: 'x:1', className: 'nginx', baseUrl: `http://127.0.0.1:${port('ingress')}`, note: null, process: null }
  const routes = echoServices('http-echo:1', [port('foo'), port('bar')]).map((service) => ({ ...service, url: `http://127.0.0.1:${service.nodePort}` }))
  const services = { namespace: 'apps', routes, processes: null }
  const inside = insideCluster(() => connectKubernetes(join(folder, 'kubeconfig')))
  const stage = healthStage({ retries }, inside, { get: httpGet, retry })
  const needs = { ingress, services }
  try {
    return await stage.run(needs, { signal, progress: (message) => said.push(message) })
  } catch (error) {
    throw diagnosed ? await stage.diagnose?.(error as Failure, needs, signal) : error
  }
}

/** Wrong so many times, then right. */
function onlyAfter(times: number, wrong: Answer, right: Answer): Answer {
  let left = times
  return (request, response) => {
    left -= 1
    if (left >= 0) wrong(request, response)
    else right(request, response)
  }
}

describe('services are healthy', () => {
  test('when each answered five times in a row, past the ingress and through it, with its own Host', async () => {
    const { probes } = await start()
    expect(probes.map(({ service, kind, healthy, attempts, seen }) => [service, kind, healthy, attempts, seen]).sort()).toEqual([
      ['bar', 'endpoints', true, 1, expect.stringMatching(/^2 of 2/)],
      ['bar', 'ingress', true, 5, '200 and the expected body'],
      ['bar', 'node-port', true, 5, '200 and the expected body'],
      ['foo', 'endpoints', true, 1, expect.stringMatching(/^2 of 2/)],
      ['foo', 'ingress', true, 5, '200 and the expected body'],
      ['foo', 'node-port', true, 5, '200 and the expected body'],
    ])
    expect(asked.filter((line) => line === 'ingress foo.localhost')).toHaveLength(5)
    expect(asked.filter((line) => line === 'foo 127.0.0.1')).toHaveLength(5)
  })

  test('no sooner than their endpoints are in the API', async () => {
    fake.put(endpointSlice('foo', 1))
    const running = start()
    await eventually('it says how far it is', () => said.includes('foo: 1 of 2 endpoints ready'))
    expect(asked.some((line) => line.includes('foo'))).toBe(false)
    fake.put(endpointSlice('foo', 2))
    expect((await running).probes).toHaveLength(6)
  })

  test('after a controller that answers 503 until it knows the endpoints', async () => {
    const notYet = text('<html>503 Service Temporarily Unavailable</html>', 503)
    answers.ingress = byHost({ 'foo.localhost': onlyAfter(2, notYet, text('foo')), 'bar.localhost': text('bar') })
    const { probes } = await start()
    expect(probes.find(({ service, kind }) => service === 'foo' && kind === 'ingress')).toMatchObject({ healthy: true, attempts: 7 })
    expect(said).toContainEqual(expect.stringContaining('503 instead of 200: the ingress knows no ready pod of foo'))
  })

  test('only with successes in a row: one failure in between starts the count anew', async () => {
    let request = 0
    answers.foo = (incoming, response) => {
      request += 1
      text('foo', request === 4 ? 502 : 200)(incoming, response)
    }
    const { probes } = await start()
    expect(probes.find(({ service, kind }) => service === 'foo' && kind === 'node-port')).toMatchObject({ attempts: 9 })
  })
})

describe('services are not healthy', () => {
  test('when foo answers for bar, which names both', async () => {
    answers.ingress = text('foo')
    const failure = await failureOf(start({ retries: 1 }))
    expect(failure.message).toBe(`bar: http://127.0.0.1:${port('ingress')}/ (Host: bar.localhost): foo answered for bar (2 requests)`)
    expect(failure).toMatchObject({ kind: 'workload', data: { probes: expect.arrayContaining([expect.objectContaining({ service: 'bar', healthy: false })]) } })
  })

  test('when the ingress has no rule for them, each of them named once', async () => {
    answers.ingress = text('default backend - 404', 404)
    const { message, remedy } = await failureOf(start({ retries: 0 }))
    expect(
      message
        .split('; ')
        .map((sentence) => sentence.split(':')[0])
        .sort(),
    ).toEqual(['bar', 'foo'])
    expect(message).toContain('404 instead of 200: the ingress has no rule for foo.localhost')
    expect(remedy).toContain('Host rule')
  })

  test('when only the NodePort does not answer, in the socket’s words', async () => {
    const gone = port('bar')
    const closed = new Promise((resolve) => servers.bar.close(resolve))
    servers.bar.closeAllConnections()
    await closed
    const stage = failureOf(startWith(gone))
    const { message, remedy } = await stage
    expect(message).toMatch(new RegExp(`^bar: http://127\\.0\\.0\\.1:${gone}/: .*ECONNREFUSED`))
    expect(remedy).toContain('NodePort')
  })

  test('when the connection is cut in the middle of the answer', async () => {
    answers.foo = (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('fo', () => response.destroy())
    }
    expect((await failureOf(start({ retries: 0 }))).message).toMatch(/^foo: .*(aborted|hang up|ECONNRESET)/)
  })

  test('and ends at an abort with its reason', async () => {
    answers.ingress = () => {}
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const running = start({ signal: controller.signal })
    running.catch(() => {})
    await eventually('the ingress was asked', () => asked.some((line) => line.startsWith('ingress')))
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
  })
})

describe('a failure of health is diagnosed', () => {
  const serviceOf = (name: string, selector: object): FakeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'apps' },
    spec: { type: 'NodePort', selector, ports: [{ name: 'http', port: 80, targetPort: 5678, nodePort: port(name as Front) }] },
  })
  const stands = (fooSelector: object = { app: 'foo' }) => {
    for (const name of ['foo', 'bar']) fake.put(pod(`${name}-1`, { labels: { app: name } }))
    for (const name of ['foo', 'bar']) fake.put(pod(`${name}-2`, { labels: { app: name } }))
    fake.put(serviceOf('foo', fooSelector))
    fake.put(serviceOf('bar', { app: 'bar' }))
  }

  test('by a selector that fits no pod, with the labels that there are', async () => {
    stands({ app: 'fooo' })
    answers.foo = (request) => request.destroy()
    answers.ingress = byHost({ 'foo.localhost': text('no endpoints', 503), 'bar.localhost': text('bar') })
    const failure = await failureOf(start({ retries: 0, diagnosed: true }))
    expect(failure).toMatchObject({
      kind: 'workload',
      code: 'no-endpoints',
      message: 'foo: the Service apps/foo selects no pod (selector app=fooo; the pods have app=bar or app=foo)',
      data: { probes: expect.arrayContaining([expect.objectContaining({ service: 'foo', code: 'ingress-no-backend' })]) },
    })
    expect(failure.evidence[0]).toMatch(/^Service apps\/foo: selector app=fooo; port http 80 to 5678, nodePort \d+$/)
  })

  test('by what the API server gets when it asks past every way in', async () => {
    stands()
    fake.setService('apps', 'foo', { status: 503, body: 'error trying to reach service: dial tcp 10.244.1.2:5678: connect: connection refused' })
    answers.foo = (request) => request.destroy()
    answers.ingress = byHost({ 'foo.localhost': text('bad gateway', 502), 'bar.localhost': text('bar') })
    const failure = await failureOf(start({ retries: 0, diagnosed: true }))
    expect(failure).toMatchObject({
      kind: 'workload',
      code: 'target-port',
      message: expect.stringMatching(/^foo: the Service apps\/foo leads to port 5678 of its pods, where nothing listens/),
    })
    expect(failure.evidence).toContainEqual(expect.stringMatching(/^asked from inside the cluster: 503 .*connection refused/))
  })

  test('in the probes’ own words when the cluster’s state does not tell', async () => {
    stands()
    answers.ingress = byHost({ 'foo.localhost': text('bar'), 'bar.localhost': text('bar') })
    fake.put({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'foo', namespace: 'apps' },
      spec: {
        rules: [{ host: 'foo.localhost', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'foo', port: { number: 80 } } } }] } }],
      },
    })
    expect(await failureOf(start({ retries: 0, diagnosed: true }))).toMatchObject({
      code: 'wrong-answer',
      message: expect.stringMatching(/^foo: .*: bar answered for foo/),
    })
  })
})

/** As `start`, when bar's server is closed and its port known from before. */
async function startWith(barPort: number): Promise<Health> {
  const address = { port: barPort }
  servers.bar = { ...servers.bar, address: () => address, close: (done: () => void) => done(), closeAllConnections: () => {} } as unknown as Server
  return await start({ retries: 0 })
}
