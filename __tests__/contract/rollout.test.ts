import '../fakes/realm.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { Failure } from '../../src/pipeline/failure.ts'
import type { Kubernetes } from '../../src/stages/kubernetes.ts'
import { podTrouble, rolloutFailure } from '../../src/stages/pod-failure.ts'
import { rolledOut } from '../../src/stages/rollout.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { hurried } from '../fakes/hurry.ts'
import { type FakeObject, type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { crashingPod, deployment, namespace, node, pod, podWithoutImage, warning } from '../fakes/kubernetes-objects.ts'

const rollout = { namespace: 'apps', deployments: ['foo', 'bar'] }

let folder: string
let fake: KubernetesFake
let kubernetes: Kubernetes
let said: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollout-'))
  fake = await startKubernetesFake({ objects: [namespace('apps')] })
  await writeFile(join(folder, 'kubeconfig'), fake.kubeconfig)
  kubernetes = await connectKubernetes(join(folder, 'kubeconfig'))
  said = []
})
afterEach(async () => {
  await fake.close()
  await rm(folder, { recursive: true })
})

const never = new AbortController().signal
const put = (...objects: FakeObject[]) => objects.forEach((object) => void fake.put(object))
const bothWatch = () => eventually('pods and deployments are watched', () => fake.watches() === 2)

function start({ joined = Promise.resolve(), signal = never as AbortSignal } = {}): Promise<void> {
  const running = rolledOut(kubernetes, rollout, joined, { signal, progress: (message) => said.push(message) })
  running.catch(() => {})
  return running
}

describe('a rollout', () => {
  test('is over when every deployment has all its replicas', async () => {
    const running = start()
    await bothWatch()
    put(deployment('foo', 1), deployment('bar', 2))
    await eventually('it says how far it is', () => said.includes('available: foo 1/2, bar 2/2'))
    put(deployment('foo', 2))
    await running
    await eventually('nothing is watched any more', () => fake.watches() === 0)
  })

  test('is over at once when it was before', async () => {
    put(deployment('foo', 2), deployment('bar', 2))
    await start()
  })

  test('is not over while a controller still looks at the deployment before', async () => {
    put(deployment('foo', 2, { generation: 2, observed: 1 }), deployment('bar', 2))
    const running = start()
    await bothWatch()
    expect(said).not.toEqual([])
    put(deployment('foo', 2, { generation: 2, observed: 2 }))
    await running
  })

  test('asks nothing of deployments that are not its own', async () => {
    put(deployment('foo', 2), deployment('bar', 2), deployment('other', 0))
    await start()
  })

  test('tells which pods are late', async () => {
    put(deployment('foo', 1), deployment('bar', 2), pod('foo-1'), pod('foo-2', { container: { state: { waiting: { reason: 'ContainerCreating' } } } }))
    const running = start()
    await eventually('the late pod is told of', () => {
      fake.put(deployment('foo', 1))
      return said.some((message) => message.includes('(pod foo-2 is ContainerCreating)'))
    })
    put(deployment('foo', 2))
    await running
  })

  test('ends at an abort with its reason, and watches nothing any more', async () => {
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const running = start({ signal: controller.signal })
    await bothWatch()
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
  })
})

