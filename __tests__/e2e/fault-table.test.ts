import '../fakes/realm.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { findEngine, publishedPorts } from '../../src/adapters/engine.ts'
import { httpGet } from '../../src/adapters/http.ts'
import { kindProgram } from '../../src/adapters/kind.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { retry, until } from '../../src/adapters/retry.ts'
import { clusterManifests } from '../../src/app/manifests.ts'
import { resolveConfig } from '../../src/config/config.ts'
import { judge } from '../../src/gates/verdict.ts'
import { Failure } from '../../src/pipeline/failure.ts'
import { runPipeline } from '../../src/pipeline/run.ts'
import { type AnyStage, pipeline, type Stage } from '../../src/pipeline/stage.ts'
import { kindConfig } from '../../src/stages/cluster/cluster.ts'
import { type ClusterAdapters, clusterStage } from '../../src/stages/cluster/stage.ts'
import { insideCluster } from '../../src/stages/health/kubernetes.ts'
import { healthStage } from '../../src/stages/health/stage.ts'
import { traefik } from '../../src/stages/ingress/controllers/traefik.ts'
import { ingressStage } from '../../src/stages/ingress/stage.ts'
import type { Kubernetes, KubernetesObject } from '../../src/stages/kubernetes.ts'
import { isNodeReady } from '../../src/stages/node-trouble.ts'
import { isPodReady } from '../../src/stages/pods.ts'
import type { Results } from '../../src/stages/results.ts'
import { echoServices, servicesNamespace } from '../../src/stages/services/service.ts'
import { servicesStage } from '../../src/stages/services/stage.ts'
import type { Tool } from '../../src/stages/tools/tool.ts'
import { eventually } from '../fakes/eventually.ts'
import { type FaultOn, faults } from '../faults.ts'
import { root, traces } from './kit-run.ts'

/**
 * One cluster for all rows: the services and an ingress as a run has them, and for the rollouts a namespace each. Rows
 * change what stands one after the other, and the last one stops the only worker.
 */
const name = 'mlops-faults'
const never = new AbortController().signal
const echo = 'hashicorp/http-echo:1.0.0'
const busybox = 'busybox:1.35.0'
const { config: settings } = resolveConfig({ inputs: { ingress: 'traefik' }, env: process.env, services: ['foo', 'bar'] })
const services = echoServices(echo, [30080, 30081])
const wanted = [80, 30080, 30081].map((nodePort) => ({ hostPort: 0, nodePort, node: 'control-plane', input: 'a test' }))

let folder: string
let before: string[]
let kind: Tool
let cluster: Results['cluster']
let standing: Pick<Results, 'ingress' | 'services'>
let kubernetes: Kubernetes
let objects: readonly KubernetesObject[]
let tearDown: AnyStage['teardown']
const controlPlane = (...argv: string[]) => execa('podman', ['exec', `${name}-control-plane`, ...argv])

beforeAll(async () => {
  before = await traces()
  folder = await mkdtemp(join(tmpdir(), 'fault-table-'))
  kind = { name: 'kind', version: '0', path: join(process.env.MLOPS_KIT_BIN ?? '', 'kind'), from: 'tool-cache' }
  const adapters: ClusterAdapters = {
    findEngine: (signal) => findEngine(runProcess, process.env, signal),
    kind: (tool, engine) => kindProgram(runProcess, tool.path, engine),
    takenPorts: async () => [],
    publishedPorts: (engine, container, signal) => publishedPorts(runProcess, engine, container, signal),
    connect: connectKubernetes,
    claim: () => {},
    until,
  }
  const nodeImage = String(process.env.MLOPS_NODE_IMAGE)
  const config = kindConfig({ workers: 1, image: nodeImage, ports: wanted })
  const stage = clusterStage({ name, nodeImage, config, kubeconfig: join(folder, 'kubeconfig'), ports: wanted }, adapters)
  tearDown = stage.teardown
  cluster = await stage.run({ kind }, { signal: never, progress: () => {} })
  await cluster.created
  kubernetes = await connectKubernetes(cluster.kubeconfig)
  await kubernetes.watch('nodes', {}, (nodes) => nodes.every(isNodeReady) || undefined, never)
  const manifests = clusterManifests(root, settings, services, traefik)
  objects = await manifests.services()
  const options = { controller: traefik, image: settings.images.traefik, baseUrl: null, readyTimeoutMs: 1000 }
  const context = { signal: never, progress: () => {} }
  const [ingress, rolledOut] = await Promise.all([
    ingressStage({ ...options, objects: () => manifests.ingress(traefik) }, connectKubernetes).run({ cluster }, context),
    servicesStage({ namespace: servicesNamespace, services, objects: manifests.services, readyTimeoutMs: 1000 }, connectKubernetes).run({ cluster }, context),
  ])
  standing = { ingress, services: rolledOut }
}, 180_000)

