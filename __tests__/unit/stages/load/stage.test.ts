import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { LoadPlan } from '../../../../src/stages/load/plan.ts'
import type { ResourceSampler } from '../../../../src/stages/load/resources.ts'
import type { RunnerOutcome } from '../../../../src/stages/load/runner.ts'
import { loadStage } from '../../../../src/stages/load/stage.ts'
import type { Results } from '../../../../src/stages/results.ts'
import { resourcesOf, services } from '../../runs.ts'

const summary = readFileSync(join(import.meta.dirname, 'k6-summary.json'), 'utf8')

function load(
  more: Partial<RunnerOutcome> = {},
  answers: (host: string | undefined, url: string) => string = (host) => String(host).split('.')[0] as string,
  baseUrl: string | null = 'http://127.0.0.1',
  { sampler = null, ended = async () => {} }: { sampler?: ResourceSampler | null; ended?: () => Promise<void> } = {},
) {
  const plans: LoadPlan[] = []
  const asked: string[] = []
  const stage = loadStage(
    { shape: { drive: 'virtual-users', virtualUsers: 3, durationMs: 4000, ramp: [] }, gates: [] },
    {
      summaryFile: '/tmp/summary.json',
      sampler,
      runner: {
        name: 'host',
        runners: 1,
        baseUrl: null,
        overheadMs: 0,
        run: async ({ plan }) => {
          plans.push(plan)
          asked.length = 0
          await ended()
          const files = { dashboard: 'dashboard.html', log: 'k6.log' }
          return [{ name: '', exitCode: 0, summary, errors: [], timeline: null, cpuShare: null, files, ...more }]
        },
      },
      get: async (url, { host }) => {
        asked.push(`${url} ${host}`)
        return { status: 200, body: answers(host, url), durationMs: 1 }
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
    },
  )
  const needs = { ingress: { baseUrl }, services: { namespace: 'n', routes: services } } as unknown as Pick<Results, 'k6' | 'ingress' | 'services' | 'health'>
  return { stage, plans, asked, run: stage.run(needs, { signal: new AbortController().signal, progress: () => {} }) }
}

describe('the load', () => {
  test('is what k6 measured, for the whole and for each service', async () => {
    const { run, plans } = load()
    expect(await run).toMatchObject({
      shape: { virtualUsers: 3 },
      durationMs: 4004.306677,
      total: { requests: 32329 },
      services: { foo: { errorRate: 0 }, bar: { requests: 16138 } },
      files: { dashboard: 'dashboard.html', log: 'k6.log' },
    })
    expect(plans[0]).toMatchObject({ summaryFile: '/tmp/summary.json', routes: [{ name: 'foo', url: 'http://127.0.0.1/' }, { name: 'bar' }] })
  })

  test('asks every service once more when it is over: one that hangs makes few errors, since it makes few answers', async () => {
    const { run, asked } = load()
    expect((await run).afterwards.map(({ service, kind, healthy }) => [service, kind, healthy])).toEqual([
      ['foo', 'after-load', true],
      ['bar', 'after-load', true],
    ])
    expect(asked).toEqual(['http://127.0.0.1/ foo.localhost', 'http://127.0.0.1/ bar.localhost'])
  })

  test('has what pods used from its beginning to its end, and follows them no longer, even when it fails', async () => {
    const events: string[] = []
    const sampler: ResourceSampler = {
      start: async () => {
        events.push('begin')
        return async () => {
          events.push('end')
          return resourcesOf()
        }
      },
    }
    const ended = async () => void events.push('load')
    expect((await load({}, undefined, undefined, { sampler, ended }).run).resources).toEqual(resourcesOf())
    const broken = load({}, undefined, undefined, {
      sampler,
      ended: async () => {
        throw new Error('k6 hangs')
      },
    })
    await expect(broken.run).rejects.toThrow('k6 hangs')
    expect(events).toEqual(['begin', 'load', 'end', 'begin', 'end'])
  })

  test('goes to the NodePorts where there is no ingress, the last look too', async () => {
    const { run, plans, asked } = load({}, (_, url) => (url.includes('30080') ? 'foo' : 'bar'), null)
    expect((await run).afterwards.map(({ service, kind, healthy }) => `${service} ${kind} ${healthy}`)).toEqual(['foo after-load true', 'bar after-load true'])
    expect(plans[0]?.routes.map(({ url, host }) => `${url} ${host}`)).toEqual(['http://127.0.0.1:30080/ null', 'http://127.0.0.1:30081/ null'])
    expect(asked).toEqual(['http://127.0.0.1:30080/ undefined', 'http://127.0.0.1:30081/ undefined'])
  })

  test('keeps what was seen of a service that no longer answers right, after a few tries', async () => {
    const { afterwards } = await load({}, () => 'foo').run
    expect(afterwards.map(({ service, healthy, attempts, seen }) => [service, healthy, attempts, seen])).toEqual([
      ['foo', true, 1, '200 and the expected body'],
      ['bar', false, 4, 'foo answered for bar'],
    ])
  })

  test('may take as long as its last answer may, and more', async () => {
    const { stage, plans, run } = load()
    await run
    const [plan] = plans as [LoadPlan]
    const { load: scenario } = plan.options.scenarios as { load: { duration: string; gracefulStop: string } }
    const stopMs = Number.parseInt(scenario.gracefulStop, 10)
    expect(stopMs).toBeGreaterThan(plan.timeoutMs)
    expect(stage.deadlineMs).toBeGreaterThan(Number.parseInt(scenario.duration, 10) + stopMs)
  })

  test('says what it is, and waits for services that have answered through the ingress', async () => {
    const { stage, run } = load()
    expect(stage.title).toBe('Load (3 VUs for 4 s)')
    expect(stage.needs).toEqual(['k6', 'ingress', 'services', 'health'])
    await run
  })

  test.each<[Partial<RunnerOutcome>, string, string]>([
    [{ exitCode: 104 }, 'config', 'the load script failed (k6 exit code 104)'],
    [{ exitCode: 107, errors: ['ReferenceError: x is not defined'] }, 'config', 'the load script failed (k6 exit code 107): ReferenceError: x is not defined'],
    [{ exitCode: 108 }, 'config', 'the load script failed (k6 exit code 108)'],
    [{ exitCode: 99 }, 'measurement', 'k6 ended with exit code 99'],
    [{ exitCode: 105, errors: ['a', 'b'] }, 'measurement', 'k6 ended with exit code 105: a / b'],
    [{ summary: null }, 'measurement', 'k6 ended without a summary (exit code 0)'],
    [{ summary: '{' }, 'measurement', 'k6 wrote a summary that cannot be read'],
  ])('%j is a failure of kind %s: %s', async (more, kind, message) => {
    await expect(load(more).run).rejects.toMatchObject({ kind, message })
  })
})
