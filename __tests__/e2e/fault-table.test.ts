import '../fakes/realm.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { findEngine } from '../../src/adapters/engine.ts'
import { kindProgram } from '../../src/adapters/kind.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { until } from '../../src/adapters/retry.ts'
import { judge } from '../../src/gates/verdict.ts'
import { runPipeline } from '../../src/pipeline/run.ts'
import { type AnyStage, pipeline } from '../../src/pipeline/stage.ts'
import { kindConfig } from '../../src/stages/cluster/cluster.ts'
import { type ClusterAdapters, clusterStage } from '../../src/stages/cluster/stage.ts'
import type { KubernetesObject } from '../../src/stages/kubernetes.ts'
import type { Results } from '../../src/stages/results.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import { servicesStage } from '../../src/stages/services/stage.ts'
import type { Tool } from '../../src/stages/tools/tool.ts'
import { eventually } from '../fakes/eventually.ts'
import { type FaultOn, faults } from '../faults.ts'
import { traces } from './kit-run.ts'

/** One cluster of one node for all rows, each in a namespace of its own. */
const name = 'mlops-faults'
const never = new AbortController().signal
const echo = 'hashicorp/http-echo:1.0.0'
const busybox = 'busybox:1.35.0'

let folder: string
let before: string[]
let kind: Tool
let cluster: Results['cluster']
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
    publishedPorts: async () => [],
    connect: connectKubernetes,
    claim: () => {},
    until,
  }
  const nodeImage = String(process.env.MLOPS_NODE_IMAGE)
  const config = kindConfig({ workers: 0, image: nodeImage, ports: [] })
  const stage = clusterStage({ name, nodeImage, config, kubeconfig: join(folder, 'kubeconfig'), ports: [] }, adapters)
  tearDown = stage.teardown
  cluster = await stage.run({ kind }, { signal: never, progress: () => {} })
  await cluster.created
  const kubernetes = await connectKubernetes(cluster.kubeconfig)
  await kubernetes.watch(
    'nodes',
    {},
    (nodes) => nodes.every(({ status }) => status?.conditions?.some(({ type, status: ready }) => type === 'Ready' && ready === 'True')) || undefined,
    never,
  )
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
  const services = echoServices(echo, [30080, 30081]).slice(0, 1)
  const stage = servicesStage(
    { namespace: app, services: services.map((service) => ({ ...service, name: app })), objects: async () => objectsOf(app, workload), readyTimeoutMs: 1000 },
    async (kubeconfig) => {
      const kubernetes = await connectKubernetes(kubeconfig)
      return {
        ...kubernetes,
        apply: async (objects, signal) => {
          await kubernetes.apply(objects, signal)
          await onApplied()
        },
      }
    },
  )
  // The cluster's own stage would create one.
  const { stages } = pipeline<Omit<Results, 'kind'>>()
    .add<'cluster', never>(standing)
    .add(stage as never)
  const record = await runPipeline(stages, { signal: never })
  return { ...judge(record, [], undefined), failed: record.stages.find(({ failure }) => failure !== null) }
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
  // Nothing has to be counted first, as with a quota: the label alone refuses.
  'cluster-pod-security': () => rollOut('loose', { image: echo, namespaceLabels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }),
}

function expectFault(row: Name, { verdict, reason, sentence, failed }: Awaited<ReturnType<typeof rollOut>>): void {
  const fault = faults[row]
  // All in one: what was said explains what is wrong.
  expect({ verdict, reason, stage: failed?.name ?? null, kind: failed?.failure?.kind ?? null, sentence }).toEqual({
    verdict: fault.verdict,
    reason: fault.reason,
    stage: fault.stage,
    kind: fault.kind,
    sentence: expect.stringMatching(fault.firstLine),
  })
}

describe('a rollout on a real cluster', () => {
  test('cluster-api-server-restarts', async () => {
    expectFault('cluster-api-server-restarts', await rows['cluster-api-server-restarts']())
    await eventually('the API server answers', async () => (await connectKubernetes(cluster.kubeconfig)).answers(never), 60_000)
  }, 120_000)

  // Each of them waits for something that will not come: together they take as long as the slowest.
  const together: Name[] = ['cluster-registry-unreachable', 'cluster-out-of-memory', 'cluster-no-room', 'cluster-pod-security']
  test(`${together.join(', ')}`, async () => {
    const outcomes = await Promise.all(together.map((row) => rows[row]()))
    for (const [index, row] of together.entries()) expectFault(row, outcomes[index] as Awaited<ReturnType<typeof rollOut>>)
  }, 150_000)
})