afterAll(async () => {
  await tearDown?.(never)
  await rm(folder, { recursive: true })
  expect((await traces()).filter((trace) => !before.includes(trace))).toEqual([])
}, 60_000)

interface Workload {
  readonly image: string
  readonly args?: readonly string[]
  readonly command?: readonly string[]
  readonly resources?: object
  /** Without one a container counts as ready as soon as it runs. */
  readonly readinessProbe?: object
  readonly namespaceLabels?: Readonly<Record<string, string>>
  /** Done before it is applied. */
  readonly prepare?: () => Promise<unknown>
  /** What it is given up on for: its time is over when such an event is there. */
  readonly overAt?: string
}

function objectsOf(app: string, { image, args, command, resources, readinessProbe, namespaceLabels = {} }: Workload): KubernetesObject[] {
  const labels = { app }
  const container = { name: 'main', image, imagePullPolicy: 'IfNotPresent', args, command, resources, readinessProbe }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: app, labels: namespaceLabels } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: app, namespace: app },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      },
    },
  ]
}

/** Rolls a workload out as the stage `services` does, and judges. */
async function rollOut(app: string, workload: Workload, onApplied: () => Promise<unknown> = async () => {}) {
  const standing = { name: 'cluster', title: 'A cluster that stands', needs: [], deadlineMs: 1000, run: async () => cluster } as const
  await workload.prepare?.()
  const own = services.slice(0, 1).map((service) => ({ ...service, name: app }))
  const stage = servicesStage({ namespace: app, services: own, objects: async () => objectsOf(app, workload), readyTimeoutMs: 1000 }, async (kubeconfig) => {
    const connected = await connectKubernetes(kubeconfig)
    return {
      ...connected,
      apply: async (applied, signal) => {
        await connected.apply(applied, signal)
        await onApplied()
      },
    }
  })
  const over = async (signal: AbortSignal) => {
    if (workload.overAt === undefined) return await new Promise<never>(() => {})
    await kubernetes.watch('events', { namespace: app }, (events) => events.some(({ reason }) => reason === workload.overAt) || undefined, signal)
    throw new Failure(`${stage.title}: its time is over`, { kind: 'infrastructure', timedOut: true })
  }
  const limited = { ...stage, run: (needs, context) => Promise.race([stage.run(needs, context), over(context.signal)]) } satisfies typeof stage
  // The cluster's own stage would create one.
  const { stages } = pipeline<Omit<Results, 'kind'>>()
    .add<'cluster', never>(standing)
    .add(limited as never)
  const record = await runPipeline(stages, { signal: never })
  return { ...judge(record, [], undefined), failed: record.stages.find(({ failure }) => failure !== null) }
}

/** Asks the services' health as the stage does, and judges. */
async function askHealth(endpointsMs = 30_000) {
  const found = <N extends 'ingress' | 'services'>(stage: N): Stage<Results, N, never> => {
    return { name: stage, title: stage, needs: [], deadlineMs: 1000, run: async () => standing[stage] as Results[N] }
  }
  const inside = insideCluster(async () => kubernetes, endpointsMs)
  const { stages } = pipeline<Results>()
    .add(found('ingress'))
    .add(found('services'))
    .add(healthStage({ retries: 1 }, inside, { get: httpGet, retry }))
  const record = await runPipeline(stages, { signal: never })
  return { ...judge(record, [], undefined), failed: record.stages.find(({ failure }) => failure !== null) }
}

/** Applies foo's objects, some of them changed. */
async function applyFoo(change: (object: KubernetesObject) => object = () => ({})): Promise<void> {
  const ofFoo = objects.filter(({ kind: kindOf, metadata }) => metadata.name === 'foo' && kindOf !== 'Deployment')
  await kubernetes.apply(
    ofFoo.map((object) => ({ ...object, ...change(object) })),
    never,
  )
}

