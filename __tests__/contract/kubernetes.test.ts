import '../fakes/realm.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { readManifest } from '../../src/adapters/manifests.ts'
import { Failure } from '../../src/pipeline/failure.ts'
import type { Kubernetes, KubernetesObject } from '../../src/stages/kubernetes.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { fakeTimers, hurried } from '../fakes/hurry.ts'
import { type KubernetesFake, type KubernetesFakeOptions, kubeconfigOf, startKubernetesFake } from '../fakes/kubernetes.ts'
import { deployment, namespace, node, pod } from '../fakes/kubernetes-objects.ts'
import { kubernetesContract } from './kubernetes-suite.ts'

const root = join(import.meta.dirname, '..', '..')
const never = new AbortController().signal
const reason = new Error('the run is over')

let folder: string
let fake: KubernetesFake
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubernetes-'))
})
afterEach(async () => {
  jest.useRealTimers()
  await fake?.close()
  await rm(folder, { recursive: true })
})

async function start(options: KubernetesFakeOptions = {}): Promise<Kubernetes> {
  fake = await startKubernetesFake({ ...options, objects: [namespace('apps'), ...(options.objects ?? [])] })
  return await connect(fake.kubeconfig)
}

async function connect(kubeconfig: string): Promise<Kubernetes> {
  const file = join(folder, 'kubeconfig')
  await writeFile(file, kubeconfig)
  return await connectKubernetes(file)
}

/** Watches pods of `apps` until one named `wanted` is there. */
const untilThere = (kubernetes: Kubernetes, wanted: string, signal = never) =>
  kubernetes.watch('pods', { namespace: 'apps' }, (pods) => pods.find(({ metadata }) => metadata.name === wanted)?.metadata.name, signal)

const watching = () => eventually('a watch is open', () => fake.watches() > 0)
const requestsOf = (method: string, path: string) => fake.requests.filter((request) => request.method === method && request.path === path)
const isWatch = ({ query }: { query: Readonly<Record<string, string>> }) => query.watch !== undefined
const pods = '/api/v1/namespaces/apps/pods'

kubernetesContract('the fake', async () => {
  const server = await startKubernetesFake()
  const files = await mkdtemp(join(tmpdir(), 'kubernetes-'))
  await writeFile(join(files, 'kubeconfig'), server.kubeconfig)
  const kubernetes = await connectKubernetes(join(files, 'kubeconfig'))
  return {
    kubernetes,
    close: async () => {
      await server.close()
      await rm(files, { recursive: true })
    },
  }
})

describe('a kubeconfig', () => {
  test('that is not there is a failure that says so', async () => {
    expect((await failureOf(connectKubernetes(join(folder, 'none')))).message).toContain('ENOENT')
  })

  test('that is no kubeconfig is a failure that says so', async () => {
    expect(await failureOf(connect('apiVersion: ['))).toMatchObject({ kind: 'infrastructure' })
  })
})

describe('whether the server answers', () => {
  test('is no while nobody listens, and yes as soon as somebody does', async () => {
    const placeholder = createServer()
    await new Promise<void>((resolve) => placeholder.listen(0, '127.0.0.1', resolve))
    const { port } = placeholder.address() as { port: number }
    await new Promise((resolve) => placeholder.close(resolve))
    const kubernetes = await connect(kubeconfigOf(`http://127.0.0.1:${port}`))
    expect(await kubernetes.answers(never)).toBe(false)
  })

  test.each([401, 403, 429, 500, 503, 'reset', 'cut'] as const)('is no while it meets %s, as right after boot', async (status) => {
    const kubernetes = await start()
    fake.fail({ status, times: 2 })
    expect(await kubernetes.answers(never)).toBe(false)
    expect(await kubernetes.answers(never)).toBe(false)
    expect(await kubernetes.answers(never)).toBe(true)
  })

  test('does not wait long for a port that takes the connection and says nothing', async () => {
    const kubernetes = await start()
    fake.fail({ status: 'hang' })
    fakeTimers()
    let answer: boolean | undefined
    void kubernetes.answers(never).then((value) => {
      answer = value
    })
    await eventually('the server was asked', () => fake.requests.length > 0)
    await jest.advanceTimersByTimeAsync(30_000)
    jest.useRealTimers()
    expect(await eventually('an answer', () => (answer === undefined ? null : String(answer)), 1000)).toBe('false')
  })

  test('is not waited for after an abort', async () => {
    const kubernetes = await start()
    fake.fail({ status: 'hang' })
    const controller = new AbortController()
    const asking = kubernetes.answers(controller.signal)
    await eventually('the server was asked', () => fake.requests.length > 0)
    controller.abort(reason)
    const [outcome] = await Promise.allSettled([asking])
    expect(outcome).not.toMatchObject({ value: true })
  })
})

