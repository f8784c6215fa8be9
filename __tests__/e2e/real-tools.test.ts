import '../fakes/realm.ts'
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { findEngine } from '../../src/adapters/engine.ts'
import { httpGet } from '../../src/adapters/http.ts'
import { k6OnHost } from '../../src/adapters/k6.ts'
import { kindProgram } from '../../src/adapters/kind.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { ProcessError, runProcess } from '../../src/adapters/process.ts'
import { retry } from '../../src/adapters/retry.ts'
import { loadPlan } from '../../src/stages/load/plan.ts'
import type { LoadResult } from '../../src/stages/load/result.ts'
import { loadStage } from '../../src/stages/load/stage.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import type { Tool } from '../../src/stages/tools/tool.ts'
import { kubernetesContract } from '../contract/kubernetes-suite.ts'
import { eventually } from '../fakes/eventually.ts'
import { type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { crashingPod, deployment, endpointSlice, namespace, node, pod, warning } from '../fakes/kubernetes-objects.ts'

/** The programs that the contract tests have fixtures of, for real; without a cluster. */
function program(name: string): string {
  const folder = process.env.MLOPS_KIT_BIN
  if (!folder) throw new Error('The real programs come from the kit: MLOPS_KIT=<its folder> npm run test:e2e')
  return join(folder, name)
}
const root = join(import.meta.dirname, '..', '..')
const never = new AbortController().signal

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'real-tools-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the engine of this machine', () => {
  test('is found, with its version', async () => {
    expect(await findEngine(runProcess, process.env, never)).toEqual({
      engine: expect.stringMatching(/^(docker|podman)$/),
      version: expect.stringMatching(/^\d+\.\d+/),
    })
  })
})

describe('kind, as its fixture', () => {
  const name = 'mlops-there-is-no-such-cluster'
  const kubeconfig = () => join(folder, 'kubeconfig')
  async function kind() {
    const { engine } = await findEngine(runProcess, process.env, never)
    return kindProgram(runProcess, program('kind'), engine)
  }

  test('lists clusters by name, one a line, and no words for none', async () => {
    for (const cluster of await (await kind()).clusters(never)) expect(cluster).toMatch(/^[a-z0-9.-]+$/)
  })

  test('has no kubeconfig of a cluster that does not exist', async () => {
    expect(await (await kind()).writeKubeconfig(name, kubeconfig(), never)).toBe(false)
    expect(existsSync(kubeconfig())).toBe(false)
  })

  test('deletes what does not exist without an error, and leaves nothing', async () => {
    await (await kind()).remove(name, kubeconfig(), never)
    expect(existsSync(kubeconfig())).toBe(false)
  })

  test('says why it cannot create, on stderr, beginning with ERROR', async () => {
    const lines: string[] = []
    const config = { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v0' }
    const error: unknown = await (await kind())
      .create({ name, config, kubeconfig: kubeconfig(), onLine: (line) => lines.push(line) }, never)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProcessError)
    expect((error as ProcessError).stderr).toMatch(/^ERROR: /m)
    expect(lines.join('\n')).toContain('kind.x-k8s.io/v0')
  })

  test('cannot export logs of a cluster that does not exist', async () => {
    await expect((await kind()).exportLogs(name, join(folder, 'logs'), never)).rejects.toThrow(/exit code 1.*ERROR/)
  })
})