/** What foo is answered with now, past the ingress and through it: a status, or the code of an error. */
async function answersOfFoo(): Promise<string> {
  const [foo] = standing.services.routes
  const ask = (url: string | null, host?: string) =>
    httpGet(`${url}/`, { ...(host === undefined ? {} : { host }), timeoutMs: 2000, signal: never }).then(
      ({ status }) => String(status),
      ({ code }: NodeJS.ErrnoException) => String(code),
    )
  return (await Promise.all([ask(foo?.url ?? null), ask(standing.ingress.baseUrl, foo?.host)])).join(' ')
}

const fooAnswers = (what: RegExp) => eventually(`foo answers ${what}`, async () => what.test(await answersOfFoo()), 60_000)
const serviceSpec = (object: KubernetesObject) => object.spec as { ports: object[] }

/** Has rules of the kernel's catch the ports before podman's do, as those of a container that is gone would. */
async function withPortsCaught<T>(work: () => Promise<T>): Promise<T> {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as AddressInfo
  const rules = cluster.ports.map(({ hostPort }) =>
    ['OUTPUT', '-p', 'tcp', '-d', '127.0.0.1', '--dport', hostPort, '-j', 'REDIRECT', '--to-ports', port].map(String),
  )
  try {
    for (const rule of rules) await execa('iptables', ['-t', 'nat', '-I', ...rule])
    return await work()
  } finally {
    for (const rule of rules) await execa('iptables', ['-t', 'nat', '-D', ...rule], { reject: false })
    silent.closeAllConnections()
    silent.close()
  }
}

/** A registry on the worker that knows nothing, which containerd asks without TLS. */
async function startEmptyRegistry(namespace: string): Promise<void> {
  const container = { name: 'main', image: echo, imagePullPolicy: 'IfNotPresent', args: ['-listen=:5000', '-text=none', '-status-code=404'] }
  const probe = { tcpSocket: { port: 5000 }, periodSeconds: 1 }
  const registry = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'registry', namespace },
    spec: { hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [{ ...container, readinessProbe: probe }] },
  }
  await kubernetes.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, registry], never)
  await kubernetes.watch('pods', { namespace }, (pods) => pods.some(isPodReady) || undefined, never)
}

