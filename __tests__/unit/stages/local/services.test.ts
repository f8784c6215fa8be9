import { describe, expect, jest, test } from '@jest/globals'
import type { Failure } from '../../../../src/pipeline/failure.ts'
import type { KubernetesObject } from '../../../../src/stages/kubernetes.ts'
import { localServicesStage } from '../../../../src/stages/local/services.ts'
import { echoServices } from '../../../../src/stages/services/service.ts'
import { contextOf, machineInMemory, settled } from './processes.ts'

const services = echoServices('', [0, 0]).map((service) => ({ ...service, image: null, nodePort: null }))
const deployment = (name: string, replicas: number): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    template: {
      spec: { containers: [{ args: ['-listen=:5678', `-text=${name}`], readinessProbe: { httpGet: { path: '/health', port: 'http' }, timeoutSeconds: 2 } }] },
    },
  },
})

/** The stage on a machine where `answer` says what each readiness probe gets: a status or an error. */
function start(answer: (url: string, count: number) => number | Error = () => 200, machine = machineInMemory()) {
  const asked: string[] = []
  const lost: Failure[] = []
  const { abort, said, context } = contextOf()
  const stage = localServicesStage(
    {
      services,
      objects: async ({ name }) => [{ apiVersion: 'v1', kind: 'Service', metadata: { name } }, deployment(name, name === 'foo' ? 2 : 1)],
      readyTimeoutMs: 60_000,
    },
    {
      start: machine.start,
      onLoss: (failure) => void lost.push(failure),
      get: async (url, { timeoutMs }) => {
        asked.push(`${url} within ${timeoutMs}`)
        const given = answer(url, asked.filter((seen) => seen.startsWith(url)).length)
        if (given instanceof Error) throw given
        return { status: given, body: '', durationMs: 1 }
      },
      until: async (ask, signal) => {
        for (;;) {
          signal.throwIfAborted()
          const found = await ask()
          if (found !== false) return found
          await settled()
        }
      },
    },
  )
  const run = stage.run({}, context)
  run.catch(() => {})
  return { stage, run, machine, asked, lost, said, abort }
}

describe('local services', () => {
  test('are as many processes as the manifest has replicas, each with its arguments and a free port', async () => {
    const { run, machine } = start()
    await run
    expect(machine.programs).toEqual([
      { role: 'local-service', log: 'foo-1.log', args: ['-listen=:0', '-text=foo'] },
      { role: 'local-service', log: 'foo-2.log', args: ['-listen=:0', '-text=foo'] },
      { role: 'local-service', log: 'bar-1.log', args: ['-listen=:0', '-text=bar'] },
    ])
  })

  test('are ready when each has answered the readiness probe of its manifest', async () => {
    const { run, asked } = start((url, count) => (url.includes('9002') && count < 3 ? 503 : 204))
    const { namespace, routes, processes } = await run
    expect(asked.filter((url) => url.includes('9002'))).toEqual(Array(3).fill('http://127.0.0.1:9002/health within 2000'))
    expect(new Set(asked).size).toBe(3)
    expect({ namespace, replicas: routes.map(({ name, replicas }) => [name, replicas]) }).toEqual({
      namespace: null,
      replicas: [
        ['foo', 2],
        ['bar', 1],
      ],
    })
    expect(processes).toEqual([
      { service: 'foo', pid: 9001, startTime: 't9001', url: 'http://127.0.0.1:9001' },
      { service: 'foo', pid: 9002, startTime: 't9002', url: 'http://127.0.0.1:9002' },
      { service: 'bar', pid: 9003, startTime: 't9003', url: 'http://127.0.0.1:9003' },
    ])
  })

  test('say what they wait for', async () => {
    const { run, said } = start((url, count) => (!url.includes('9001') || count > 2 ? 200 : count === 1 ? 503 : new Error('connect ECONNREFUSED')))
    await run
    expect(said).toEqual(['foo: replica 1: /health: 503 instead of 2xx', 'foo: replica 1: /health: connect ECONNREFUSED', 'ready: foo 2/2, bar 1/1'])
  })

  test('whose process cannot be started fail at once, in its words', async () => {
    const machine = machineInMemory()
    machine.break('foo-2.log', 'ended with exit code 1: out of luck')
    await expect(start(() => 200, machine).run).rejects.toMatchObject({
      kind: 'workload',
      message: 'foo: replica 2 ended with exit code 1: out of luck',
      remedy: expect.stringContaining('services/foo-2.log'),
    })
  })

  test('whose process ends before it is ready fail at once', async () => {
    const { run, machine, abort } = start((url) => (url.includes('9003') ? 503 : 200))
    await settled()
    machine.end('bar-1.log', { how: 'signal SIGKILL', lastLine: 'allocating 80 MB' })
    await expect(run).rejects.toMatchObject({ kind: 'workload', message: 'bar: replica 1 ended with signal SIGKILL: allocating 80 MB' })
    abort.abort(new Error('as the runner does'))
  })

  test('that never get ready are over after their budget, with what was seen last', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] })
    try {
      const { run, abort } = start((url) => (url.includes('9001') ? 500 : 200))
      await settled()
      await jest.advanceTimersByTimeAsync(60_000)
      await expect(run).rejects.toMatchObject({ kind: 'workload', message: 'foo: replica 1 is not ready after 60 s: /health: 500 instead of 2xx' })
      abort.abort(new Error('over'))
    } finally {
      jest.useRealTimers()
    }
  })

  test('end with their signal, which is no failure of the workload', async () => {
    const { run, abort } = start(() => 503)
    await settled()
    abort.abort(new Error('stop'))
    await expect(run).rejects.toThrow(/^stop$/)
  })

  test('that end later are reported as lost', async () => {
    const { run, machine, lost } = start()
    await run
    expect(lost).toEqual([])
    machine.end('foo-1.log', { how: 'exit code 3', lastLine: '' })
    await settled()
    expect(lost).toEqual([expect.objectContaining({ kind: 'workload', message: 'foo: replica 1 ended with exit code 3' })])
  })
})

describe('the teardown', () => {
  test('ends every process', async () => {
    const { stage, run, machine } = start()
    await run
    await stage.teardown?.(new AbortController().signal)
    expect(machine.stopped).toEqual(['foo-1.log', 'foo-2.log', 'bar-1.log'])
  })

  test('ends the others of one that failed', async () => {
    const machine = machineInMemory()
    machine.break('foo-1.log', 'ended with exit code 1')
    const { stage, run } = start(() => 200, machine)
    await expect(run).rejects.toThrow()
    await stage.teardown?.(new AbortController().signal)
    expect(machine.stopped).toEqual(['foo-2.log', 'bar-1.log'])
  })

  test('tells all of them, then complains about one that stays', async () => {
    const { stage, run, machine } = start()
    await run
    machine.harden('foo-1.log')
    await expect(stage.teardown?.(new AbortController().signal)).rejects.toThrow('process 9001 still runs')
    expect(machine.stopped).toHaveLength(3)
  })

  test('of a run that never got there does nothing', async () => {
    const stage = localServicesStage({ services, objects: async () => [], readyTimeoutMs: 1 }, {} as never)
    await expect(stage.teardown?.(new AbortController().signal)).resolves.toBeUndefined()
  })
})