describe('applying', () => {
  const manifests = {
    'services/namespace.yaml': { namespace: 'apps' },
    'services/echo.yaml': {
      name: 'foo',
      namespace: 'apps',
      image: 'http-echo:1.0.0',
      replicas: 2,
      host: 'foo.localhost',
      nodePort: 30080,
      text: 'foo',
      ingressClass: 'nginx',
    },
    'ingress/nginx/controller.yaml': { image: 'controller:v1' },
    'dns-probe.yaml': { image: 'busybox:1', dnsName: 'kubernetes.default.svc.cluster.local' },
  }

  test.each(Object.entries(manifests))('sends every object of %s as it stands there, in order', async (file, values) => {
    const kubernetes = await start()
    const objects = await readManifest(root, file, values)
    await kubernetes.apply(objects, never)
    const patches = fake.requests.filter(({ method }) => method === 'PATCH')
    expect(patches.map(({ body }) => body)).toEqual(objects)
    for (const { contentType, query } of patches) {
      expect(contentType).toBe('application/apply-patch+yaml')
      expect(query).toEqual({ fieldManager: 'mlops-pipeline-action', force: 'true' })
    }
  })

  const object = deployment('foo', 0) as unknown as KubernetesObject

  test.each([429, 500, 503, 504, 'reset', 'cut'] as const)('is tried again when the request meets %s', async (status) => {
    const kubernetes = await start()
    fake.fail({ method: 'PATCH', status })
    await kubernetes.apply([object], never)
    expect(fake.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(2)
  })

  test.each([429, 503, 'reset', 'cut'] as const)('is tried again when asking for the kinds meets %s', async (status) => {
    const kubernetes = await start()
    fake.fail({ path: /^\/apis\/apps\/v1$/, status })
    await kubernetes.apply([object], never)
    expect(fake.get(deployment('foo', 0))).toBeDefined()
  })

  test('waits for what a young namespace lacks', async () => {
    const kubernetes = await start()
    const message = 'pods "mlops-dns-probe-1" is forbidden: error looking up service account default/default: serviceaccount "default" not found'
    fake.fail({ method: 'PATCH', status: 403, message })
    await kubernetes.apply([object], never)
    expect(fake.get(deployment('foo', 0))).toBeDefined()
  })

  test.each([
    [422, 'Invalid', 'Deployment.apps "foo" is invalid: spec.template.spec.containers[0].image: Required value'],
    [403, 'Forbidden', 'pods "foo" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false'],
    [400, 'BadRequest', 'failed to create typed patch object (apps/foo; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema'],
  ])('that the server refuses with %i is the workload’s failure, in the server’s words, and no second try', async (code, why, message) => {
    const kubernetes = await start({ admit: () => ({ code, reason: why, message }) })
    const failure = await failureOf(kubernetes.apply([object, { ...object, metadata: { name: 'bar', namespace: 'apps' } }], never))
    expect(failure.message).toBe(`Deployment apps/foo could not be applied: ${message}`)
    expect(failure).toMatchObject({ kind: 'workload', remedy: expect.any(String), cause: { code } })
    expect(fake.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1)
  })

  test('that the server refuses because it does not know us is not the workload’s failure', async () => {
    const kubernetes = await start()
    fake.fail({ status: 401, times: 1000 })
    expect(await failureOf(kubernetes.apply([object], never))).toMatchObject({ message: expect.stringContaining('Unauthorized'), kind: 'infrastructure' })
  })

  test('an object of a kind that the server does not know says so', async () => {
    const kubernetes = await start()
    const failure = await failureOf(kubernetes.apply([{ apiVersion: 'v1', kind: 'Teapot', metadata: { name: 'brown' } }], never))
    expect(failure.message).toMatch(/^Teapot brown could not be applied: .*Teapot/)
  })

  test('ends at an abort, with its reason', async () => {
    const kubernetes = await start()
    fake.fail({ method: 'PATCH', status: 503, times: 1000 })
    const controller = new AbortController()
    const applying = kubernetes.apply([object], controller.signal)
    applying.catch(() => {})
    await eventually('it was tried', () => fake.requests.some(({ method }) => method === 'PATCH'))
    controller.abort(reason)
    await expect(applying).rejects.toBe(reason)
  })
})

describe('listing', () => {
  test.each([429, 500, 503, 'reset', 'cut'] as const)('is tried again when it meets %s', async (status) => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    await kubernetes.list('pods', {}, never)
    fake.fail({ path: /pods$/, status })
    expect(await kubernetes.list('pods', { namespace: 'apps' }, never)).toMatchObject([{ metadata: { name: 'foo-1' } }])
  })

  test('is tried again when the server takes the request and says nothing', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    await kubernetes.list('nodes', {}, never)
    fake.fail({ status: 'hang' })
    fakeTimers()
    let found: unknown
    void kubernetes.list('pods', {}, never).then((items) => {
      found = items
    })
    await eventually('the server was asked', () => fake.requests.some(({ path }) => path === '/api/v1/pods'))
    for (let second = 0; second < 60 && found === undefined; second += 1) await jest.advanceTimersByTimeAsync(1000)
    jest.useRealTimers()
    expect(await eventually('a list', () => found, 1000)).toHaveLength(1)
  })

  test('as the first call of all is tried again when the connection breaks', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.fail({ status: 'reset' })
    expect(await kubernetes.list('pods', { namespace: 'apps' }, never)).toHaveLength(1)
  })

  test('is refused at once when the server refuses', async () => {
    const kubernetes = await start()
    fake.fail({ path: /pods$/, status: 401 })
    const failure = await failureOf(kubernetes.list('pods', {}, never))
    expect(failure).toMatchObject({ kind: 'infrastructure', message: 'the API server does not list its pods: Unauthorized', cause: { code: 401 } })
  })

  test('waits for a server that has just restarted and does not know yet who may do what, but not for ever', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.fail({ path: /pods$/, status: 403, times: 3 })
    expect(await kubernetes.list('pods', { namespace: 'apps' }, never)).toHaveLength(1)
    fake.fail({ path: /pods$/, status: 403, times: 1000 })
    expect((await hurried(() => failureOf(kubernetes.list('pods', {}, never)))).message).toMatch(/does not list its pods: .* cannot list resource/)
  }, 20_000)

  test('knows nodes, pods, events, deployments and endpoint slices', async () => {
    const kubernetes = await start({ objects: [node('control-plane', true), pod('foo-1'), deployment('foo', 2)] })
    expect(await kubernetes.list('nodes', {}, never)).toMatchObject([{ metadata: { name: 'control-plane' }, status: { nodeInfo: { architecture: 'amd64' } } }])
    expect(await kubernetes.list('pods', {}, never)).toMatchObject([{ status: { containerStatuses: [{ name: 'echo', ready: true }] } }])
    expect(await kubernetes.list('deployments', {}, never)).toMatchObject([{ status: { availableReplicas: 2 } }])
    expect(await kubernetes.list('events', {}, never)).toEqual([])
    expect(await kubernetes.list('endpointslices', {}, never)).toEqual([])
  })
})