type Name = FaultOn<'cluster'>
const rows: Readonly<Record<Name, () => ReturnType<typeof rollOut>>> = {
  'cluster-api-server-restarts': () =>
    rollOut('survivor', { image: echo, args: ['-listen=:5678', '-text=here'] }, async () => {
      await controlPlane('pkill', '-KILL', 'kube-apiserver')
    }),
  'cluster-registry-unreachable': () => rollOut('unreachable', { image: 'registry.invalid/none:1' }),
  'cluster-out-of-memory': () =>
    rollOut('eater', {
      image: busybox,
      command: ['tail', '/dev/zero'],
      resources: { limits: { memory: '16Mi' } },
      // Nobody listens there: it must not be ready in the moment before it has eaten its fill.
      readinessProbe: { tcpSocket: { port: 1 } },
    }),
  'cluster-no-room': () => rollOut('greedy', { image: echo, resources: { requests: { cpu: '1000' } } }),
  'cluster-image-missing': () => rollOut('nameless', { image: '127.0.0.1:5000/none:1', prepare: () => startEmptyRegistry('nameless') }),
  'cluster-crash-loop': () =>
    rollOut('crasher', {
      image: busybox,
      command: ['sh', '-c', 'echo starting; echo no model at /models; exit 3'],
      readinessProbe: { tcpSocket: { port: 1 } },
    }),
  'cluster-probe-fails': () =>
    rollOut('unready', {
      image: echo,
      args: ['-listen=:5678', '-text=no', '-status-code=500'],
      readinessProbe: { httpGet: { path: '/', port: 5678 }, periodSeconds: 1 },
      overAt: 'Unhealthy',
    }),
  'cluster-no-endpoints': async () => {
    const selector = { 'app.kubernetes.io/name': 'fooo' }
    await applyFoo((object) => (object.kind === 'Service' ? { spec: { ...serviceSpec(object), selector } } : {}))
    const ofFoo = { namespace: servicesNamespace, labelSelector: 'kubernetes.io/service-name=foo' }
    await kubernetes.watch('endpointslices', ofFoo, (slices) => slices.every(({ endpoints }) => (endpoints ?? []).length === 0) || undefined, never)
    return await askHealth(2000)
  },
  'cluster-wrong-port': async () => {
    await applyFoo((object) => {
      if (object.kind !== 'Service') return {}
      const spec = serviceSpec(object)
      return { spec: { ...spec, ports: spec.ports.map((port) => ({ ...port, targetPort: 9999 })) } }
    })
    // The endpoints are those of before for a moment.
    const ofFoo = { namespace: servicesNamespace, labelSelector: 'kubernetes.io/service-name=foo' }
    await kubernetes.watch('endpointslices', ofFoo, (slices) => slices.some(({ ports }) => ports?.[0]?.port === 9999) || undefined, never)
    await fooAnswers(/^(?!200 )(?!.* 200$)/)
    return await askHealth()
  },
  'cluster-wrong-host': async () => {
    await applyFoo((object) => {
      if (object.kind !== 'Ingress') return {}
      const { rules: routed, ...spec } = object.spec as { rules: object[] }
      return { spec: { ...spec, rules: routed.map((rule) => ({ ...rule, host: 'wrong.foo.localhost' })) } }
    })
    await fooAnswers(/^200 404$/)
    return await askHealth()
  },
  'cluster-ports-lead-nowhere': async () => {
    await applyFoo()
    await fooAnswers(/^200 200$/)
    return await withPortsCaught(askHealth)
  },
  'cluster-node-stops': async () => {
    await execa('podman', ['stop', '--time', '0', `${name}-worker`])
    await kubernetes.watch(
      'nodes',
      {},
      (nodes) => nodes.some(({ status }) => status?.conditions?.some(({ type, status: ready }) => type === 'Ready' && ready === 'Unknown')) || undefined,
      never,
    )
    return await askHealth(2000)
  },
  // Nothing has to be counted first, as with a quota: the label alone refuses.
  'cluster-pod-security': () => rollOut('loose', { image: echo, namespaceLabels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }),
}

function expectFault(row: Name, { verdict, reason, sentence, failed }: Awaited<ReturnType<typeof rollOut>>): void {
  const fault = faults[row]
  // All in one: what was said explains what is wrong.
  const { kind: whose = null, code = null, evidence = [] } = failed?.failure ?? {}
  expect({ verdict, reason, stage: failed?.name ?? null, kind: whose, code, sentence, evidence }).toEqual({
    verdict: fault.verdict,
    reason: fault.reason,
    stage: fault.stage,
    kind: fault.kind,
    code: fault.code,
    sentence: expect.stringMatching(fault.firstLine),
    // A run that passed has nothing to prove.
    evidence: fault.stage === null ? [] : expect.arrayContaining([expect.stringMatching(/\S/)]),
  })
}

describe('a rollout on a real cluster', () => {
  test('cluster-api-server-restarts', async () => {
    expectFault('cluster-api-server-restarts', await rows['cluster-api-server-restarts']())
    await eventually('the API server answers', async () => (await connectKubernetes(cluster.kubeconfig)).answers(never), 60_000)
  }, 120_000)

  // Each of them waits for something that will not come: together they take as long as the slowest.
  const together: Name[] = [
    'cluster-image-missing',
    'cluster-registry-unreachable',
    'cluster-crash-loop',
    'cluster-out-of-memory',
    'cluster-probe-fails',
    'cluster-no-room',
    'cluster-pod-security',
  ]
  test(`${together.join(', ')}`, async () => {
    const outcomes = await Promise.all(together.map((row) => rows[row]()))
    for (const [index, row] of together.entries()) expectFault(row, outcomes[index] as Awaited<ReturnType<typeof rollOut>>)
  }, 200_000)
})

describe('services on a real cluster', () => {
  // In this order: each undoes what the one before has done, and no node stands after the last.
  test.each<Name>(['cluster-no-endpoints', 'cluster-wrong-port', 'cluster-wrong-host', 'cluster-ports-lead-nowhere', 'cluster-node-stops'])(
    '%s',
    async (row) => expectFault(row, await rows[row]()),
    180_000,
  )
})
