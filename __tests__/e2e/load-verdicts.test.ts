import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { hostLoad, withScriptCheck } from '../../src/app/load.ts'
import { resolveConfig } from '../../src/config/config.ts'
import { runPipeline } from '../../src/pipeline/run.ts'
import { pipeline, type Stage } from '../../src/pipeline/stage.ts'
import { buildReport, type Report } from '../../src/report/report.ts'
import type { Results } from '../../src/stages/results.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import { root } from './kit-run.ts'

/** What a load comes to, with the real k6 against servers on this machine: the right verdict, and why. */

let folder: string
let server: Server
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdicts-'))
  for (const name of ['run', 'report']) await mkdir(join(folder, name))
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})

interface Load {
  readonly inputs: Readonly<Record<string, string>>
  readonly listener?: RequestListener
  /** The k6 that is started. */
  readonly k6?: string
}

const realK6 = join(process.env.MLOPS_KIT_BIN ?? '', 'k6')
const serviceOf = ({ headers }: IncomingMessage) => headers.host?.split('.')[0] ?? ''
const echo: RequestListener = (request, response) => response.end(`${serviceOf(request)}\n`)
const after =
  (delayMs: (service: string) => number): RequestListener =>
  (request, response) =>
    setTimeout(() => echo(request, response as never), delayMs(serviceOf(request)))

/** Loads a server that stands for ingress and services. */
async function load({ inputs, listener = echo, k6 = realK6 }: Load): Promise<Report> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { config } = resolveConfig({ inputs, env: {}, services: ['foo', 'bar'], readFile: () => '', workspace: folder })
  const services = echoServices('none', [30080, 30081])
  const known = <N extends keyof Results>(name: N, result: unknown): Stage<Results, N, never> => ({
    name,
    title: name,
    needs: [],
    deadlineMs: 1000,
    run: async () => result as Results[N],
    data: (value) => value,
  })
  const workspace = { root, folder: join(folder, 'run'), output: join(folder, 'report') }
  const { stages } = pipeline<Results>()
    .add(known('k6', { name: 'k6', version: '2.0.0', path: k6, from: 'path' }))
    .add(known('ingress', { controller: 'none', image: null, className: null, baseUrl, note: null, process: null }))
    .add(known('services', { namespace: 'none', routes: services, processes: null }))
    .add(known('health', { probes: [] }))
    .add(hostLoad(config, workspace))
  const context = { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null, runId: null, runAttempt: null }
  const record = await runPipeline(withScriptCheck(stages, config, workspace), {
    signal: new AbortController().signal,
    listeners: [],
    persist: () => {},
    teardown: () => false,
    teardownMs: 1000,
  })
  return buildReport({ record, config, environment: 'external', context, services, files: [], warnings: [] })
}

/** Puts a script of the user's where its runs find it. */
async function script(text: string, path = 'load.js'): Promise<string> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  await copyFile(join(root, 'k6', 'mlops.js'), join(dirname(file), 'mlops.js'))
  return path
}

const gatesOf = ({ gates }: Report) => gates.map(({ service, metric, status }) => `${service ?? 'all'} ${metric} ${status}`)

