import '../fakes/realm.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { Failure } from '../../src/pipeline/failure.ts'
import type { Cluster } from '../../src/stages/cluster/cluster.ts'
import { dnsName, nodesStage } from '../../src/stages/cluster/nodes.ts'
import type { KubernetesObject } from '../../src/stages/kubernetes.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { type FakeObject, type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { node, pod } from '../fakes/kubernetes-objects.ts'

const dnsProbe: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mlops-dns-probe', namespace: 'default' },
  spec: { restartPolicy: 'Never', containers: [{ name: 'probe', image: 'busybox:1', command: ['nslookup', dnsName] }] },
}
const coreDns = (ready: boolean) =>
  pod('coredns-1', {
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-dns' },
    ...(ready ? {} : { container: { state: { waiting: { reason: 'ContainerCreating' } } } }),
  })

let folder: string
let fake: KubernetesFake
let said: string[]
/** What becomes of each probe pod, in order; the last one stays. */
let outcomes: ((probe: FakeObject) => FakeObject)[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodes-'))
  said = []
  outcomes = [succeeded]
  fake = await startKubernetesFake({
    onApplied: (object) => {
      if (object.kind !== 'Pod') return
      const outcome = outcomes.length > 1 ? outcomes.shift() : outcomes[0]
      if (outcome) fake.put(outcome(object))
    },
  })
  await writeFile(join(folder, 'kubeconfig'), fake.kubeconfig)
})
afterEach(async () => {
  await fake.close()
  await rm(folder, { recursive: true })
})

const succeeded = (probe: FakeObject): FakeObject => ({ ...probe, status: { phase: 'Succeeded' } })
const failed = (probe: FakeObject): FakeObject => {
  fake.setLog('default', probe.metadata.name, 'probe', ';; connection timed out; no servers could be reached\n')
  const terminated = { exitCode: 1, reason: 'Error' }
  return { ...probe, status: { phase: 'Failed', containerStatuses: [{ name: 'probe', ready: false, restartCount: 0, state: { terminated } }] } }
}
const withoutImage = (probe: FakeObject): FakeObject => {
  const waiting = { reason: 'ErrImagePull', message: 'failed to pull and unpack image "busybox:1": not found' }
  return {
    ...probe,
    status: { phase: 'Pending', containerStatuses: [{ name: 'probe', image: 'busybox:1', ready: false, restartCount: 0, state: { waiting } }] },
  }
}

function start({ created = Promise.resolve(), readyTimeoutMs = 60_000, signal = new AbortController().signal } = {}) {
  const cluster: Cluster = {
    name: 'test',
    engine: 'podman',
    engineVersion: '5.7',
    kubeconfig: join(folder, 'kubeconfig'),
    nodeImage: 'kindest/node:v1',
    nodeCount: 3,
    ports: [],
    created,
  }
  const running = nodesStage({ readyTimeoutMs, dnsProbe: async () => dnsProbe }, connectKubernetes).run(
    { cluster },
    { signal, progress: (message) => said.push(message) },
  )
  running.catch(() => {})
  return running
}

const readyCluster = () => {
  for (const name of ['control-plane', 'worker', 'worker2']) fake.put(node(name, true))
  fake.put(coreDns(true))
}
const probes = () =>
  fake.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('mlops-dns-probe')).map(({ path }) => path.split('/').at(-1))

describe('the cluster is ready', () => {
  test('when all nodes are, the system pods are, and a pod has looked up a name', async () => {
    readyCluster()
    expect(await start()).toEqual({
      kubernetesVersion: 'v1.37.0',
      nodes: ['control-plane', 'worker', 'worker2'].map((name) => ({ name, kubelet: 'v1.37.0', runtime: 'containerd://2.2.0', architecture: 'amd64' })),
      systemPods: 1,
      dnsName,
    })
    // The probe is gone again.
    expect(fake.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1)
  })

  test('not before every node has come, and says which is late', async () => {
    fake.put(node('control-plane', true))
    fake.put(coreDns(true))
    const running = start()
    await eventually('it says how far it is', () => said.includes('1 of 3 nodes ready'))
    fake.put(node('worker', false))
    await eventually('the late node is told of', () => said.includes('1 of 3 nodes ready; worker is not (container runtime network not ready)'))
    expect(probes()).toEqual([])
    readyCluster()
    fake.put(node('worker2', true))
    await running
  })

  test('not before the system pods are healthy, the cluster’s DNS above all', async () => {
    readyCluster()
    fake.remove(coreDns(true))
    const running = start()
    await eventually('it says that there is none', () => said.some((message) => message.startsWith('0 of 0 system pods ready')))
    fake.put(coreDns(false))
    await eventually('it says which one is late', () => said.some((message) => message.includes('pod coredns-1 is ContainerCreating')))
    fake.put(coreDns(true))
    expect(await running).toMatchObject({ systemPods: 1 })
  })

  test('only when kind has created it', async () => {
    readyCluster()
    const { promise: created, resolve } = Promise.withResolvers<void>()
    const running = start({ created })
    await eventually('it waits', () => said.includes('waiting for kind to join the workers'))
    expect(fake.requests).toEqual([])
    resolve()
    await running
  })

  test('after a lookup that failed at first', async () => {
    readyCluster()
    outcomes = [failed, failed, succeeded]
    await start()
    expect(probes()).toEqual(['mlops-dns-probe-1', 'mlops-dns-probe-2', 'mlops-dns-probe-3'])
    expect(fake.get({ ...dnsProbe, metadata: { ...dnsProbe.metadata, name: 'mlops-dns-probe-3' } } as FakeObject)).toBeUndefined()
  })
})

describe('the cluster is not ready', () => {
  test('when kind could not create it', async () => {
    const failure = new Failure('kind could not create test: no space left on device', { kind: 'infrastructure' })
    const created = Promise.reject(failure)
    created.catch(() => {})
    expect(await failureOf(start({ created }))).toBe(failure)
  })

  test('in time, in the words of the node', async () => {
    readyCluster()
    fake.put(node('worker2', false))
    const running = start({ readyTimeoutMs: 300 })
    const failure = await failureOf(running)
    expect(failure.message).toBe('the cluster was not ready within 0.3 s: 2 of 3 nodes ready; worker2 is not (container runtime network not ready)')
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringContaining('node-ready-timeout') })
    await eventually('nothing is watched any more', () => fake.watches() === 0)
  })

  test('when no lookup succeeds, in nslookup’s words', async () => {
    readyCluster()
    outcomes = [failed]
    const failure = await failureOf(start())
    expect(failure.message).toBe(`the lookup of ${dnsName} from inside a pod failed: ;; connection timed out; no servers could be reached`)
    expect(failure.kind).toBe('infrastructure')
    expect(probes()).toHaveLength(5)
  })

  test('when the probe’s image cannot be pulled, which is nobody’s workload', async () => {
    readyCluster()
    outcomes = [withoutImage]
    const failure = await failureOf(start())
    expect(failure.message).toContain('image busybox:1 cannot be pulled (ErrImagePull: ')
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringContaining('dns-probe') })
    expect(probes()).toHaveLength(1)
  })

  test('and says so at an abort, without a probe of ours left in a watch', async () => {
    readyCluster()
    outcomes = [(probe) => probe]
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const running = start({ signal: controller.signal })
    await eventually('the probe is watched', () => probes().length === 1 && fake.watches() > 0)
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
  })
})
