import '../fakes/realm.ts'
import { mkdirSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { httpGet } from '../../src/adapters/http.ts'
import { isRunning, stopProcess } from '../../src/adapters/processes.ts'
import { type AppOptions, type Part, servicesOf } from '../../src/app/app.ts'
import { localStages } from '../../src/app/local.ts'
import { resolveConfig } from '../../src/config/config.ts'
import { serviceNames } from '../../src/config/services.ts'
import type { RunRecord } from '../../src/pipeline/record.ts'
import { type RunOptions, runPipeline } from '../../src/pipeline/run.ts'
import { buildReport } from '../../src/report/report.ts'
import type { Health } from '../../src/stages/health/probe.ts'
import type { Ingress } from '../../src/stages/ingress/ingress.ts'
import type { LocalProcess, LocalReplica, Services } from '../../src/stages/services/service.ts'
import { eventually } from '../fakes/eventually.ts'
import { writeK6 } from '../fakes/k6.ts'
import { callsOf, endProcess, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

const root = join(import.meta.dirname, '..', '..')
const never = new AbortController().signal

let folder: string
let known: RunRecord | null
/** The program itself, in a fixture that notes each of its processes. */
let program: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-stages-'))
  mkdirSync(join(folder, 'report'))
  known = null
  program = await writeProgram(folder, 'program', `import(${JSON.stringify(join(root, 'src', 'index.ts'))})`)
})
afterEach(async () => {
  for (const name of ['program', 'k6']) await endProgram(join(folder, name))
  await rm(folder, { recursive: true })
})

const { config } = resolveConfig({ inputs: { duration: '1s', 'health-check-retries': '2' }, env: {}, services: serviceNames })

/** Runs the pipeline with a k6 that first does what `before` says. */
async function run({
  part = 'run' as Part,
  before = '',
  baseUrl = null as string | null,
  ...more
}: Partial<RunOptions> & { part?: Part; before?: string; baseUrl?: string | null } = {}) {
  const k6 = await writeK6(folder, before)
  const unused = async (): Promise<never> => {
    throw new Error('nothing is downloaded here')
  }
  const options: AppOptions = {
    config: { ...config, baseUrl },
    environment: 'local',
    part,
    standing: null,
    workspace: { root, folder: join(folder, 'private'), output: join(folder, 'report') },
    tools: {
      platform: { os: 'linux', arch: 'amd64' },
      cache: { find: async (name) => (name === 'k6' ? k6 : null), store: unused, substitute: async () => null, noteSubstitute: unused },
      onPath: async () => null,
      askVersion: async () => config.k6Version,
      gitHubCache: null,
      isUnreachable: () => false,
      go: null,
      download: unused,
      downloadText: unused,
      discard: unused,
      expose: () => {},
    },
    claim: () => {
      throw new Error('there is no cluster to claim')
    },
  }
  const stages = localStages(options, [program])
  const kept = part === 'up' ? stages.filter(({ name }) => !['k6', 'health', 'load'].includes(name)) : stages
  return await runPipeline(kept, {
    signal: never,
    persist: (record) => {
      known = record
    },
    ...more,
  })
}

const dataOf = <T>(name: string) => (known?.stages.find((stage) => stage.name === name)?.data ?? null) as T | null
const replicas = (): readonly LocalReplica[] => dataOf<Services>('services')?.processes ?? []
const processesOf = (): LocalProcess[] => [...replicas(), dataOf<Ingress>('ingress')?.process ?? []].flat()
const runningNow = async () => await Promise.all(processesOf().map(isRunning))
const failureIn = ({ stages }: RunRecord) => stages.find(({ failure }) => failure !== null)?.failure