describe('a fixed rate', () => {
  test('goes to each service, after a warm-up that is not counted', async () => {
    const seen = { foo: 0, bar: 0 } as Record<string, number>
    const listener: RequestListener = (request, response) => {
      seen[serviceOf(request)] = (seen[serviceOf(request)] ?? 0) + 1
      echo(request, response)
    }
    const report = await load({ inputs: { rate: '50', duration: '2s', warmup: '1s' }, listener })
    expect([report.verdict, report.sentence]).toEqual(['passed', expect.stringMatching(/^all 5 gates held/)])
    for (const name of ['foo', 'bar']) {
      const requests = report.load?.services[name]?.requests ?? 0
      expect(Math.abs(requests - 100)).toBeLessThanOrEqual(1)
      expect(seen[name]).toBeGreaterThan(requests + 40)
    }
  }, 30_000)

  test('that rises is kept too', async () => {
    const report = await load({ inputs: { rate: '20', ramp: '1s 60\n1s 60' } })
    expect(report.verdict).toBe('passed')
    for (const name of ['foo', 'bar']) expect(Math.abs((report.load?.services[name]?.requests ?? 0) - 100)).toBeLessThanOrEqual(3)
  }, 30_000)

  test('that a service is too slow for is its failure', async () => {
    const listener = after((service) => (service === 'foo' ? 400 : 0))
    const report = await load({ inputs: { rate: '40', duration: '2s', 'max-vus': '5', thresholds: 'p(95) < 2s' }, listener })
    expect([report.verdict, report.reason]).toEqual(['failed', 'gate'])
    expect(report.sentence).toMatch(/^missed: foo: achieved-rate is \d.*\/s, the gate is >= 39/)
    expect(gatesOf(report)).toEqual(expect.arrayContaining(['foo achieved-rate failed', 'bar achieved-rate passed']))
  }, 30_000)

  test('by a k6 that gets no CPU is nobody’s failure, and its latencies are not judged', async () => {
    // As a CPU quota does it: some of the time it may run, most of the time it may not. No answer can hold the gate.
    const stalled = join(folder, 'k6')
    await writeFile(
      stalled,
      `#!/bin/sh\n"${realK6}" "$@" &\npid=$!\nwhile kill -STOP $pid 2>/dev/null; do sleep 0.12; kill -CONT $pid; sleep 0.08; done\nwait $pid\n`,
    )
    await chmod(stalled, 0o755)
    const report = await load({ inputs: { rate: '50', duration: '2s', thresholds: 'p(95) < 0.001ms' }, k6: stalled })
    expect([report.verdict, report.reason]).toEqual(['invalid', 'measurement'])
    expect(report.sentence).toMatch(/^the load generator lagged \(k6 was short of CPU: \d+% of its timers were late\); .*Not judged: /)
  }, 60_000)
})

describe('a service', () => {
  test('that dies in mid-load has failed, whatever its latency was', async () => {
    const began = performance.now()
    const listener: RequestListener = (request, response) => {
      if (performance.now() - began < 1500) return echo(request, response)
      server.close()
      server.closeAllConnections()
    }
    const report = await load({ inputs: { vus: '2', duration: '3s' }, listener })
    expect(report).toMatchObject({ verdict: 'failed', reason: 'gate', sentence: expect.stringMatching(/error-rate.*foo does not answer well after the load/) })
  }, 30_000)

  test('that got no request was not measured', async () => {
    const report = await load({ inputs: { vus: '1', duration: '1s', thresholds: 'p(95) < 5s' }, listener: after(() => 1200) })
    expect(report.load?.total.requests).toBe(1)
    expect(report).toMatchObject({ verdict: 'invalid', reason: 'measurement', sentence: expect.stringMatching(/^no request of the load reached (foo|bar)$/) })
  }, 30_000)
})