describe('kubectl and the fake API server', () => {
  let fake: KubernetesFake
  beforeEach(async () => {
    fake = await startKubernetesFake({
      anonymous: true,
      objects: [
        namespace('apps'),
        node('control-plane', true),
        pod('foo-1'),
        crashingPod('bar-1'),
        deployment('foo', 2),
        endpointSlice('foo', 2),
        warning('bar-1', 'BackOff', 'again'),
      ],
    })
    await writeFile(join(folder, 'kubeconfig'), fake.kubeconfig)
  })
  afterEach(() => fake.close())

  const environment = () => ({ PATH: process.env.PATH, HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') })
  async function kubectl(...args: string[]): Promise<string> {
    return (await promisify(execFile)(program('kubectl'), args, { env: environment(), timeout: 30_000 })).stdout
  }
  const json = async (...args: string[]): Promise<{ items: { metadata: { name: string } }[] }> => JSON.parse(await kubectl('get', ...args, '--output', 'json'))

  test('kubectl reads all kinds that we use', async () => {
    for (const [kind, names] of Object.entries({
      nodes: ['control-plane'],
      pods: ['bar-1', 'foo-1'],
      deployments: ['foo'],
      'endpointslices.discovery.k8s.io': ['foo-x7k2p'],
      events: ['bar-1.backoff'],
    })) {
      expect((await json(kind, '--all-namespaces')).items.map(({ metadata }) => metadata.name).sort()).toEqual(names)
    }
    expect((await json('endpointslices.discovery.k8s.io', '--namespace', 'apps', '--selector', 'kubernetes.io/service-name=bar')).items).toEqual([])
    expect(await kubectl('version', '--output', 'json')).toContain('"gitVersion": "v1.37.0"')
  })

  test('kubectl applies on the server, follows, reads logs and deletes', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'apps' }, data: { key: 'one' } }
    await writeFile(join(folder, 'object.json'), JSON.stringify(configMap))
    expect(await kubectl('apply', '--server-side', '--validate=false', '--filename', join(folder, 'object.json'))).toContain(
      'configmap/settings serverside-applied',
    )
    expect(await kubectl('get', 'configmap', 'settings', '--namespace', 'apps', '--output', 'jsonpath={.data.key}')).toBe('one')
    const following = spawn(program('kubectl'), ['get', 'pods', '--namespace', 'apps', '--watch', '--output', 'name'], { env: environment() })
    let seen = ''
    following.stdout.on('data', (text: Buffer) => {
      seen += text.toString()
    })
    await eventually('kubectl follows', () => fake.watches() > 0)
    fake.put(pod('late-1'))
    await eventually('kubectl sees the new pod', () => seen.includes('pod/late-1\n'))
    const ended = new Promise((resolve) => following.once('close', resolve))
    following.kill()
    await ended
    fake.setLog('apps', 'foo-1', 'echo', 'one\ntwo\nthree\n')
    expect(await kubectl('logs', 'foo-1', '--namespace', 'apps', '--container', 'echo', '--tail', '2')).toBe('two\nthree\n')
    expect(await kubectl('delete', 'configmap', 'settings', '--namespace', 'apps', '--wait=false')).toContain('deleted')
    expect((await json('configmaps', '--namespace', 'apps')).items).toEqual([])
  }, 30_000)

  test('kubectl is refused as by a real server', async () => {
    await expect(kubectl('get', 'pod', 'nobody', '--namespace', 'apps')).rejects.toThrow('Error from server (NotFound): pods "nobody" not found')
    fake.fail({ path: /pods$/, status: 403, message: 'pods is forbidden: no', times: 10 })
    await expect(kubectl('get', 'pods', '--namespace', 'apps')).rejects.toThrow('Error from server (Forbidden): pods is forbidden: no')
  })
})

