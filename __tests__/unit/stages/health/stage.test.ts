import { describe, expect, jest, test } from '@jest/globals'
import { Failure } from '../../../../src/pipeline/failure.ts'
import type { ProbeAdapters } from '../../../../src/stages/health/http-probe.ts'
import { insideCluster } from '../../../../src/stages/health/kubernetes.ts'
import type { Health } from '../../../../src/stages/health/probe.ts'
import { type HealthOptions, healthStage } from '../../../../src/stages/health/stage.ts'
import type { Results } from '../../../../src/stages/results.ts'
import type { Service } from '../../../../src/stages/services/service.ts'
import { services } from '../../runs.ts'
import { clusterInMemory } from '../kubernetes.ts'
import { crashingPod, readyPod, sliceOf } from '../objects.ts'

/** A world in which `answer` says what each request gets: a body, a status, or an error. */
function probe(
  answer: (url: string, host: string | undefined, count: number) => string | number | Error,
  {
    options = { retries: 3 },
    baseUrl = 'http://127.0.0.1:8080' as string | null,
    routes = services,
    cluster = clusterInMemory({ endpointslices: [sliceOf([true, true])] }),
  } = {} as {
    options?: HealthOptions
    baseUrl?: string | null
    routes?: readonly Service[]
    cluster?: ReturnType<typeof clusterInMemory>
  },
) {
  const counts: Record<string, number> = {}
  const said: string[] = []
  const adapters: ProbeAdapters = {
    get: async (url, { host }) => {
      const key = `${url} ${host}`
      counts[key] = (counts[key] ?? 0) + 1
      const given = answer(url, host, counts[key])
      if (given instanceof Error) throw given
      return typeof given === 'number' ? { status: given, body: '', durationMs: 1 } : { status: 200, body: given, durationMs: 1 }
    },
    retry: async (attempt, retries) => {
      for (let left = retries; ; left -= 1) {
        try {
          return await attempt()
        } catch (error) {
          if (left === 0) throw error
        }
      }
    },
  }
  const needs = {
    ingress: { baseUrl },
    services: { namespace: 'mlops-services', routes },
  } as unknown as Pick<Results, 'ingress' | 'services'>
  const abort = new AbortController()
  const run = healthStage(
    options,
    insideCluster(async () => cluster.kubernetes),
    adapters,
  ).run(needs, { signal: abort.signal, progress: (message) => said.push(message) })
  run.catch(() => {})
  return { run, counts, said, abort, cluster }
}