describe('watching', () => {
  test('returns at the first look when that is enough, and opens no watch', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    expect(await untilThere(kubernetes, 'foo-1')).toBe('foo-1')
    expect(fake.requests.some(isWatch)).toBe(false)
  })

  test('sees what comes, changes and goes', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    const seen: string[] = []
    const done = kubernetes.watch(
      'pods',
      { namespace: 'apps' },
      (current) => {
        seen.push(current.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`).join(', '))
        return seen.length === 4 ? 'enough' : undefined
      },
      never,
    )
    await watching()
    fake.put(pod('foo-2', { phase: 'Pending' }))
    fake.put(pod('foo-2'))
    fake.remove(pod('foo-1'))
    expect(await done).toBe('enough')
    expect(seen).toEqual(['foo-1 Running', 'foo-1 Running, foo-2 Pending', 'foo-1 Running, foo-2 Running', 'foo-2 Running'])
  })

  test('asks only for what is to be watched', async () => {
    const kubernetes = await start()
    const done = kubernetes.watch(
      'endpointslices',
      { namespace: 'apps', labelSelector: 'kubernetes.io/service-name=foo' },
      () => undefined,
      AbortSignal.timeout(200),
    )
    await expect(done).rejects.toThrow()
    const path = '/apis/discovery.k8s.io/v1/namespaces/apps/endpointslices'
    expect(requestsOf('GET', path).map(({ query }) => query.labelSelector)).toEqual(['kubernetes.io/service-name=foo', 'kubernetes.io/service-name=foo'])
  })

  test('misses nothing between its first look and the watch', async () => {
    const kubernetes = await start()
    let looks = 0
    const done = kubernetes.watch(
      'pods',
      { namespace: 'apps' },
      (current) => {
        looks += 1
        // The watch is not open yet when the first look is told.
        if (looks === 1) fake.put(pod('foo-1'))
        return current[0]?.metadata.name
      },
      never,
    )
    expect(await done).toBe('foo-1')
  })

  test.each(['close', 'reset'] as const)('goes on when the server ends the watch (%s)', async (how) => {
    const kubernetes = await start()
    const done = untilThere(kubernetes, 'foo-1')
    const open = (turn: number) => eventually('the watch is open', () => fake.requests.filter(isWatch).length === turn && fake.watches() === 1)
    await open(1)
    fake.endWatches(how)
    await open(2)
    fake.put(pod('foo-1'))
    expect(await done).toBe('foo-1')
  })

  test('notices what went while no watch was open', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    const done = kubernetes.watch('pods', { namespace: 'apps' }, (current) => (current.length === 0 ? 'empty' : undefined), never)
    await watching()
    fake.fail({ watch: true, status: 503 })
    fake.endWatches()
    fake.remove(pod('foo-1'))
    expect(await done).toBe('empty')
  })

  test.each([
    [
      'in the middle of the stream',
      () => {
        fake.sendToWatches('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' })
        fake.endWatches()
      },
    ],
    [
      'as an answer',
      () => {
        fake.fail({ watch: true, status: 410, times: 2 })
        fake.endWatches()
      },
    ],
  ])('looks again when its version is too old (%s)', async (_, expire) => {
    const kubernetes = await start()
    const done = untilThere(kubernetes, 'foo-1')
    await watching()
    expire()
    await eventually('it looks again', () => requestsOf('GET', pods).filter((request) => !isWatch(request)).length > 1)
    fake.put(pod('foo-1'))
    expect(await done).toBe('foo-1')
  })

  test('looks again when the server forgot its history between look and watch', async () => {
    const kubernetes = await start()
    let looks = 0
    const done = kubernetes.watch(
      'pods',
      { namespace: 'apps' },
      (current) => {
        looks += 1
        if (looks === 1) fake.compact()
        return current[0]?.metadata.name
      },
      never,
    )
    await eventually('it looks again', () => looks > 1)
    fake.put(pod('foo-1'))
    expect(await done).toBe('foo-1')
  })

  test('takes no bookmark for a pod', async () => {
    const kubernetes = await start()
    const counts: number[] = []
    const done = kubernetes.watch(
      'pods',
      { namespace: 'apps' },
      (current) => {
        counts.push(current.length)
        return current.length > 0 ? 'there' : undefined
      },
      never,
    )
    await watching()
    fake.sendToWatches('BOOKMARK', { kind: 'Pod', apiVersion: 'v1', metadata: { resourceVersion: '5000' } })
    fake.put(pod('foo-1'))
    expect(await done).toBe('there')
    expect(counts).toEqual([0, 1])
  })

  test.each([429, 503, 'reset', 'cut'] as const)('goes on when watch and look meet %s', async (status) => {
    const kubernetes = await start()
    await kubernetes.list('pods', {}, never)
    const done = untilThere(kubernetes, 'foo-1')
    done.catch(() => {})
    await watching()
    fake.fail({ path: /pods$/, status, times: 2 })
    fake.endWatches('reset')
    await eventually('the faults are over', () => requestsOf('GET', pods).length >= 4)
    fake.put(pod('foo-1'))
    expect(await done).toBe('foo-1')
  })

  test('does not hammer a server that refuses every watch', async () => {
    const kubernetes = await start()
    const controller = new AbortController()
    fake.fail({ watch: true, status: 429, times: Number.POSITIVE_INFINITY })
    const done = untilThere(kubernetes, 'foo-1', controller.signal)
    done.catch(() => {})
    await eventually('the first refusals', () => fake.requests.filter(isWatch).length >= 2)
    const asked = fake.requests.length
    // As long as 50 other requests take, one after the other: time enough for a loop without a pause to make as many.
    for (let turn = 0; turn < 50; turn += 1) await kubernetes.version(never)
    const meanwhile = fake.requests.length - asked - 50
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
    expect(meanwhile).toBeLessThan(15)
  })

  test.each(['at the first look', 'at a change'])('throws what its condition throws (%s) and closes the watch', async (when) => {
    const kubernetes = await start(when === 'at the first look' ? { objects: [pod('foo-1')] } : {})
    const hopeless = new Failure('it will never come', { kind: 'workload' })
    const done = kubernetes.watch(
      'pods',
      { namespace: 'apps' },
      (current) => {
        if (current.length > 0) throw hopeless
        return undefined
      },
      never,
    )
    done.catch(() => {})
    if (when === 'at a change') {
      await watching()
      fake.put(pod('foo-1'))
    }
    await expect(done).rejects.toBe(hopeless)
    await eventually('the watch is closed', () => fake.watches() === 0)
  })

  test('closes its watch when it is done', async () => {
    const kubernetes = await start()
    const done = untilThere(kubernetes, 'foo-1')
    await watching()
    fake.put(pod('foo-1'))
    await done
    await eventually('the watch is closed', () => fake.watches() === 0)
  })

  test('ends at an abort with its reason, and closes the watch', async () => {
    const kubernetes = await start()
    const controller = new AbortController()
    const seen: number[] = []
    const done = kubernetes.watch('pods', { namespace: 'apps' }, (current) => void seen.push(current.length), controller.signal)
    done.catch(() => {})
    await watching()
    fake.put(pod('foo-1'))
    await eventually('the change is seen', () => seen.includes(1))
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
    await eventually('the watch is closed', () => fake.watches() === 0)
  })

  test('closes a watch that opens only after the abort', async () => {
    const kubernetes = await start()
    const controller = new AbortController()
    const release = fake.hold()
    const done = untilThere(kubernetes, 'foo-1', controller.signal)
    done.catch(() => {})
    await eventually('the watch is asked for', () => fake.requests.some(isWatch))
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
    release()
    await eventually('the watch is closed', () => fake.watches() === 0, 2000)
  })

  test.each([
    ['the look', false],
    ['the watch', true],
  ])('ends at an abort while %s is not answered', async (_, watch) => {
    const kubernetes = await start()
    fake.fail({ path: /pods$/, watch, status: 'hang' })
    const controller = new AbortController()
    const done = untilThere(kubernetes, 'foo-1', controller.signal)
    done.catch(() => {})
    await eventually('the server was asked', () => fake.requests.some((request) => request.path === pods && isWatch(request) === watch))
    controller.abort(reason)
    await expect(done).rejects.toBe(reason)
  })
})

describe('logs', () => {
  const of = (kubernetes: Kubernetes, options: { previous?: boolean; tailLines: number } = { tailLines: 5 }) =>
    kubernetes.logs({ metadata: { name: 'foo-1', namespace: 'apps' } }, 'echo', options, never)

  test('are the last lines of the container, or of its previous run', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.setLog('apps', 'foo-1', 'echo', 'one\ntwo\nthree\n')
    fake.setLog('apps', 'foo-1', 'echo', 'panic: out of luck\n', { previous: true })
    expect(await of(kubernetes, { tailLines: 2 })).toBe('two\nthree\n')
    expect(await of(kubernetes, { tailLines: 2, previous: true })).toBe('panic: out of luck\n')
  })

  test('of a container that has none, or of a pod that is gone, are empty', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    expect(await of(kubernetes)).toBe('')
    fake.remove(pod('foo-1'))
    expect(await of(kubernetes)).toBe('')
  })

  test('that look like JSON are text all the same', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.setLog('apps', 'foo-1', 'echo', '{"level":"error"}\n')
    expect(await of(kubernetes)).toBe('{"level":"error"}\n')
  })

  test.each([500, 503, 'reset', 'cut'] as const)('are asked for again when that meets %s', async (status) => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.setLog('apps', 'foo-1', 'echo', 'one\n')
    fake.fail({ path: /log$/, status })
    expect(await of(kubernetes)).toBe('one\n')
  })
})

describe('the version', () => {
  test.each([429, 500, 503, 'reset', 'cut'] as const)('is asked for again when that meets %s', async (status) => {
    const kubernetes = await start({ version: 'v1.36.4' })
    fake.fail({ path: /^\/version/, status })
    expect(await kubernetes.version(never)).toBe('v1.36.4')
  })
})

describe('a type of one’s own', () => {
  test('arrives with all its schema says', async () => {
    const kubernetes = await start()
    const [, type] = await readManifest(root, 'load/operator.yaml', { namespace: 'x', image: 'x' })
    await kubernetes.apply([type as KubernetesObject], never)
    expect(fake.requests.at(-1)).toMatchObject({ method: 'PATCH', path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/testruns.k6.io', body: type })
  })
})

describe('a service asked through the API server', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'foo', namespace: 'apps' }, spec: { ports: [{ name: 'http', port: 80 }] } }
  const question = { namespace: 'apps', service: 'foo', port: 'http', path: '/health' }

  test('answers with its own words and status', async () => {
    const kubernetes = await start({ objects: [service] })
    fake.setService('apps', 'foo', { status: 200, body: '{"status":"ok"}' })
    expect(await kubernetes.askService(question, never)).toEqual({ status: 200, words: '{"status":"ok"}' })
    expect(decodeURIComponent(fake.requests.at(-1)?.path ?? '')).toBe('/api/v1/namespaces/apps/services/foo:http/proxy/health')
    fake.setService('apps', 'foo', { status: 500, body: 'no model' })
    expect(await kubernetes.askService(question, never)).toEqual({ status: 500, words: 'no model' })
  })

  test('is asked once, and fails when the API server itself does not answer', async () => {
    const kubernetes = await start({ objects: [service] })
    fake.fail({ path: /proxy/, status: 'reset' })
    await expect(kubernetes.askService(question, never)).rejects.toBeDefined()
    expect(fake.requests.filter(({ path }) => path.includes('/proxy/'))).toHaveLength(1)
  })
})

describe('a whole log', () => {
  const foo = { metadata: { name: 'foo-1', namespace: 'apps' } }
  async function read(kubernetes: Kubernetes, signal = never): Promise<string[]> {
    const lines: string[] = []
    await kubernetes.readLog(foo, 'echo', (line) => lines.push(line), signal)
    return lines
  }

  test('is told line by line, the last one too when it has no end', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.setLog('apps', 'foo-1', 'echo', 'one\n\n{"three":3}\nfour')
    expect(await read(kubernetes)).toEqual(['one', '', '{"three":3}', 'four'])
    fake.setLog('apps', 'foo-1', 'echo', '')
    expect(await read(kubernetes)).toEqual([])
  })

  test('may be larger than what is sent at once, in letters of several bytes', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} … “größer” 🚀`)
    fake.setLog('apps', 'foo-1', 'echo', lines.map((line) => `${line}\n`).join(''))
    expect(await read(kubernetes)).toEqual(lines)
  }, 30_000)

  test('has its lines cut where they are too long to be kept', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.setLog('apps', 'foo-1', 'echo', `${'x'.repeat(1_000_000)}\nshort\n`)
    expect((await read(kubernetes)).map(({ length }) => length)).toEqual([65_536, 5])
  }, 30_000)

  test.each([404, 500, 'reset', 'cut'] as const)('fails, and nothing else does, when reading it meets %s', async (status) => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.setLog('apps', 'foo-1', 'echo', 'one\n')
    fake.fail({ path: /log$/, status })
    await expect(read(kubernetes)).rejects.toBeDefined()
    expect(await read(kubernetes)).toEqual(['one'])
  })

  test('ends at an abort', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.fail({ path: /log$/, status: 'hang' })
    const controller = new AbortController()
    const reading = read(kubernetes, controller.signal)
    reading.catch(() => {})
    await eventually('the log is asked for', () => fake.requests.some(({ path }) => path.endsWith('/log')))
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
  })
})