describe('k6 with our script', () => {
  let server: Server
  let answer: RequestListener
  let asked: number
  beforeEach(async () => {
    answer = (request, response) => response.end(`${request.headers.host?.split('.')[0]}\n`)
    asked = 0
    server = createServer((request, response) => {
      // k6's, not our own probe after the load.
      if (request.headers['user-agent']?.includes('k6')) asked += 1
      answer(request, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })

  const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tool = (): Tool => ({ name: 'k6', version: 'of the kit', path: program('k6'), from: 'download' })
  const services = echoServices('http-echo:1', [30080, 30081])
  const k6 = (script = join(root, 'k6', 'load.js')) => k6OnHost({ run: runProcess, script, folder: join(folder, 'private'), output: join(folder, 'report') })

  async function load({
    url = baseUrl(),
    virtualUsers = 3,
    durationMs = 4000,
    signal = never,
    gates = [] as Parameters<typeof loadStage>[0]['gates'],
  } = {}): Promise<LoadResult> {
    const stage = loadStage(
      { shape: { drive: 'virtual-users', virtualUsers, durationMs, ramp: [] }, gates },
      { runner: k6(), sampler: null, summaryFile: join(folder, 'summary.json'), get: httpGet, retry },
    )
    const needs = {
      k6: tool(),
      nodes: { kubernetesVersion: 'v1.37.0', nodes: [], systemPods: 9, dnsName: 'x' },
      ingress: { controller: 'nginx', image: 'x:1', className: 'nginx', baseUrl: url, note: null, process: null },
      services: { namespace: 'apps', routes: services, processes: null },
      health: { probes: [] },
    }
    return await stage.run(needs, { signal, progress: () => {} })
  }

  /** The plan of a load with a script of its own. */
  async function runScript(text: string) {
    await writeFile(join(folder, 'script.js'), text)
    const runner = k6(join(folder, 'script.js'))
    const plan = loadPlan(services, { baseUrl: baseUrl() }, join(folder, 'summary.json'), {
      shape: { drive: 'virtual-users', virtualUsers: 1, durationMs: 1000, ramp: [] },
      gates: [],
    })
    const [outcome] = await runner.run({ k6: tool(), plan }, { signal: never, progress: () => {}, warn: () => {} })
    return outcome
  }

  test('measures what the server saw, for the whole and for each service', async () => {
    const gate = { service: null, metric: 'p(99.9)', operator: '<', limit: 500 } as const
    const { total, services: each, durationMs, shape, files } = await load({ gates: [gate] })
    const { foo, bar } = each
    if (!foo || !bar) throw new Error('a service is missing')
    expect(shape).toMatchObject({ virtualUsers: 3 })
    expect(durationMs).toBeGreaterThanOrEqual(4000)
    expect(total.requests).toBe(asked)
    expect(foo.requests + bar.requests).toBe(total.requests)
    for (const { requests, requestsPerSecond, errorRate, successRate, checks, latencyMs } of [total, foo, bar]) {
      expect(requests).toBeGreaterThan(100)
      expect(requestsPerSecond).toBeCloseTo(requests / (durationMs / 1000), 6)
      expect({ errorRate, successRate, checks }).toEqual({ errorRate: 0, successRate: 1, checks: { passed: 2 * requests, failed: 0, rate: 1 } })
      expect(Object.keys(latencyMs.percentiles).sort()).toEqual(['90', '95', '99', '99.9'])
      const { 90: p90, 95: p95, 99: p99, 99.9: p999 } = latencyMs.percentiles
      const ordered = [latencyMs.min, latencyMs.med, p90, p95, p99, p999, latencyMs.max] as number[]
      expect(ordered).toEqual([...ordered].sort((a, b) => a - b))
      expect(ordered[0]).toBeGreaterThan(0)
    }
    // The choice is random and even.
    expect(foo.requests / total.requests).toBeGreaterThan(0.4)
    expect(foo.requests / total.requests).toBeLessThan(0.6)
    expect(files).toEqual({ dashboard: 'dashboard.html', log: 'k6.log' })
    expect(await readFile(join(folder, 'report', 'dashboard.html'), 'utf8')).toMatch(/^<!DOCTYPE html>/i)
  }, 30_000)

  test('counts a wrong body as an error of that service, and of the whole', async () => {
    answer = (_, response) => response.end('foo\n')
    const { total, services: each, afterwards } = await load({ durationMs: 1000 })
    expect(each.foo).toMatchObject({ errorRate: 0 })
    expect(each.bar).toMatchObject({ errorRate: 1, successRate: 0 })
    expect(total.errorRate).toBeCloseTo((each.bar?.requests ?? 0) / total.requests, 6)
    // The status was right, the body was not.
    expect(each.bar?.checks).toEqual({ passed: each.bar?.requests, failed: each.bar?.requests, rate: 0.5 })
    expect(afterwards.map(({ service, healthy }) => [service, healthy]).sort()).toEqual([
      ['bar', false],
      ['foo', true],
    ])
  }, 30_000)

  test.each([404, 500, 503])(
    'counts status %i as an error, and follows no redirect',
    async (status) => {
      answer = (request, response) => {
        if (request.headers.host === 'bar.localhost') response.writeHead(status === 404 ? 302 : status, { location: baseUrl() })
        response.end(`${request.headers.host?.split('.')[0]}\n`)
      }
      const { total, services: each } = await load({ durationMs: 1000 })
      expect(each).toMatchObject({ foo: { errorRate: 0 }, bar: { errorRate: 1 } })
      expect(total.requests).toBe(asked)
    },
    30_000,
  )

  test('has no latency of requests that got no answer: 0 ms would pass every gate', async () => {
    const url = baseUrl()
    await new Promise((resolve) => server.close(resolve))
    const { total } = await load({ url, durationMs: 1000 })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    expect(total.requests).toBeGreaterThan(0)
    expect(total.errorRate).toBe(1)
    expect(total.latencyMs).toMatchObject({ min: null, avg: null, med: null, max: null, percentiles: { 95: null } })
  }, 30_000)

  test('has no latency of connections that were cut, beside that of the answers', async () => {
    answer = (request, response) => {
      if (request.headers.host === 'bar.localhost') request.socket.destroy()
      else response.end('foo\n')
    }
    const { total, services: each } = await load({ durationMs: 1000 })
    expect(each.bar).toMatchObject({ errorRate: 1, latencyMs: { max: null } })
    expect(each.foo).toMatchObject({ errorRate: 0 })
    expect(total.latencyMs.min).toBeGreaterThan(0)
  }, 30_000)

  test('has no numbers at all of a service that was never asked', async () => {
    let first: string | undefined
    // One user, whose first request outlasts the load.
    answer = (request, response) => {
      first ??= request.headers.host
      setTimeout(() => response.end(`${request.headers.host?.split('.')[0]}\n`), 1500)
    }
    const { services: each } = await load({ virtualUsers: 1, durationMs: 1000 })
    const never = first === 'foo.localhost' ? each.bar : each.foo
    expect(never).toMatchObject({
      requests: 0,
      requestsPerSecond: null,
      errorRate: null,
      successRate: null,
      checks: { passed: 0, failed: 0, rate: null },
      latencyMs: { min: null, avg: null, med: null, max: null, percentiles: { 90: null, 95: null, 99: null } },
    })
  }, 30_000)

  test('takes neither users nor duration nor proxies from the environment', async () => {
    const before = { ...process.env }
    Object.assign(process.env, { K6_VUS: '50', K6_DURATION: '20s', HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' })
    try {
      const { durationMs, total } = await load({ durationMs: 1000 })
      expect(durationMs).toBeLessThan(10_000)
      expect(total.errorRate).toBe(0)
    } finally {
      process.env = before
    }
  }, 30_000)

  test('of a script that is broken, exits with what its fixture does and says why', async () => {
    expect(await runScript('export default function () { this is no JavaScript }')).toMatchObject({
      exitCode: 107,
      summary: null,
      errors: [expect.stringMatching(/SyntaxError|Unexpected/)],
    })
    expect(await runScript("throw new Error('not today')")).toMatchObject({ exitCode: 107, summary: null, errors: [expect.stringContaining('not today')] })
    expect(await runScript('export const options = { vus: -1, duration: "1s" }\nexport default function () {}')).toMatchObject({
      exitCode: 104,
      summary: null,
      errors: [expect.any(String)],
    })
    expect(await runScript("import exec from 'k6/execution'\nexport default function () { exec.test.abort('enough') }")).toMatchObject({ exitCode: 108 })
    expect(await runScript('export const options = { thresholds: { iterations: ["count<0"] } }\nexport default function () {}')).toMatchObject({ exitCode: 99 })
  }, 30_000)

  test('ends at an abort, and leaves no process', async () => {
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const loading = load({ durationMs: 60_000, signal: controller.signal })
    loading.catch(() => {})
    await eventually('the load is under way', () => asked > 0)
    controller.abort(reason)
    await expect(loading).rejects.toBe(reason)
    const before = asked
    await eventually('its connections are closed', () => new Promise<boolean>((resolve) => server.getConnections((_, count) => resolve(count === 0))))
    expect(asked - before).toBeLessThan(100)
  }, 30_000)
})

// A cluster is not started here; one that is there already can be named.
const kubeconfig = process.env.MLOPS_TEST_KUBECONFIG
if (kubeconfig) kubernetesContract('a real cluster', async () => ({ kubernetes: await connectKubernetes(kubeconfig), close: async () => {} }))