describe('trouble that will not pass', () => {
  test('ends a rollout early, in the words of the registry', async () => {
    put(deployment('foo', 1), deployment('bar', 2), pod('foo-1'), podWithoutImage('foo-2'))
    const failure = await failureOf(start())
    expect(failure.message).toMatch(
      /^foo: 1 of 2 pods ready; pod foo-2: image registry\.example\/gone:1\.0\.0 cannot be pulled \(ImagePullBackOff: .*not found\)$/,
    )
    expect(failure).toMatchObject({ kind: 'workload', remedy: expect.stringContaining('name and tag') })
  })

  test('ends it with the last line that the crashed container wrote', async () => {
    fake.setLog('apps', 'bar-1', 'echo', 'starting\nmodel.bin: no such file\n', { previous: true })
    put(deployment('foo', 2), deployment('bar', 0), crashingPod('bar-1', 2))
    const failure = await failureOf(start())
    expect(failure.message).toBe('bar: 0 of 1 pods ready; pod bar-1 crashed with exit code 2, 3 restarts, last log line: model.bin: no such file')
    expect(failure.kind).toBe('workload')
  })

  test('ends it without a log, too, when that cannot be read', async () => {
    put(deployment('foo', 2), deployment('bar', 0), crashingPod('bar-1', 137, 'OOMKilled'))
    fake.fail({ path: /log$/, status: 401, times: 10 })
    expect((await failureOf(start())).message).toBe('bar: 0 of 1 pods ready; pod bar-1 was OOMKilled (memory limit 64Mi)')
  })

  test('is believed only when all nodes have joined', async () => {
    const { promise: joined, resolve } = Promise.withResolvers<void>()
    const unschedulable = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 node(s) had untolerated taint' },
    ]
    put(deployment('foo', 0), deployment('bar', 2), pod('foo-1', { conditions: unschedulable }))
    const running = start({ joined })
    await bothWatch()
    resolve()
    put(pod('foo-1'), deployment('foo', 2))
    await running
  })

  test('that was there before the last node joined is told when it has, without waiting for more of it', async () => {
    const { promise: joined, resolve } = Promise.withResolvers<void>()
    put(deployment('foo', 1), deployment('bar', 2), podWithoutImage('foo-2'))
    let failure: Failure | undefined
    start({ joined }).catch((error: Failure) => {
      failure = error
    })
    await bothWatch()
    resolve()
    expect((await eventually('the trouble is told', () => failure, 3000)).message).toContain('cannot be pulled')
  })

  test('with a pod that has no place is the nodes’ fault when one of them is unwell', async () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: 1 node(s) had untolerated taint(s).' },
    ]
    put(node('worker', false, 'container runtime network not ready'), deployment('foo', 0), deployment('bar', 2), pod('foo-1', { conditions }))
    const running = failureOf(
      podTrouble(kubernetes, rollout, never).then((trouble) => {
        throw trouble
      }),
    )
    expect(await running).toMatchObject({
      kind: 'infrastructure',
      message:
        'foo: 0 of 1 pods ready; pod foo-1 cannot be scheduled: 0/1 nodes are available: 1 node(s) had untolerated taint(s).; node worker is not ready (container runtime network not ready)',
    })
  })

  test('with pods that the API server refuses to make is told in its words, though there is no pod that could', async () => {
    const message = 'pods "foo-6b7d-" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false'
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }]
    const foo = deployment('foo', 0)
    put({ ...foo, status: { ...(foo.status as object), conditions } }, deployment('bar', 2))
    const failure = await hurried(() => failureOf(start()), 500)
    expect(failure).toMatchObject({ kind: 'workload', message: expect.stringMatching(/^foo: .*violates PodSecurity "restricted:latest"/) })
  })

  test('does not outlive a cluster that could not be created', async () => {
    put(deployment('foo', 1), deployment('bar', 2), podWithoutImage('foo-2'))
    const joined = Promise.reject(new Failure('kind could not create it', { kind: 'infrastructure' }))
    joined.catch(() => {})
    const controller = new AbortController()
    const running = start({ joined, signal: controller.signal })
    await bothWatch()
    controller.abort(new Error('the run is over'))
    await expect(running).rejects.toThrow('the run is over')
  })
})

