import '../fakes/realm.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { kubeletSampler } from '../../src/adapters/kubelet.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { eventually } from '../fakes/eventually.ts'
import { fakeTimers } from '../fakes/hurry.ts'
import { type FakeObject, type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { namespace, node, pod } from '../fakes/kubernetes-objects.ts'

const foo = 'foo-6d4b75cb6d-hnm8p'
const bar = 'bar-5f7c8d9b4c-fghij'
const ingress = 'nginx-controller-7c9d8-zzzzz'
const options = {
  services: ['foo', 'bar'].map((name) => ({ name, namespace: 'apps', deployment: name })),
  controller: { name: 'nginx', namespace: 'ingress', deployment: 'nginx-controller' },
}

let folder: string
let fake: KubernetesFake
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubelet-'))
  fake = await startKubernetesFake({ objects: [namespace('apps'), namespace('ingress'), node('n1', true), node('n2', true)] })
  await writeFile(join(folder, 'kubeconfig'), fake.kubeconfig)
  fake.put(on('n1', pod(foo), { cpu: '500m', memory: '64Mi' }))
  fake.put(on('n2', pod(bar), { cpu: '1', memory: '128Mi' }))
  fake.put(on('n1', pod(ingress, { namespace: 'ingress' }), {}))
  // Others of the same namespace, one with a name that begins alike.
  fake.put(on('n1', pod('foo-bar-6d4b75cb6d-hnm8p'), {}))
  fake.put(on('n1', pod('someone'), {}))
})
afterEach(async () => {
  jest.useRealTimers()
  await fake.close()
  await rm(folder, { recursive: true })
})

function on(nodeName: string, object: FakeObject, limits: Record<string, string>): FakeObject {
  return { ...object, spec: { nodeName, containers: [{ name: 'echo', resources: { limits } }] } }
}

const key = (name: string, space = 'apps') => `{container="echo",namespace="${space}",pod="${name}"}`

/** What the kubelets say at a second of the load, negative before it. */
function tell(second: number, cpuSeconds: number, megabytes: number): void {
  const ms = 1_795_819_765_000 + second * 1000
  const lines = (name: string, space?: string) => `container_cpu_usage_seconds_total${key(name, space)} ${cpuSeconds} ${ms}
container_memory_working_set_bytes${key(name, space)} ${megabytes * 1e6} ${ms}
`
  fake.setKubelet('n1', 'metrics/resource', `# TYPE container_cpu_usage_seconds_total counter\n${lines(foo)}${lines('someone')}${lines(ingress, 'ingress')}`)
  fake.setKubelet('n2', 'metrics/resource', lines(bar))
  const throttled = (name: string) => `container_cpu_cfs_periods_total${key(name)} ${100 + second * 10} ${ms}
container_cpu_cfs_throttled_periods_total${key(name)} ${second * 2} ${ms}
`
  fake.setKubelet('n1', 'metrics/cadvisor', throttled(foo))
}

const looks = () => Math.min(...['n1', 'n2'].map((name) => fake.requests.filter(({ path }) => path.includes(`/nodes/${name}/proxy/metrics%2Fresource`)).length))
const looked = async (times: number) => {
  await eventually(`${times} looks`, async () => {
    await jest.advanceTimersByTimeAsync(200)
    return looks() >= times
  })
}

/** Follows a load in which the kubelets say something new `tellings` times. */
async function follow(during: (telling: number) => void = () => {}, tellings = 3) {
  fakeTimers()
  const { signal } = new AbortController()
  const sampler = kubeletSampler(() => connectKubernetes(join(folder, 'kubeconfig')), options)
  tell(-8, 1, 90)
  const stop = await sampler.start({ signal, progress: () => {} })
  // The first look is over when the second has begun.
  await looked(2)
  for (let telling = 1; telling <= tellings; telling += 1) {
    tell(telling * 10, 1 + telling * 2, 10 * telling)
    during(telling)
    await looked(2 + telling)
  }
  jest.useRealTimers()
  return await stop()
}

