import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { LoadOptions, LoadPlan } from '../../../../src/stages/load/plan.ts'
import type { RunnerOutcome } from '../../../../src/stages/load/runner.ts'
import { loadStage } from '../../../../src/stages/load/stage.ts'
import type { Results } from '../../../../src/stages/results.ts'
import { services } from '../../runs.ts'

const summary = readFileSync(join(import.meta.dirname, 'k6-summary.json'), 'utf8')

function load(
  more: Partial<RunnerOutcome> = {},
  answers: (host: string | undefined, url: string) => string = (host) => String(host).split('.')[0] as string,
  baseUrl: string | null = 'http://127.0.0.1',
  options: Partial<LoadOptions> = {},
) {
  const plans: LoadPlan[] = []
  const asked: string[] = []
  const stage = loadStage(
    { shape: { drive: 'virtual-users', virtualUsers: 3, durationMs: 4000, ramp: [] }, gates: [], ...options },
    {
      summaryFile: '/tmp/summary.json',
      inspect: options.scriptFile ? async () => ({ durationMs: 90_000, drivesItself: true }) : null,
      sampler: null,
      runner: {
        name: 'host',
        runners: 1,
        baseUrl: null,
        overheadMs: 0,
        run: async ({ plan }) => {
          plans.push(plan)
          asked.length = 0
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
    [{ exitCode: 108 }, 'config', 'the load script aborted its test (k6 exit code 108)'],
    [{ exitCode: 99 }, 'measurement', 'k6 ended with exit code 99'],
    [{ exitCode: 105, errors: ['a', 'b'] }, 'measurement', 'k6 ended with exit code 105: a / b'],
    [{ summary: null }, 'measurement', 'k6 ended without a summary (exit code 0)'],
    [{ summary: '{' }, 'measurement', 'k6 wrote a summary that cannot be read'],
  ])('%j is a failure of kind %s: %s', async (more, kind, message) => {
    await expect(load(more).run).rejects.toMatchObject({ kind, message })
  })
})

describe('a warm-up', () => {
  test('is a run of its own before, as strong as the load at its strongest', async () => {
    const ramp = [{ durationMs: 4000, target: 3 }]
    const { run, plans, stage } = load({}, undefined, undefined, {
      shape: { drive: 'virtual-users', virtualUsers: 3, durationMs: 4000, ramp, rampFrom: 0 },
      warmupMs: 2000,
    })
    expect((await run).total.requests).toBe(32329)
    expect(plans.map(({ options, durationMs }) => [durationMs, (options.scenarios as Record<string, { executor: string }>).load?.executor])).toEqual([
      [2000, 'constant-vus'],
      [4000, 'ramping-vus'],
    ])
    expect(stage.deadlineMs).toBeGreaterThan(2 * load().stage.deadlineMs - 4000)
  })

  test('that does not come to its end ends the load', async () => {
    await expect(load({ exitCode: 107 }, undefined, undefined, { warmupMs: 2000 }).run).rejects.toMatchObject({ kind: 'config' })
  })
})

describe('a script of the user’s', () => {
  const shape = {
    drive: 'script',
    path: 'load.ts',
    durationMs: 4000,
    otherwise: { drive: 'virtual-users', virtualUsers: 3, durationMs: 4000, ramp: [] },
  } as const
  const own = (more: Partial<RunnerOutcome> = {}) => load(more, undefined, undefined, { shape, scriptFile: '/workspace/load.ts' })

  test('runs as long as k6 says it may, with addresses in its environment', async () => {
    const { run, plans, stage } = own()
    expect(stage.title).toBe('Load (load.ts)')
    await run
    expect(plans[0]).toMatchObject({
      durationMs: 90_000,
      own: {
        file: '/workspace/load.ts',
        env: {
          MLOPS_BASE_URL: 'http://127.0.0.1',
          MLOPS_ROUTES: JSON.stringify(['foo', 'bar'].map((name) => ({ name, url: 'http://127.0.0.1/', host: `${name}.localhost` }))),
        },
      },
    })
    expect(plans[0]?.longestMs).toBeGreaterThan(120_000)
  })

  test('whose thresholds were crossed is a result: they are gates', async () => {
    expect(await own({ exitCode: 99 }).run).toMatchObject({ custom: { path: 'load.ts' }, total: { requests: 32329 } })
  })

  test('that made no request and threw is its mistake, with k6’s words', async () => {
    const nothing = JSON.stringify({ state: { testRunDurationMs: 5 }, metrics: {} })
    await expect(own({ summary: nothing, errors: ['no luck'] }).run).rejects.toMatchObject({
      kind: 'config',
      message: 'the load script made no request: no luck',
    })
    expect(await own({ summary: nothing }).run).toMatchObject({ total: { requests: 0 } })
  })
})