describe('a rollout that took too long', () => {
  const timeout = new Failure('Services (foo, bar): not done after 360 s; last seen: available: foo 1/2', { kind: 'infrastructure', timedOut: true })
  const diagnose = (failure = timeout) => rolloutFailure(kubernetes, rollout, failure, never)

  test('is explained by the pod that is not well', async () => {
    fake.setLog('apps', 'foo-2', 'echo', 'listen tcp :80: bind: permission denied\n', { previous: true })
    put(pod('foo-1'), crashingPod('foo-2'))
    const failure = await diagnose()
    expect(failure.message).toBe(
      'foo: 1 of 2 pods ready; pod foo-2 crashed with exit code 1, 3 restarts, last log line: listen tcp :80: bind: permission denied',
    )
    expect(failure.kind).toBe('workload')
  })

  test('is explained by pods that are late and the last warning about them', async () => {
    put(
      pod('foo-1', { conditions: [{ type: 'Ready', status: 'False' }] }),
      warning('foo-1', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500'),
      warning('stranger-1', 'BackOff', 'not ours'),
    )
    const failure = await diagnose()
    expect(failure.message).toContain('pod foo-1 is Pending; last event: Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500')
    expect(failure.code).toBe('not-ready')
    expect(failure.message).toContain('not done after 360 s')
    expect(failure.message).not.toContain('not ours')
    expect(failure).toMatchObject({ kind: 'workload', cause: timeout })
  })

  const running = { restartCount: 0, state: { running: { startedAt: '2026-11-22T08:00:00Z' } }, ready: false }
  const unready = (name: string) => pod(name, { container: running })

  test('is a failing probe, with what it got, when pods run and do not get ready', async () => {
    fake.setLog('apps', 'foo-2', 'echo', 'loading model\nmodel is corrupt\n')
    put(node('worker', true), pod('foo-1'), unready('foo-2'), warning('foo-2', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500'))
    const failure = await diagnose()
    expect(failure).toMatchObject({
      kind: 'workload',
      code: 'probe-failing',
      message: 'foo: 1 of 2 pods ready; pod foo-2 runs, but its readiness probe fails: HTTP probe failed with statuscode: 500',
      cause: timeout,
    })
    expect(failure.evidence).toEqual(expect.arrayContaining(['log: model is corrupt', expect.stringMatching(/^event Unhealthy \(3 times\): /)]))
  })

  test('is a failing probe when it is for that that a container is ended again and again', async () => {
    const killing = { ...warning('foo-1', 'Killing', 'Container echo failed liveness probe, will be restarted'), type: 'Normal' }
    put(node('worker', true), crashingPod('foo-1', 137), killing, warning('foo-1', 'Unhealthy', 'Liveness probe failed: connection refused'))
    expect(await diagnose()).toMatchObject({
      code: 'probe-failing',
      message: 'foo: 0 of 1 pods ready; pod foo-1 is restarted again and again, for its liveness probe fails: connection refused',
    })
  })

  const sick = (type: string, status: string, message: string): FakeObject => {
    const healthy = node('worker', true)
    const conditions = [
      { type: 'Ready', status: 'True' },
      { type, status, message },
    ].filter((one) => type !== 'Ready' || one.message)
    return { ...healthy, status: { ...(healthy.status as object), conditions } }
  }

  test.each([
    ['has stopped', sick('Ready', 'Unknown', 'Kubelet stopped posting node status.'), 'node worker is not ready (Kubelet stopped posting node status.)'],
    ['has no network yet', node('worker', false, 'container runtime network not ready'), 'node worker is not ready (container runtime network not ready)'],
    ['has no disk left', sick('DiskPressure', 'True', 'kubelet has disk pressure'), 'node worker has DiskPressure (kubelet has disk pressure)'],
  ])('is the node’s fault when that %s, whatever its pods look like', async (_, worker, message) => {
    put(worker, node('control-plane', true), pod('foo-1', { conditions: [{ type: 'Ready', status: 'False' }] }))
    expect(await diagnose()).toMatchObject({ kind: 'infrastructure', message })
  })

  test('is nobody’s workload when a node cannot make pods at all', async () => {
    put(
      node('worker', true),
      pod('foo-1', { conditions: [{ type: 'Ready', status: 'False' }] }),
      warning('foo-1', 'FailedCreatePodSandBox', 'failed to setup network for sandbox'),
    )
    expect(await diagnose()).toMatchObject({
      kind: 'infrastructure',
      message: expect.stringContaining('last event: FailedCreatePodSandBox: failed to setup network for sandbox'),
    })
  })

  test('stays as it is when all pods are well', async () => {
    put(pod('foo-1'), pod('foo-2'))
    expect(await diagnose()).toBe(timeout)
  })

  test('is the only failure that is looked into', async () => {
    const other = new Failure('Deployment apps/foo could not be applied: no', { kind: 'workload' })
    put(crashingPod('foo-1'))
    expect(await diagnose(other)).toBe(other)
    expect(fake.requests).toEqual([])
  })
})