describe('reading an object', () => {
  test('gives it as the server has it, or null', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    const { apiVersion, kind, metadata } = pod('foo-1')
    expect(await kubernetes.read({ apiVersion, kind, metadata }, never)).toMatchObject({ metadata: { name: 'foo-1' }, status: { phase: 'Running' } })
    expect(await kubernetes.read({ apiVersion, kind, metadata: { ...metadata, name: 'foo-2' } }, never)).toBeNull()
  })

  test('of a kind that the server does not know gives null', async () => {
    const kubernetes = await start()
    const unknown = { metadata: { name: 'x', namespace: 'apps' } }
    expect(await kubernetes.read({ apiVersion: 'example.dev/v1', kind: 'Thing', ...unknown }, never)).toBeNull()
    expect(await kubernetes.read({ apiVersion: 'batch/v1', kind: 'Thing', ...unknown }, never)).toBeNull()
  })

  test('is tried again while the server is not well, and fails when it refuses', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo-1', namespace: 'apps' } }
    fake.fail({ path: /foo-1$/, status: 503 })
    expect(await kubernetes.read(object, never)).not.toBeNull()
    fake.fail({ path: /foo-1$/, status: 401 })
    await expect(kubernetes.read(object, never)).rejects.toMatchObject({ code: 401 })
  })
})

describe('removing', () => {
  const gone = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'foo-1', namespace: 'apps' } }

  test('grants no grace, and takes along what belongs to it', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    await kubernetes.remove(gone, never)
    expect(requestsOf('DELETE', `${pods}/foo-1`)).toMatchObject([{ query: { gracePeriodSeconds: '0', propagationPolicy: 'Background' } }])
    expect(fake.get(pod('foo-1'))).toBeUndefined()
  })

  test.each([429, 500, 'reset', 'cut'] as const)('is tried again when it meets %s', async (status) => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.fail({ method: 'DELETE', status })
    await kubernetes.remove(gone, never)
    expect(fake.get(pod('foo-1'))).toBeUndefined()
  })

  test('fails when the server refuses', async () => {
    const kubernetes = await start({ objects: [pod('foo-1')] })
    fake.fail({ method: 'DELETE', status: 401 })
    await expect(kubernetes.remove(gone, never)).rejects.toMatchObject({ code: 401 })
  })

  test('ends at an abort', async () => {
    const kubernetes = await start()
    await expect(kubernetes.remove(gone, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