describe('a script of one’s own', () => {
  test('in TypeScript with named functions alone, imports, files and a summary of its own is run as it is', async () => {
    await script('export const limit: number = 5', 'load/lib/limit.ts')
    await script('{"name": "foo"}', 'load/data.json')
    const path = await script(
      `import { Trend } from 'k6/metrics'
import { limit } from './lib/limit.ts'
import { get } from './mlops.js'
const { name } = JSON.parse(open('./data.json'))
const mine = new Trend('my_metric')
export const options = {
  scenarios: { one: { executor: 'shared-iterations', vus: 1, iterations: 4, exec: 'ask' } },
  thresholds: { 'http_req_duration{service:foo}': ['p(95)<5000'], checks: ['rate>=0'] },
}
export function setup(): { answer: number } { return { answer: 42 } }
export function ask(data: { answer: number }) {
  if (data.answer !== 42) throw new Error('no setup')
  get(name)
  mine.add(limit)
}
export function handleSummary() { return { 'mine.txt': 'written' } }
`,
      'load/own.ts',
    )
    const report = await load({ inputs: { 'load-script': path, thresholds: 'my_metric: avg < 6\nfoo: p(95) < 5s\nrequests >= 4' } })
    expect(report.load?.custom?.metrics).toMatchObject([{ name: 'my_metric', values: { count: 4, avg: 5 } }])
    expect(gatesOf(report)).toEqual([
      'all healthy-services passed',
      'all my_metric: avg passed',
      'foo p(95) passed',
      'all requests passed',
      // No check was made: that k6 lets such a threshold hold proves nothing.
      'all checks: rate missing',
      'all http_req_duration{service:foo}: p(95) passed',
    ])
    expect(report).toMatchObject({ verdict: 'invalid', sentence: 'not measured: checks: rate has no value, the gate is >= 0%' })
    expect(await readFile(join(folder, 'report', 'load-script', 'mine.txt'), 'utf8')).toBe('written')
    expect(report.stages.find(({ name }) => name === 'script')).toMatchObject({ status: 'passed' })
  }, 30_000)

  test('fails by its own thresholds', async () => {
    const path = await script(`import { get } from './mlops.js'
export const options = { iterations: 1, thresholds: { http_reqs: ['count > 1'] } }
export default function () { get('foo') }`)
    const report = await load({ inputs: { 'load-script': path } })
    expect(report).toMatchObject({ verdict: 'failed', reason: 'gate', sentence: 'missed: http_reqs: count is 1, the gate is > 1' })
  }, 30_000)

  test('that a threshold of its own ends early has failed by it', async () => {
    const path = await script(`import { get } from './mlops.js'
export const options = {
  scenarios: { all: { executor: 'constant-vus', vus: 1, duration: '20s' } },
  thresholds: { http_reqs: [{ threshold: 'count<1', abortOnFail: true }] },
}
export default function () { get('foo') }`)
    const report = await load({ inputs: { 'load-script': path } })
    expect(report).toMatchObject({
      verdict: 'failed',
      reason: 'gate',
      sentence: expect.stringMatching(/^missed: http_reqs: count is [\d,]+, the gate is < 1$/),
    })
  }, 60_000)

  test('that aborts its test is invalid, with its words', async () => {
    const path = await script(`import exec from 'k6/execution'
import { get } from './mlops.js'
export default function () { get('foo'); exec.test.abort('enough') }`)
    const report = await load({ inputs: { 'load-script': path, vus: '1', duration: '1s' } })
    expect(report).toMatchObject({
      verdict: 'invalid',
      reason: 'config',
      sentence: expect.stringMatching(/the load script aborted its test \(k6 exit code 108\)/),
    })
  }, 30_000)

  test('of one request passes, and is driven by vus and duration where it says nothing', async () => {
    const path = await script(`import { sleep } from 'k6'
import { get } from './mlops.js'
let sent = false
export default function () {
  if (!sent) get('bar', '/there')
  sent = true
  sleep(0.1)
}`)
    const report = await load({ inputs: { 'load-script': path, vus: '1', duration: '1s' } })
    expect(report).toMatchObject({ verdict: 'passed', sentence: 'all 3 gates held over 1 requests' })
    expect(report.load?.services).toMatchObject({ foo: { requests: 0 }, bar: { requests: 1 } })
  }, 60_000)

  test('that prints megabytes is measured all the same', async () => {
    const path = await script(`import { get } from './mlops.js'
export const options = { iterations: 5 }
export default function () { get('foo'); for (let line = 0; line < 200; line += 1) console.log('x'.repeat(5000)) }`)
    const report = await load({ inputs: { 'load-script': path } })
    expect(report).toMatchObject({ verdict: 'passed', load: { total: { requests: 5 } } })
  }, 30_000)

  test('that cannot be loaded ends the run before the load, with k6’s words', async () => {
    const report = await load({ inputs: { 'load-script': await script('export default function () {}\nnonsense()') } })
    expect(report).toMatchObject({
      verdict: 'invalid',
      reason: 'config',
      sentence: expect.stringMatching(/k6 cannot load load\.js: ReferenceError: nonsense is not defined/),
    })
  }, 30_000)

  test('that throws before its first request is the script’s mistake', async () => {
    const path = await script(`export const options = { iterations: 2 }\nexport default function () { throw new Error('no luck') }`)
    const report = await load({ inputs: { 'load-script': path } })
    expect(report).toMatchObject({
      verdict: 'invalid',
      reason: 'config',
      sentence: expect.stringMatching(/^Load \(load\.js\): the load script made no request: .*no luck/),
    })
  }, 30_000)

  test('without a metric that a gate asks for is invalid, never passed', async () => {
    const path = await script(`import { get } from './mlops.js'
export const options = { iterations: 1 }
export default function () { get('foo') }`)
    const report = await load({ inputs: { 'load-script': path, thresholds: 'mine: avg < 5' } })
    expect(report).toMatchObject({ verdict: 'invalid', reason: 'measurement', sentence: 'not measured: mine: avg has no value, the gate is < 5' })
  }, 30_000)
})