describe('pods under load', () => {
  test('are followed until it is over: CPU, memory, limits and throttling of each container', async () => {
    const use = { pod: foo, container: 'echo', readings: 3, cpuCores: 0.2, peakMemoryBytes: 30e6, restarts: 0, oomKilled: false }
    expect(await follow()).toEqual({
      services: [
        { name: 'foo', containers: [{ ...use, limits: { cpuCores: 0.5, memoryBytes: 64 * 2 ** 20 }, throttled: 76 / 380 }] },
        { name: 'bar', containers: [{ ...use, pod: bar, limits: { cpuCores: 1, memoryBytes: 128 * 2 ** 20 }, throttled: null }] },
      ],
      controller: { name: 'nginx', containers: [{ ...use, pod: ingress, limits: { cpuCores: null, memoryBytes: null }, throttled: null }] },
      note: null,
    })
  }, 30_000)

  test('that restart in it are counted from its beginning, and one that ran out of memory says so', async () => {
    const state = (restartCount: number) => ({ restartCount, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } }, ready: true })
    fake.put(on('n2', pod(bar, { container: state(4) }), { memory: '128Mi' }))
    const { services } = await follow((telling) => telling === 2 && fake.put(on('n2', pod(bar, { container: state(6) }), { memory: '128Mi' })))
    expect(services[1]?.containers).toEqual([expect.objectContaining({ restarts: 2, oomKilled: true, limits: { cpuCores: null, memoryBytes: 128 * 2 ** 20 } })])
    expect(services[0]?.containers).toEqual([expect.objectContaining({ restarts: 0, oomKilled: false })])
  }, 30_000)

  test('that began before it with restarts have none of it', async () => {
    fake.put(on('n2', pod(bar, { container: { restartCount: 4, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } } }), {}))
    const { services } = await follow()
    expect(services[1]?.containers).toEqual([expect.objectContaining({ restarts: 0, oomKilled: false })])
  }, 30_000)

  test('of a load that is over before the kubelets say something new are not measured, which is no 0, and the note says why', async () => {
    const { services, note } = await follow(undefined, 0)
    for (const { containers } of services) expect(containers).toEqual([expect.objectContaining({ cpuCores: null, peakMemoryBytes: null, readings: 0 })])
    expect(note).toMatch(/^kubelets have new numbers every 10 to 20 s, and there were too few of them .* for foo, bar, nginx$/)
  }, 30_000)

  test('that are not there are not measured', async () => {
    for (const name of [foo, 'foo-bar-6d4b75cb6d-hnm8p']) fake.remove(pod(name))
    const { services, note } = await follow()
    expect(services.map(({ name }) => name)).toEqual(['bar'])
    expect(note).toBe('no pod was found of foo')
  }, 30_000)
})

describe('what goes wrong meanwhile', () => {
  test.each([403, 404, 'reset'] as const)(
    'a kubelet that answers %s only leaves a note',
    async (status) => {
      fakeTimers()
      tell(-8, 1, 90)
      fake.fail({ path: /\/nodes\/n2\/proxy/, status, message: 'nodes "n2" is forbidden', times: Number.POSITIVE_INFINITY })
      const sampler = kubeletSampler(() => connectKubernetes(join(folder, 'kubeconfig')), options)
      const stop = await sampler.start({ signal: new AbortController().signal, progress: () => {} })
      await looked(1)
      const stopping = stop()
      const ended = stopping.then(() => true)
      await eventually('it has stopped', async () => {
        await jest.advanceTimersByTimeAsync(500)
        return await Promise.race([ended, Promise.resolve(false)])
      })
      expect(await stopping).toMatchObject({
        services: [{ name: 'foo' }, { name: 'bar', containers: [{ cpuCores: null }] }],
        note: expect.stringMatching(/^pods’ use was not always read/),
      })
    },
    60_000,
  )

  test('a cluster that cannot be reached leaves nothing but a note', async () => {
    const sampler = kubeletSampler(async () => {
      throw new Error('no such host')
    }, options)
    const stop = await sampler.start({ signal: new AbortController().signal, progress: () => {} })
    expect(await stop()).toEqual({ services: [], controller: null, note: 'pods’ use was not always read: no such host; no pod was found of foo, bar, nginx' })
  })

  test('a run that is cancelled is not asked any more', async () => {
    const controller = new AbortController()
    tell(-8, 1, 90)
    const sampler = kubeletSampler(() => connectKubernetes(join(folder, 'kubeconfig')), options)
    const stop = await sampler.start({ signal: controller.signal, progress: () => {} })
    await eventually('the first look', () => looks() > 0)
    controller.abort(new Error('cancelled'))
    await stop()
    const requests = fake.requests.length
    expect(await stop()).toMatchObject({ controller: expect.anything() })
    expect(fake.requests).toHaveLength(requests)
  })
})
