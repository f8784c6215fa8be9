import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Failure } from '../../../src/pipeline/failure.ts'
import type { EventObject, PodObject } from '../../../src/stages/kubernetes.ts'
import { rolloutFailure } from '../../../src/stages/pod-failure.ts'
import { asInfrastructure, rolledOut } from '../../../src/stages/rollout.ts'
import { clusterInMemory } from './kubernetes.ts'
import { containerOf, crashingPod, deploymentOf, pendingPod, podOf, readyPod, waitingPod } from './objects.ts'

const rollout = { namespace: 'mlops-services', deployments: ['foo', 'bar'] }
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A rollout under way, and how it ended when it has. */
function roll(cluster: ReturnType<typeof clusterInMemory>, allJoined: Promise<void> = Promise.resolve()) {
  const said: string[] = []
  const cancel = new AbortController()
  const outcome: { ended?: 'available' | Failure } = {}
  const ended = rolledOut(cluster.kubernetes, rollout, allJoined, { signal: cancel.signal, progress: (message) => said.push(message) }).then(
    () => {
      outcome.ended = 'available'
    },
    (error) => {
      outcome.ended = error
    },
  )
  return { said, cancel, outcome, ended }
}

describe('a rollout', () => {
  test('is done when every deployment is fully available', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('foo', 2), deploymentOf('bar', 2), deploymentOf('other', 0)] })
    const { ended, outcome } = roll(cluster)
    await ended
    expect(outcome.ended).toBe('available')
  })

  test.each([
    ['one is missing', [deploymentOf('foo', 2)]],
    ['one has too few pods', [deploymentOf('foo', 2), deploymentOf('bar', 1)]],
    ['its controller has not seen it yet', [deploymentOf('foo', 2), deploymentOf('bar', 2, 2, { observedGeneration: 0 })]],
    ['its pods are those of an older version', [deploymentOf('foo', 2), deploymentOf('bar', 2, 2, { updatedReplicas: 1 })]],
    ['nothing is known of it', [deploymentOf('foo', 2), { metadata: { name: 'bar', generation: 1 } }]],
  ])('is not done while %s', async (_, deployments) => {
    const cluster = clusterInMemory({ deployments })
    const { ended, outcome } = roll(cluster)
    await settled()
    expect(outcome).toEqual({})
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 2)])
    await ended
    expect(outcome.ended).toBe('available')
  })

  test('tells what is available, and what keeps the others, two at most', async () => {
    const pods = [readyPod('foo-1'), ...['1', '2', '3'].map((number) => waitingPod(`bar-${number}`, 'ContainerCreating'))]
    const cluster = clusterInMemory({ pods, deployments: [deploymentOf('foo', 1)] })
    const { said, cancel, ended } = roll(cluster)
    await settled()
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 0)])
    await settled()
    cancel.abort(new Error('enough'))
    await ended
    expect(said.at(-1)).toBe('available: foo 2/2, bar 0/2 (pod bar-1 is ContainerCreating; pod bar-2 is ContainerCreating)')
    expect(said[0]).toMatch(/^available: foo 1\/2, bar 0\/\?/)
  })

  test('fails in the pod’s own words as soon as its trouble is settled, with the last line of its log', async () => {
    const crashing = crashingPod('bar-1', 2)
    const cluster = clusterInMemory({ pods: [readyPod('foo-1')], deployments: [deploymentOf('foo', 2), deploymentOf('bar', 1)] })
    cluster.write(crashing, 'echo', 'this run has only begun')
    cluster.write(crashing, 'echo', 'loading\npanic: no model\n', true)
    const { ended, outcome } = roll(cluster)
    await settled()
    cluster.put('pods', [readyPod('foo-1'), readyPod('bar-2'), crashing])
    await ended
    expect(outcome.ended).toMatchObject({
      kind: 'workload',
      message: 'bar: 1 of 2 pods ready; pod bar-1 crashed with exit code 1, 2 restarts, last log line: panic: no model',
      code: 'crash-loop',
      remedy: 'Its last log lines say why; the artifact holds all of them.',
    })
  })

  test('takes the other run’s log when the one that crashed left none', async () => {
    const crashing = crashingPod('bar-1', 2)
    const cluster = clusterInMemory()
    cluster.write(crashing, 'echo', 'starting over')
    const { ended, outcome } = roll(cluster)
    await settled()
    cluster.put('pods', [crashing])
    await ended
    expect((outcome.ended as Failure).message).toMatch(/, last log line: starting over$/)
  })

  test.each(['logs', 'list'] as const)('still fails in the pod’s words when the API refuses %s', async (call) => {
    const cluster = clusterInMemory()
    const broken = {
      ...cluster,
      kubernetes: {
        ...cluster.kubernetes,
        [call]: async () => {
          throw new Error('the server is busy')
        },
      },
    }
    const { ended, outcome } = roll(broken)
    await settled()
    cluster.put('pods', [crashingPod('bar-1', 2)])
    await ended
    expect(outcome.ended).toMatchObject({ kind: 'workload', message: expect.stringContaining('pod bar-1 crashed with exit code 1') })
  })

  test('takes no trouble for one until all nodes have joined', async () => {
    const joined = Promise.withResolvers<void>()
    const cluster = clusterInMemory({ pods: [crashingPod('bar-1', 2)] })
    const { ended, outcome } = roll(cluster, joined.promise)
    await settled()
    cluster.put('pods', [crashingPod('bar-1', 3)])
    await settled()
    expect(outcome).toEqual({})
    joined.resolve()
    await settled()
    cluster.put('pods', [crashingPod('bar-1', 3)])
    await ended
    expect(outcome.ended).toMatchObject({ kind: 'workload' })
  })

  test('fails at the moment the last node has joined when its trouble was settled before, though no pod changes any more', async () => {
    const joined = Promise.withResolvers<void>()
    const { outcome } = roll(clusterInMemory({ pods: [waitingPod('bar-1', 'InvalidImageName')] }), joined.promise)
    await settled()
    joined.resolve()
    await settled()
    expect(outcome.ended).toMatchObject({ kind: 'workload' })
  })

  test('goes on when the nodes could not all join: that is another stage’s failure', async () => {
    const cluster = clusterInMemory({ pods: [pendingPod('bar-1', 'no room')] })
    const { ended, outcome } = roll(cluster, Promise.reject(new Error('kind failed')))
    await settled()
    expect(outcome).toEqual({})
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 2)])
    await ended
    expect(outcome.ended).toBe('available')
  })

  test('asks for no log of a container that never ran', async () => {
    const cluster = clusterInMemory()
    const asked: string[] = []
    const { ended, outcome } = roll({
      ...cluster,
      kubernetes: {
        ...cluster.kubernetes,
        logs: async (_, container) => {
          asked.push(container)
          return 'a log'
        },
      },
    })
    await settled()
    cluster.put('pods', [waitingPod('bar-1', 'ErrImagePull', 'not found')])
    await ended
    expect(asked).toEqual([])
    expect((outcome.ended as Failure).message).toMatch(/\(ErrImagePull: not found\)$/)
  })

  test('ends with its signal', async () => {
    const { cancel, ended, outcome } = roll(clusterInMemory())
    cancel.abort(new Error('stop'))
    await ended
    expect(outcome.ended).toMatchObject({ message: 'stop' })
  })

  test('that the registry’s fault keeps from being done is not the workload’s failure', async () => {
    const throttled = waitingPod('bar-1', 'ErrImagePull', '429 Too Many Requests')
    const failure = await rolloutFailure(
      clusterInMemory({ pods: [throttled] }).kubernetes,
      rollout,
      new Failure('Services: not done after 360 s', { kind: 'infrastructure', timedOut: true }),
      new AbortController().signal,
    )
    expect(failure).toMatchObject({ kind: 'infrastructure', message: expect.stringMatching(/^bar: 0 of 1 pods ready; pod bar-1: image .* cannot be pulled/) })
  })
})

