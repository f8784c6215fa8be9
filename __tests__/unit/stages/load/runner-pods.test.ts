import { describe, expect, test } from '@jest/globals'
import type { PodObject } from '../../../../src/stages/kubernetes.ts'
import { followRunners } from '../../../../src/stages/load/runner-pods.ts'

type Status = NonNullable<PodObject['status']>
type State = NonNullable<NonNullable<Status['containerStatuses']>[number]['state']>

function pod(name: string, state: State, more: Partial<Status> = {}): PodObject {
  const containers = [{ name: 'k6', resources: { limits: { memory: '592Mi' } } }]
  return {
    metadata: { name },
    spec: { containers },
    status: { phase: 'Running', containerStatuses: [{ name: 'k6', ready: false, restartCount: 0, image: 'k6:1', state }], ...more },
  }
}
const running = (name: string) => pod(name, { running: {} })
const ended = (name: string, exitCode = 0, reason = 'Completed') =>
  pod(name, { terminated: { exitCode, reason } }, { phase: exitCode === 0 ? 'Succeeded' : 'Failed' })
const pulling = (name: string) => pod(name, { waiting: { reason: 'ContainerCreating' } }, { phase: 'Pending' })
const unpullable = (name: string, message: string) => pod(name, { waiting: { reason: 'ImagePullBackOff', message } }, { phase: 'Pending' })

describe('the pods of a load', () => {
  test('are followed from nothing to their end', () => {
    const follow = followRunners(1)
    expect(follow([])).toEqual({ running: 0, waiting: '0 of 1 pods are there' })
    expect(follow([pulling('a')])).toEqual({ running: 0, waiting: 'pod a is ContainerCreating' })
    expect(follow([running('a')])).toEqual({ running: 1, waiting: '' })
    expect(follow([ended('a')])).toMatchObject({ ended: [{ exitCode: 0 }] })
  })

  test('are all waited for, one whose thresholds were crossed too', () => {
    const follow = followRunners(3)
    expect(follow([running('a'), running('b')])).toEqual({ running: 2, waiting: '2 of 3 pods are there' })
    expect(follow([ended('a', 99, 'Error'), running('b'), running('c')])).toEqual({ running: 3, waiting: '' })
    expect(follow([ended('a', 99, 'Error'), ended('b'), ended('c')])).toMatchObject({ ended: [{ exitCode: 99 }, { exitCode: 0 }, { exitCode: 0 }] })
  })

  test('end with the first that failed: the load is lost with it', () => {
    expect(followRunners(3)([running('a'), ended('b', 107, 'Error'), running('c')])).toMatchObject({
      ended: [{ exitCode: 107, pod: { metadata: { name: 'b' } } }],
    })
  })

  test('may go when they have ended', () => {
    const follow = followRunners(2)
    follow([ended('a'), running('b')])
    expect(follow([ended('b')])).toMatchObject({ ended: [{ exitCode: 0 }, { exitCode: 0 }] })
  })

  test.each<[string, PodObject, string, RegExp]>([
    ['OOMKilled', ended('a', 137, 'OOMKilled'), 'measurement', /^pod a, which sent the load, was OOMKilled \(memory limit 592Mi\)$/],
    [
      'evicted',
      pod('a', { terminated: { exitCode: 137 } }, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      'infrastructure',
      /^pod a, which sent the load, was ended by the cluster: Evicted: The node was low on resource: memory\.$/,
    ],
    ['of an image that is not there', unpullable('a', 'failed to resolve reference "k6:1": k6:1: not found'), 'infrastructure', /image k6:1 cannot be pulled/],
    ['misconfigured', pod('a', { waiting: { reason: 'CreateContainerConfigError', message: 'no ConfigMap' } }), 'infrastructure', /no ConfigMap/],
  ])('that are %s are a failure, never the workload’s', (_, object, kind, message) => {
    expect(() => followRunners(1)([object])).toThrow(expect.objectContaining({ kind, message: expect.stringMatching(message) }))
  })

  test('that vanish while they run are a failure', () => {
    const follow = followRunners(2)
    follow([running('a'), running('b')])
    expect(() => follow([running('b')])).toThrow(
      expect.objectContaining({ kind: 'infrastructure', message: 'pod a, which sent the load, was removed before it had ended' }),
    )
  })

  test('get some time for a registry that does not answer', () => {
    let now = 0
    const follow = followRunners(1, 15_000, () => now)
    const late = unpullable('a', 'dial tcp: i/o timeout')
    expect(follow([late])).toMatchObject({ running: 0, waiting: expect.stringContaining('i/o timeout') })
    now = 15_000
    expect(() => follow([late])).toThrow(expect.objectContaining({ kind: 'infrastructure' }))
  })
})