/** Every service answers with its own name, by NodePort and by Host header. */
function wellBehaved(url: string, host: string | undefined): string {
  return (host ?? (url.includes('30080') ? 'foo.' : 'bar.')).split('.')[0] as string
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('health without an ingress', () => {
  test('is asked of the NodePorts alone, with their own Host', async () => {
    const { run, counts } = probe(wellBehaved, { baseUrl: null })
    expect((await run).probes.map(({ service, kind, healthy }) => `${service} ${kind} ${healthy}`).sort()).toEqual([
      'bar endpoints true',
      'bar node-port true',
      'foo endpoints true',
      'foo node-port true',
    ])
    expect(Object.keys(counts).sort()).toEqual(['http://127.0.0.1:30080/ undefined', 'http://127.0.0.1:30081/ undefined'])
  })

  test('blames no ingress for a wrong answer', async () => {
    const { run } = probe((url, host) => (url.includes('30081') ? 503 : wellBehaved(url, host)), { baseUrl: null })
    await expect(run).rejects.toMatchObject({
      kind: 'workload',
      message: 'bar: http://127.0.0.1:30081/: 503 instead of 200 (4 requests)',
      remedy: 'The NodePort does not lead to it: compare the Service’s nodePort with the ports of the cluster.',
    })
  })

  test('of a service that nothing leads to is a failure of the configuration', async () => {
    const { run } = probe(wellBehaved, { baseUrl: null, routes: services.map((service) => ({ ...service, url: null })) })
    await expect(run).rejects.toMatchObject({ kind: 'config', message: expect.stringContaining('foo has no address') })
  })
})

describe('health', () => {
  test('is several right answers in a row, of every service, by every way', async () => {
    const { run, counts } = probe(wellBehaved)
    const { probes } = await run
    expect(counts).toEqual({
      'http://127.0.0.1:30080/ undefined': 5,
      'http://127.0.0.1:30081/ undefined': 5,
      'http://127.0.0.1:8080/ foo.localhost': 5,
      'http://127.0.0.1:8080/ bar.localhost': 5,
    })
    expect(probes.map(({ service, kind, healthy }) => [service, kind, healthy]).sort()).toEqual([
      ['bar', 'endpoints', true],
      ['bar', 'ingress', true],
      ['bar', 'node-port', true],
      ['foo', 'endpoints', true],
      ['foo', 'ingress', true],
      ['foo', 'node-port', true],
    ])
    expect(probes.find(({ kind, service }) => kind === 'ingress' && service === 'foo')).toEqual({
      service: 'foo',
      kind: 'ingress',
      target: 'http://127.0.0.1:8080/ (Host: foo.localhost)',
      healthy: true,
      attempts: 5,
      durationMs: 1,
      seen: '200 and the expected body',
    })
  })

  test('starts its row anew after a wrong answer: ready is not yet routable', async () => {
    const { run, counts } = probe((url, host, count) => (host === 'foo.localhost' && count === 3 ? 503 : wellBehaved(url, host)))
    await run
    expect(counts['http://127.0.0.1:8080/ foo.localhost']).toBe(8)
    expect(counts['http://127.0.0.1:8080/ bar.localhost']).toBe(5)
  })

  test('asks no HTTP before the API has enough endpoints', async () => {
    const cluster = clusterInMemory({ endpointslices: [sliceOf([true, false])] })
    const { run, counts, said } = probe(wellBehaved, { cluster })
    await settled()
    expect(counts).toEqual({})
    expect(said).toEqual(['foo: 1 of 2 endpoints ready', 'bar: 1 of 2 endpoints ready'])
    cluster.put('endpointslices', [sliceOf([true]), sliceOf([undefined])])
    const { probes } = await run
    expect(probes.filter(({ kind }) => kind === 'endpoints')).toEqual(
      ['foo', 'bar'].map((service) => ({
        service,
        kind: 'endpoints',
        target: `mlops-services/${service}`,
        healthy: true,
        attempts: 2,
        durationMs: null,
        seen: '2 of 2 endpoints ready',
      })),
    )
  })

  test('that finds too few endpoints in a minute is over: a Service whose selector fits no pod never gets one', async () => {
    jest.useFakeTimers()
    try {
      const { run, counts } = probe(wellBehaved, { cluster: clusterInMemory({ endpointslices: [sliceOf([true])] }) })
      await jest.advanceTimersByTimeAsync(60_000)
      const failure = (await run.catch((error) => error)) as Failure
      expect(failure).toMatchObject({
        kind: 'workload',
        message: 'foo: mlops-services/foo: 1 of 2 endpoints ready; bar: mlops-services/bar: 1 of 2 endpoints ready',
        remedy: expect.stringContaining('selector'),
      })
      expect((failure.data as Health).probes.map(({ kind, healthy }) => [kind, healthy])).toEqual([
        ['endpoints', false],
        ['endpoints', false],
      ])
      expect(counts).toEqual({})
    } finally {
      jest.useRealTimers()
    }
  })

  test('does not hold when one service answers for another', async () => {
    const { run } = probe((url, host) => (host === 'foo.localhost' ? 'bar' : wellBehaved(url, host)))
    await expect(run).rejects.toMatchObject({
      kind: 'workload',
      message: 'foo: http://127.0.0.1:8080/ (Host: foo.localhost): bar answered for foo (4 requests)',
      remedy: expect.stringContaining('Host rule'),
    })
  })

  test('names every service that does not answer, with the ingress’ words before the NodePort’s', async () => {
    const refused = new Error('connect ECONNREFUSED 127.0.0.1')
    const { run } = probe((_, host) => (host === undefined ? refused : 404))
    const failure = (await run.catch((error) => error)) as Failure
    expect(failure.message.split('; ').sort()).toEqual([
      'bar: http://127.0.0.1:8080/ (Host: bar.localhost): 404 instead of 200: the ingress has no rule for bar.localhost, or the service does not know the path (4 requests)',
      'foo: http://127.0.0.1:8080/ (Host: foo.localhost): 404 instead of 200: the ingress has no rule for foo.localhost, or the service does not know the path (4 requests)',
    ])
  })

  test('that only the NodePort breaks says so', async () => {
    const { run } = probe((url, host) => (host === undefined ? new Error('connect ECONNREFUSED') : wellBehaved(url, host)))
    await expect(run).rejects.toMatchObject({
      message: expect.stringContaining('http://127.0.0.1:30080/: connect ECONNREFUSED (4 requests)'),
      remedy: expect.stringContaining('nodePort'),
    })
  })

  test('that does not hold keeps every probe for the report, the healthy ones too', async () => {
    const { run } = probe((url, host) => (host === 'bar.localhost' ? 503 : wellBehaved(url, host)))
    const failure = (await run.catch((error) => error)) as Failure
    const { probes } = failure.data as Health
    expect(probes).toHaveLength(6)
    expect(probes.filter(({ healthy }) => !healthy)).toEqual([
      expect.objectContaining({ service: 'bar', kind: 'ingress', attempts: 4, seen: '503 instead of 200: the ingress knows no ready pod of bar' }),
    ])
  })

  test.each([0, 1, 5])('tries a failed probe %d more times', async (retries) => {
    const { run, counts } = probe(() => 500, { options: { retries } })
    await expect(run).rejects.toThrow('500 instead of 200')
    expect(counts['http://127.0.0.1:8080/ foo.localhost']).toBe(retries + 1)
  })

  test('of a service whose NodePort is not open on this machine is probed through the ingress alone', async () => {
    const { run, counts } = probe(wellBehaved, { routes: services.map((service) => ({ ...service, url: null })) })
    await run
    expect(Object.keys(counts).sort()).toEqual(['http://127.0.0.1:8080/ bar.localhost', 'http://127.0.0.1:8080/ foo.localhost'])
  })

  test('ends with its signal, which is no unhealthy service', async () => {
    const { run, abort } = probe(wellBehaved, { cluster: clusterInMemory() })
    abort.abort(new Error('stop'))
    await expect(run).rejects.toThrow('stop')
  })

  describe('that does not hold', () => {
    const needs = { ingress: { baseUrl: 'http://127.0.0.1:8080' }, services: { namespace: 'mlops-services', routes: services } } as unknown as Pick<
      Results,
      'ingress' | 'services'
    >
    const unhealthy = new Failure('foo: 503', { kind: 'workload', remedy: 'Compare.', data: { probes: [] } })
    const diagnose = async (cluster: ReturnType<typeof clusterInMemory>) => {
      const stage = healthStage(
        { retries: 0 },
        insideCluster(async () => cluster.kubernetes),
        {} as ProbeAdapters,
      )
      return await stage.diagnose?.(unhealthy, needs, new AbortController().signal)
    }

    test('is explained by a pod that has since got into trouble, and keeps its probes', async () => {
      expect(await diagnose(clusterInMemory({ pods: [readyPod('bar-1'), crashingPod('foo-1', 3, 137)] }))).toMatchObject({
        kind: 'workload',
        code: 'crash-loop',
        message: 'foo: 0 of 1 pods ready; pod foo-1 crashed with exit code 137, 3 restarts; foo: 503',
        data: { probes: [] },
      })
    })

    test('stays as it is when the pods are well', async () => {
      expect(await diagnose(clusterInMemory({ pods: [readyPod('foo-1')] }))).toBe(unhealthy)
    })
  })
})