describe('a deployment whose pods the API server refuses', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })
  const message = 'pods "bar-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
  const refused = deploymentOf('bar', 0, 2, { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }] })

  test('fails in the API server’s words after a while: there is no pod that could tell', async () => {
    const { ended, outcome } = roll(clusterInMemory({ deployments: [deploymentOf('foo', 2), refused] }))
    await jest.advanceTimersByTimeAsync(19_999)
    expect(outcome).toEqual({})
    await jest.advanceTimersByTimeAsync(1)
    await ended
    expect(outcome.ended).toMatchObject({ kind: 'workload', message: `bar: the API server refuses its pods: ${message}` })
  })

  const lacksAccount = 'pods "bar-1" is forbidden: error looking up service account apps/default: serviceaccount "default" not found'
  const young = deploymentOf('bar', 0, 2, { conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: lacksAccount }] })
  const refusal = (name: string, words: string, lastTimestamp: string): EventObject => ({
    metadata: { name },
    involvedObject: { kind: 'ReplicaSet', name: 'bar-6b7d' },
    type: 'Warning',
    reason: 'FailedCreate',
    message: words,
    lastTimestamp,
  })

  test('fails in the words it was refused with last: its own condition keeps the first', async () => {
    const quota = 'Error creating: pods "bar-1" is forbidden: exceeded quota: none'
    const events = [refusal('b', quota, '2026-11-27T10:00:09Z'), refusal('a', `Error creating: ${lacksAccount}`, '2026-11-27T10:00:01Z')]
    const { ended, outcome } = roll(clusterInMemory({ deployments: [deploymentOf('foo', 2), young], events }))
    await jest.advanceTimersByTimeAsync(20_000)
    await ended
    expect(outcome.ended).toMatchObject({ kind: 'workload', message: `bar: the API server refuses its pods: ${quota}` })
  })

  test('never fails for the account that a young namespace lacks', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('foo', 2), young] })
    const { ended, outcome } = roll(cluster)
    await jest.advanceTimersByTimeAsync(90_000)
    expect(outcome).toEqual({})
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 2)])
    await jest.advanceTimersByTimeAsync(0)
    await ended
    expect(outcome.ended).toBe('available')
    expect(jest.getTimerCount()).toBe(0)
  })

  test('is given time: a young namespace lacks its account for a moment', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('foo', 2), refused] })
    const { ended, outcome } = roll(cluster)
    await jest.advanceTimersByTimeAsync(15_000)
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 0)])
    await jest.advanceTimersByTimeAsync(15_000)
    cluster.put('deployments', [deploymentOf('foo', 2), refused])
    await jest.advanceTimersByTimeAsync(15_000)
    expect(outcome).toEqual({})
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 2)])
    await jest.advanceTimersByTimeAsync(0)
    await ended
    expect(outcome.ended).toBe('available')
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('a rollout that ran out of time', () => {
  const timeout = new Failure('Services (foo, bar): not done after 360 s; last seen: available: foo 2/2, bar 1/2', { kind: 'infrastructure', timedOut: true })
  const explain = (pods: readonly PodObject[], failure = timeout, events: readonly EventObject[] = []) =>
    rolloutFailure(clusterInMemory({ pods, events }).kubernetes, rollout, failure, new AbortController().signal)

  test('is explained by the trouble of its pods, settled or not', async () => {
    const failure = await explain([readyPod('foo-1'), pendingPod('bar-1', '0/3 nodes are available: 3 Insufficient cpu.')])
    expect(failure).toMatchObject({
      kind: 'workload',
      message: 'bar: 0 of 1 pods ready; pod bar-1 cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu.',
    })
  })

  test('is explained by what the pods are, and the last warning about them, when none has trouble', async () => {
    const event = (name: string, reason: string, type = 'Warning'): EventObject => ({
      metadata: { name: reason },
      involvedObject: { name },
      type,
      reason,
      message: `${reason} happened`,
    })
    const late = podOf('bar-1', { phase: 'Running', containerStatuses: [containerOf({ state: { running: {} } })] })
    const events = [event('bar-1', 'Scheduled', 'Normal'), event('bar-1', 'Unhealthy'), event('foo-1', 'Other'), event('bar-1', 'Pulled', 'Normal')]
    const failure = await explain([readyPod('foo-1'), late], timeout, events)
    expect(failure).toMatchObject({
      kind: 'workload',
      message: `pod bar-1 is running, but not ready; last event: Unhealthy: Unhealthy happened (${timeout.message})`,
      cause: timeout,
    })
  })

  test('stays as it is when every pod is ready', async () => {
    expect(await explain([readyPod('foo-1')])).toBe(timeout)
  })

  test('is the only failure that is explained: others speak for themselves', async () => {
    const refused = new Failure('Deployment foo could not be applied: not done after all', { kind: 'workload' })
    expect(await explain([crashingPod('bar-1', 2)], refused)).toBe(refused)
  })
})

describe('what we install ourselves', () => {
  test('is never the workload’s failure', () => {
    const failure = asInfrastructure(new Failure('no image', { kind: 'workload', remedy: 'Mend it.', cause: new Error('x'), data: 1 }))
    expect(failure).toMatchObject({ kind: 'infrastructure', message: 'no image', remedy: 'Mend it.', cause: new Error('x') })
  })

  test.each(['infrastructure', 'config', 'cancelled', 'measurement'] as const)('keeps a failure of kind %s', (kind) => {
    const failure = new Failure('x', { kind })
    expect(asInfrastructure(failure)).toBe(failure)
  })
})
