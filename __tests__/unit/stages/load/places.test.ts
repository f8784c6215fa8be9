import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { LoadPlan } from '../../../../src/stages/load/plan.ts'
import type { LoadRunner, RunnerOutcome } from '../../../../src/stages/load/runner.ts'
import { loadStage } from '../../../../src/stages/load/stage.ts'
import type { Results } from '../../../../src/stages/results.ts'
import { services } from '../../runs.ts'

const summary = readFileSync(join(import.meta.dirname, 'k6-summary.json'), 'utf8')

const outcome = (name: string, more: Partial<RunnerOutcome> = {}): RunnerOutcome => ({
  name,
  exitCode: 0,
  summary,
  errors: [],
  timeline: null,
  cpuShare: null,
  files: { dashboard: null, log: `${name}.log` },
  ...more,
})

function load(outcomes: readonly RunnerOutcome[], where: Partial<LoadRunner> = {}, baseUrl: string | null = 'http://127.0.0.1') {
  const plans: LoadPlan[] = []
  const run: LoadRunner['run'] = async ({ plan }) => {
    plans.push(plan)
    return outcomes
  }
  const runner: LoadRunner = { name: 'distributed', runners: outcomes.length, baseUrl: 'http://traefik.traefik.svc', overheadMs: 60_000, run, ...where }
  const stage = loadStage(
    { shape: { drive: 'virtual-users', virtualUsers: 3, durationMs: 4000, ramp: [] }, gates: [] },
    {
      summaryFile: 'summary.json',
      sampler: null,
      runner,
      get: async (_, { host }) => ({ status: 200, body: String(host).split('.')[0] as string, durationMs: 1 }),
      retry: (attempt) => attempt(),
    },
  )
  const needs = { ingress: { baseUrl }, services: { namespace: 'n', routes: services } } as unknown as Pick<Results, 'k6' | 'ingress' | 'services' | 'health'>
  return { stage, plans, run: stage.run(needs, { signal: new AbortController().signal, progress: () => {} }) }
}

describe('a load by several runners', () => {
  test('is one result, with twice the requests of each and a word on how exact it is', async () => {
    const [one, two] = await Promise.all([load([outcome('')]).run, load([outcome('runner 1'), outcome('runner 2')]).run])
    expect(two).toMatchObject({ runner: 'distributed', runners: 2, durationMs: one.durationMs, total: { errorRate: one.total.errorRate } })
    expect(two.total.requests).toBe(2 * one.total.requests)
    expect(two.services.foo?.requests).toBe(2 * (one.services.foo?.requests ?? 0))
    expect(one.notes).toEqual([])
    expect(two.notes).toEqual([expect.stringMatching(/^Percentiles are mixed from those of 2 runners/)])
  })

  test.each<[Partial<RunnerOutcome>, string]>([
    [{ exitCode: 107, errors: ['x is not defined'] }, 'the load script failed (k6 of runner 2 exit code 107): x is not defined'],
    [{ exitCode: 137 }, 'k6 of runner 2 ended with exit code 137'],
    [{ summary: null }, 'k6 of runner 2 ended without a summary (exit code 0)'],
  ])('fails with the name of the one that failed: %j', async (more, message) => {
    await expect(load([outcome('runner 1'), outcome('runner 2', more)]).run).rejects.toMatchObject({ message })
  })

  test('may take what its place needs on top', async () => {
    const { stage, run } = load([outcome('')])
    await run
    expect(stage.deadlineMs - load([outcome('')], { overheadMs: 0 }).stage.deadlineMs).toBe(60_000)
  })
})

describe('a load from inside the cluster', () => {
  const routes = ([plan]: readonly LoadPlan[]) => plan?.routes.map(({ url, host }) => `${url} ${host}`)
  const ownUrl = ({ name }: { name: string }) => `http://${name}.apps.svc`

  test('enters at the controller’s Service with each service’s Host header', async () => {
    const { run, plans } = load([outcome('')], { ownUrl })
    await run
    expect(routes(plans)).toEqual(['http://traefik.traefik.svc/ foo.localhost', 'http://traefik.traefik.svc/ bar.localhost'])
  })

  test('goes to the services’ own addresses where there is no ingress', async () => {
    const { run, plans } = load([outcome('')], { baseUrl: null, ownUrl }, null)
    await run.catch(() => {})
    expect(routes(plans)).toEqual(['http://foo.apps.svc/ null', 'http://bar.apps.svc/ null'])
  })
})
