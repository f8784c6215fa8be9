import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Cluster } from '../../../../src/stages/cluster/cluster.ts'
import { nodesStage } from '../../../../src/stages/cluster/nodes.ts'
import type { KubernetesObject, PodObject } from '../../../../src/stages/kubernetes.ts'
import { clusterInMemory } from '../kubernetes.ts'
import { containerOf, nodeOf, podOf, readyPod, waitingPod } from '../objects.ts'

const probe: KubernetesObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'mlops-dns-probe', namespace: 'default' } }
const three = ['control-plane', 'worker', 'worker2']
const coreDns: PodObject = { ...readyPod('coredns-1'), metadata: { name: 'coredns-1', labels: { 'k8s-app': 'kube-dns' } } }
const ended = (number: number, phase: 'Succeeded' | 'Failed'): PodObject =>
  podOf(`mlops-dns-probe-${number}`, {
    phase,
    containerStatuses: [containerOf({ name: 'probe', state: { terminated: { exitCode: phase === 'Failed' ? 1 : 0, reason: 'Error' } } })],
  })

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})
const settled = () => jest.advanceTimersByTimeAsync(0)

function watchNodes(cluster = clusterInMemory(), created: Promise<void> = Promise.resolve()) {
  const said: string[] = []
  const stage = nodesStage({ readyTimeoutMs: 300_000, dnsProbe: async () => probe }, async () => cluster.kubernetes)
  const needs = { cluster: { nodeCount: 3, kubeconfig: '/k', created } as Cluster }
  const run = stage.run(needs, { signal: new AbortController().signal, progress: (message) => said.push(message) })
  run.catch(() => {})
  return { run, said, stage }
}

describe('the nodes', () => {
  test('are ready when all are, system pods are healthy, and a pod has looked up a name', async () => {
    const cluster = clusterInMemory({ nodes: three.map((name) => nodeOf(name)), pods: [coreDns, readyPod('etcd'), ended(1, 'Succeeded')] })
    const { run } = watchNodes(cluster)
    await settled()
    expect(await run).toEqual({
      kubernetesVersion: 'v1.37.0',
      nodes: three.map((name) => ({ name, kubelet: 'v1.37.0', runtime: 'containerd://2.2.0', architecture: 'amd64' })),
      systemPods: 3,
      dnsName: 'kubernetes.default.svc.cluster.local',
    })
    expect(cluster.applied.map(({ metadata }) => metadata.name)).toEqual(['mlops-dns-probe-1'])
    expect(cluster.removed).toEqual(['mlops-dns-probe-1'])
  })

  test('are waited for from the moment kind has created them all', async () => {
    const created = Promise.withResolvers<void>()
    const { run, said } = watchNodes(clusterInMemory({ nodes: [nodeOf('control-plane', false)] }), created.promise)
    await jest.advanceTimersByTimeAsync(400_000)
    expect(said).toEqual(['waiting for kind to join the workers', 'waiting for kind to join the workers (0 of 3 nodes ready; control-plane is not)'])
    created.resolve()
    await jest.advanceTimersByTimeAsync(299_999)
    let late = false
    run.catch(() => {
      late = true
    })
    await settled()
    expect(late).toBe(false)
    await jest.advanceTimersByTimeAsync(1)
    expect(late).toBe(true)
  })

  test('that do not get ready in time are named with what they say', async () => {
    const nodes = [nodeOf('control-plane'), nodeOf('worker', false, 'container runtime network not ready'), nodeOf('worker2', false)]
    const { run } = watchNodes(clusterInMemory({ nodes }))
    await jest.advanceTimersByTimeAsync(300_000)
    await expect(run).rejects.toMatchObject({
      kind: 'infrastructure',
      message: 'the cluster was not ready within 300 s: 1 of 3 nodes ready; worker is not (container runtime network not ready); worker2 is not',
      remedy: expect.stringContaining('node-ready-timeout'),
    })
  })

  test('of which one is late are named by that one', async () => {
    const { run } = watchNodes(clusterInMemory({ nodes: [nodeOf('control-plane'), nodeOf('worker'), nodeOf('worker2', false)] }))
    await jest.advanceTimersByTimeAsync(300_000)
    await expect(run).rejects.toThrow(/2 of 3 nodes ready; worker2 is not$/)
  })

  test('that are too few are not enough, ready as they are', async () => {
    const { run } = watchNodes(clusterInMemory({ nodes: [nodeOf('control-plane'), nodeOf('worker')] }))
    await jest.advanceTimersByTimeAsync(300_000)
    await expect(run).rejects.toThrow('the cluster was not ready within 300 s: 2 of 3 nodes ready')
  })

  test('that kind could not create are kind’s failure', async () => {
    const { run } = watchNodes(clusterInMemory(), Promise.reject(new Error('kind could not create it')))
    await settled()
    await expect(run).rejects.toThrow('kind could not create it')
  })
})

describe('the system pods', () => {
  test.each<[string, readonly PodObject[], string]>([
    ['that are not well are named', [coreDns, waitingPod('etcd', 'ContainerCreating')], '1 of 2 system pods ready; pod etcd is ContainerCreating'],
    ['without DNS among them are not all there', [readyPod('etcd')], '1 of 1 system pods ready'],
  ])('%s', async (_, pods, words) => {
    const { run } = watchNodes(clusterInMemory({ nodes: three.map((name) => nodeOf(name)), pods }))
    await jest.advanceTimersByTimeAsync(300_000)
    await expect(run).rejects.toThrow(`the cluster was not ready within 300 s: ${words}`)
  })
})

describe('the lookup inside a pod', () => {
  const nodes = three.map((name) => nodeOf(name))

  test('is tried again with a new pod: a server that just got ready may not know every name yet', async () => {
    const cluster = clusterInMemory({ nodes, pods: [coreDns] })
    const { run } = watchNodes(cluster)
    await settled()
    cluster.put('pods', [coreDns, ended(1, 'Failed')])
    await settled()
    cluster.put('pods', [coreDns, ended(2, 'Succeeded')])
    await settled()
    await expect(run).resolves.toMatchObject({ dnsName: 'kubernetes.default.svc.cluster.local' })
    expect(cluster.removed).toEqual(['mlops-dns-probe-1', 'mlops-dns-probe-2'])
  })

  test('that fails again and again is the cluster’s failure, in the pod’s own words', async () => {
    const pods = [1, 2, 3, 4, 5].map((number) => ended(number, 'Failed'))
    const cluster = clusterInMemory({ nodes, pods: [coreDns, ...pods] })
    for (const pod of pods) cluster.write(pod, 'probe', ';; connection timed out;\n no servers could be reached\n')
    const { run } = watchNodes(cluster)
    await settled()
    await expect(run).rejects.toMatchObject({
      kind: 'infrastructure',
      message: 'the lookup of kubernetes.default.svc.cluster.local from inside a pod failed: ;; connection timed out; no servers could be reached',
    })
    expect(cluster.applied).toHaveLength(5)
  })

  test('whose image cannot be pulled is not tried again', async () => {
    const cluster = clusterInMemory({ nodes, pods: [coreDns, waitingPod('mlops-dns-probe-1', 'ErrImagePull', 'not found')] })
    const { run } = watchNodes(cluster)
    await settled()
    await expect(run).rejects.toMatchObject({
      message: expect.stringMatching(/failed: pod mlops-dns-probe-1: image .* cannot be pulled \(ErrImagePull: not found\)$/),
      remedy: expect.stringContaining('image-overrides: dns-probe='),
    })
    expect(cluster.applied).toHaveLength(1)
  })
})