describe('the pipeline on local processes', () => {
  test('passes, with the same stages as in a cluster, those of Kubernetes left out', async () => {
    const record = await run()
    expect(record.stages.map(({ name, status, leftOut }) => [name, leftOut === null ? status : `${status}: ${leftOut}`])).toEqual([
      ['kind', 'skipped: local processes need no cluster'],
      ['kubectl', 'skipped: local processes need no cluster'],
      ['k6', 'passed'],
      ['cluster', 'skipped: local processes need no cluster; nothing about Kubernetes was tried'],
      ['nodes', 'skipped: there is no cluster'],
      ['services', 'passed'],
      ['ingress', 'passed'],
      ['health', 'passed'],
      ['load', 'passed'],
    ])
    expect(record.warnings).toEqual([])
    expect(replicas().map(({ service }) => service)).toEqual(['foo', 'foo', 'bar', 'bar'])
    const context = { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null, runId: null, runAttempt: null }
    const report = buildReport({ record, config, environment: 'local', context, services: await servicesOf(config, 'local'), files: [], warnings: [] })
    expect(report).toMatchObject({ verdict: 'passed', environment: 'local', cluster: null, ingress: { controller: 'reverse proxy (httpxy)' } })
  }, 60_000)

  test('asks every replica itself and every service through the proxy', async () => {
    await run()
    const probes = (dataOf<Health>('health')?.probes ?? []).map(({ service, kind, healthy, seen }) => `${service} ${kind} ${healthy} ${seen}`)
    expect(probes.sort()).toEqual(
      ['bar ingress', 'bar process', 'bar process', 'foo ingress', 'foo process', 'foo process'].map((probe) => `${probe} true 200 and the expected body`),
    )
  }, 60_000)

  test('leaves nothing behind but the logs', async () => {
    await run()
    expect(processesOf()).toHaveLength(5)
    expect(await runningNow()).toEqual([false, false, false, false, false])
    expect((await readdir(join(folder, 'report', 'services'))).sort()).toEqual(['bar-1.log', 'bar-2.log', 'foo-1.log', 'foo-2.log', 'ingress.log'])
  }, 60_000)

  test('sends probes and load where base-url says', async () => {
    const record = await run({ baseUrl: 'http://127.0.0.1:1' })
    expect(record.failedStage).toBe('health')
    expect(failureIn(record)?.message).toContain('http://127.0.0.1:1/ (Host: foo.localhost)')
    expect(dataOf<Ingress>('ingress')?.process?.url).not.toBe('http://127.0.0.1:1')
  }, 60_000)

  test('is failed by a replica that is killed during the load, in its name', async () => {
    const running = run({ before: 'forever(); return' })
    await eventually('the load runs', () => callsOf(join(folder, 'k6')).length === 1, 50_000)
    await endProcess(replicas()[2]?.pid as number)
    const record = await running
    expect({ failedStage: record.failedStage, failure: failureIn(record) }).toMatchObject({
      failedStage: 'load',
      failure: { kind: 'workload', message: 'bar: replica 1 ended with signal SIGKILL' },
    })
    expect(await runningNow()).toEqual([false, false, false, false, false])
  }, 60_000)

  test('is made invalid by a proxy that is killed, which is no fault of the services', async () => {
    const running = run({ before: 'forever(); return' })
    await eventually('the load runs', () => callsOf(join(folder, 'k6')).length === 1, 50_000)
    await endProcess(dataOf<Ingress>('ingress')?.process?.pid as number)
    expect(failureIn(await running)).toMatchObject({ kind: 'infrastructure', message: 'the reverse proxy ended with signal SIGKILL' })
  }, 60_000)

  test('leaves nothing behind when it is cancelled', async () => {
    const abort = new AbortController()
    const running = run({ before: 'forever(); return', signal: abort.signal })
    await eventually('the load runs', () => callsOf(join(folder, 'k6')).length === 1, 50_000)
    abort.abort(new Error('cancelled'))
    const record = await running
    expect(record.cancelled).toBe(true)
    expect(await runningNow()).toEqual([false, false, false, false, false])
  }, 60_000)
})

describe('a cancel', () => {
  // The first events are of starts, the last ones of health and load.
  test.each([1, 2, 3, 4, 5, 6, 8, 10])(
    'at event %d of the run leaves no process',
    async (count) => {
      const abort = new AbortController()
      let events = 0
      const listener = () => {
        events += 1
        if (events === count) abort.abort(new Error('cancelled'))
      }
      const record = await run({ before: 'forever(); return', signal: abort.signal, listeners: [listener] })
      expect(record).toMatchObject({ cancelled: true, warnings: [] })
      const calls = ['program', 'k6'].flatMap((name) => callsOf(join(folder, name)))
      expect(await Promise.all(calls.map(({ pid }) => isAlive(pid)))).toEqual(calls.map(() => false))
    },
    60_000,
  )
})

describe('the part that is left standing', () => {
  test('goes on, and what was left can be found and ended by its record', async () => {
    const record = await run({ part: 'up', teardown: ({ failedStage }) => failedStage !== null })
    expect(record.failedStage).toBeNull()
    expect(await runningNow()).toEqual([true, true, true, true, true])
    const { baseUrl } = dataOf<Ingress>('ingress') as Ingress
    expect((await httpGet(baseUrl ?? '', { host: 'bar.localhost', timeoutMs: 5000, signal: never })).body).toBe('bar\n')
    const saved = JSON.parse(JSON.stringify(processesOf())) as LocalProcess[]
    for (const left of saved) expect(await stopProcess(left, never)).toBe(true)
    expect(await runningNow()).toEqual([false, false, false, false, false])
  }, 60_000)
})
