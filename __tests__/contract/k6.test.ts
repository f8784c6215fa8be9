import '../fakes/realm.ts'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { cpuTimeMs } from '../../src/adapters/cpu.ts'
import type { httpGet } from '../../src/adapters/http.ts'
import { k6OnHost } from '../../src/adapters/k6.ts'
import { inspectScript } from '../../src/adapters/k6-inspect.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { retry } from '../../src/adapters/retry.ts'
import { type LoadPlan, loadPlan } from '../../src/stages/load/plan.ts'
import type { RunnerOutcome } from '../../src/stages/load/runner.ts'
import type { LoadShape } from '../../src/stages/load/shape.ts'
import { loadStage } from '../../src/stages/load/stage.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import type { Tool } from '../../src/stages/tools/tool.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { hurried } from '../fakes/hurry.ts'
import { callsOf, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'
import { k6Summary as summary } from '../fakes/summary.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'k6-'))
})
afterEach(async () => {
  await endProgram(join(folder, 'k6'))
  await rm(folder, { recursive: true })
})

const services = echoServices('http-echo:1', [30080, 30081])
const path = (...parts: string[]) => join(folder, ...parts)
const adapters = () => k6OnHost({ run: runProcess, script: '/action/k6/load.js', folder: path('private'), output: path('report') })
const summaryFile = () => path('private', 'summary.json')
const shape: LoadShape = { drive: 'virtual-users', virtualUsers: 3, durationMs: 4000, ramp: [] }
const plan = () => loadPlan(services, { baseUrl: 'http://127.0.0.1' }, summaryFile(), { shape, gates: [] })

const errorLine = (fields: object) => `complain(${JSON.stringify(`${JSON.stringify({ level: 'error', time: '2026-11-22T08:00:00Z', ...fields })}\n`)})`

interface Options {
  signal?: AbortSignal
  progress?: string[]
}

async function program(script: string): Promise<Tool> {
  return { name: 'k6', version: '2.3.0', path: await writeProgram(folder, 'k6', script), from: 'download' }
}

async function runK6(k6: Tool, ofPlan: LoadPlan, signal: AbortSignal, progress: (message: string) => void): Promise<RunnerOutcome> {
  const [outcome] = await adapters().run({ k6, plan: ofPlan }, { signal, progress, warn: () => {} })
  return outcome as RunnerOutcome
}

async function run(script: string, { signal = new AbortController().signal, progress = [] }: Options = {}) {
  return await runK6(await program(script), plan(), signal, (message) => progress.push(message))
}

async function load(script: string) {
  const get: typeof httpGet = async (_, { host }) => ({ status: 200, body: `${host?.split('.')[0]}\n`, durationMs: 1 })
  const stage = loadStage({ shape, gates: [] }, { runner: adapters(), sampler: null, summaryFile: summaryFile(), get, retry })
  const needs = {
    k6: await program(script),
    nodes: { kubernetesVersion: 'v1.37.0', nodes: [], systemPods: 9, dnsName: 'x' },
    ingress: { controller: 'nginx', image: 'x:1', className: 'nginx', baseUrl: 'http://127.0.0.1', note: null, process: null },
    services: { namespace: 'apps', routes: services, processes: null },
    health: { probes: [] },
  }
  return await stage.run(needs, { signal: new AbortController().signal, progress: () => {} })
}

describe('k6 is started', () => {
  test('with a script, quiet, its log as JSON, and its API on a port of this machine alone', async () => {
    await run(summary())
    const address = expect.stringMatching(/^--address=127\.0\.0\.1:[1-9]\d+$/)
    expect(callsOf(path('k6'))).toMatchObject([
      { args: ['run', '--quiet', '--no-color', '--log-format', 'json', address, '--include-system-env-vars', '/action/k6/load.js'], cwd: path('private') },
    ])
  })

  test('with an environment of its own: nothing of ours but the runner’s mark, no K6_VUS of the user, no extension, no report home', async () => {
    const before = { ...process.env }
    Object.assign(process.env, {
      RUNNER_TRACKING_ID: 'github_1',
      GITHUB_TOKEN: 'ghs_1',
      K6_VUS: '99',
      K6_DURATION: '1h',
      HTTP_PROXY: 'http://proxy.example:3128',
    })
    try {
      await run(summary())
    } finally {
      process.env = before
    }
    expect(callsOf(path('k6'))[0]?.env).toEqual({
      RUNNER_TRACKING_ID: 'github_1',
      HOME: path('private'),
      MLOPS_PLAN: path('private', 'plan.json'),
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_WEB_DASHBOARD: 'true',
      K6_WEB_DASHBOARD_EXPORT: path('report', 'dashboard.html'),
      K6_WEB_DASHBOARD_RECORD: path('private', 'dashboard.ndjson.gz'),
      K6_WEB_DASHBOARD_PERIOD: '1s',
      K6_WEB_DASHBOARD_PORT: '-1',
      K6_WEB_DASHBOARD_OPEN: 'false',
    })
  })

  test('with the plan as a file', async () => {
    await run(summary())
    expect(JSON.parse(await readFile(path('private', 'plan.json'), 'utf8'))).toEqual(plan())
  })
})

describe('a script of the user’s', () => {
  const script: LoadShape = { drive: 'script', path: 'load.ts', otherwise: shape, durationMs: 4000 }
  const own = () => loadPlan(services, { baseUrl: 'http://127.0.0.1' }, summaryFile(), { shape: script, gates: [], scriptFile: '/workspace/load.ts' })

  test('is started through its wrapper, with addresses in its environment, and keeps what it writes for people', async () => {
    const k6 = await program(`${summary()}; fs.writeFileSync('mine.txt', 'written')`)
    await runK6(k6, own(), new AbortController().signal, () => {})
    const [call] = callsOf(path('k6'))
    expect(call?.args.at(-1)).toBe(path('private', 'own-script.js'))
    expect(await readFile(path('private', 'own-script.js'), 'utf8')).toContain(`import * as script from ${JSON.stringify(own().own?.script)};`)
    expect(call?.env).toMatchObject({ MLOPS_BASE_URL: 'http://127.0.0.1', MLOPS_ROUTES: expect.stringContaining('foo.localhost') })
    expect(await readFile(path('report', 'load-script', 'mine.txt'), 'utf8')).toBe('written')
  })

  test('that writes nothing leaves no folder', async () => {
    await runK6(await program(summary()), own(), new AbortController().signal, () => {})
    expect(existsSync(path('report', 'load-script'))).toBe(false)
  })

  test('is loaded and not run, and k6 says how long it may take and who drives it', async () => {
    const inspect = async (text: string) =>
      await inspectScript({ run: runProcess, script: '', folder: path('private') }, (await program(text)).path, own(), new AbortController().signal)
    const says = (scenarios: object | null) => `say(${JSON.stringify(JSON.stringify({ scenarios, totalDuration: '1m30.5s' }))})`
    expect(await inspect(says({ mlops_load: {} }))).toEqual({ facts: { durationMs: 90_500, drivesItself: false } })
    expect(await inspect(says(null))).toEqual({ facts: { durationMs: 90_500, drivesItself: true } })
    expect(callsOf(path('k6'))[0]?.args.slice(0, 2)).toEqual(['inspect', '--execution-requirements'])
    const words = errorLine({ msg: 'ReferenceError: x is not defined\n\tat file:///load.ts:2:9(11)\n' })
    expect(await inspect(`${words}; process.exit(107)`)).toEqual({ problem: 'ReferenceError: x is not defined at file:///load.ts:2:9(11)' })
  })
})

describe('the CPU that k6 used', () => {
  test('is its share of all cores, from when it began', async () => {
    const busy = `${summary()}; const until = Date.now() + 1500; while (Date.now() < until);`
    const { cpuShare } = await run(busy)
    expect(cpuShare).toBeGreaterThan(0)
    expect(cpuShare).toBeLessThanOrEqual(1)
  }, 30_000)

  test('is not known of one that was gone at once', async () => {
    expect((await run('process.exit(0)')).cpuShare).toBeNull()
  })

  test('is not known of a process that is not there', () => {
    expect(cpuTimeMs(2 ** 30)).toBeNull()
    expect(cpuTimeMs(process.pid)).toBeGreaterThan(0)
  })
})

describe('a run of k6', () => {
  test('that went well comes with summary, dashboard and log', async () => {
    const result = await run(summary(`say('a line\\n')`))
    expect(result).toMatchObject({ exitCode: 0, errors: [], files: { dashboard: 'dashboard.html', log: 'k6.log' } })
    expect(JSON.parse(result.summary ?? '')).toMatchObject({ state: { testRunDurationMs: 4001.5 } })
    expect(await readFile(path('report', 'k6.log'), 'utf8')).toBe('a line\n')
  })

  test.each([99, 104, 105, 107, 108, 109])('that exits with %i is a result with k6’s own words, to the last one', async (code) => {
    const words = { msg: 'GoError: the body of', error: 'the script is broken' }
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await run(`${errorLine(words)}; process.exit(${code})`)).toMatchObject({
        exitCode: code,
        summary: null,
        errors: ['GoError: the body of: the script is broken'],
        files: { dashboard: null, log: 'k6.log' },
      })
    }
  })

  test('tells its last three errors, each once, and neither warnings nor other lines', async () => {
    const lines = ['one', 'two', 'two', 'three', 'four'].map((msg) => errorLine({ msg }))
    const others = [
      errorLine({ level: 'warning', msg: 'Request Failed' }),
      errorLine({ level: 'info', msg: 'hello' }),
      `complain('{"level":"error", broken\\n')`,
      `complain('plain text\\n')`,
    ]
    const { errors } = await run([...lines, ...others, errorLine({ level: 'fatal', msg: 'the end' })].join(';'))
    expect(errors).toEqual(['three', 'four', 'the end'])
  })

  test('tells errors while it runs', async () => {
    const progress: string[] = []
    await run(errorLine({ msg: 'could not initialize', error: 'no such file' }), { progress })
    expect(progress).toEqual(['could not initialize: no such file'])
  })

  test('has the timeline of its dashboard’s record, and none when there is no record or it is cut off', async () => {
    const record = JSON.stringify(readFileSync(join(import.meta.dirname, '..', 'fakes', 'k6-record.ndjson.gz')).toString('base64'))
    const written = (bytes: string) => summary(`fs.writeFileSync(process.env.K6_WEB_DASHBOARD_RECORD, ${bytes})`)
    const { timeline } = await run(written(`Buffer.from(${record}, 'base64')`))
    expect(timeline?.length).toBeGreaterThan(3)
    // The earlier run's record is not this one's.
    expect(await run(summary())).toMatchObject({ exitCode: 0, timeline: null })
    expect(await run(written(`Buffer.from(${record}, 'base64').subarray(0, 900)`))).toMatchObject({ exitCode: 0, timeline: null })
    expect(await run(written(`'no gzip'`))).toMatchObject({ exitCode: 0, timeline: null })
  }, 30_000)

  const listening = `const [, port] = args.find((each) => each.startsWith('--address=')).split(':')
const server = require('node:http').createServer((request, response) => {
  fs.appendFileSync(${JSON.stringify('ASKED')}, request.url + ' ' + request.headers.connection + '\\n')
  RESPOND
}).listen(port, '127.0.0.1');`
  const metrics = { http_reqs: { count: 12_340, rate: 411.2 }, mlops_latency: { 'p(95)': 12.08 }, mlops_errors: { rate: 0 }, vus: { value: 10 } }
  const answer = JSON.stringify({ data: Object.entries(metrics).map(([id, sample]) => ({ type: 'metrics', id, attributes: { sample } })) })
  const withApi = (respond: string, more: string) => `${listening.replace('ASKED', path('asked')).replace('RESPOND', respond)} ${summary(more)}`

  test('tells its numbers while it runs, over connections that do not keep it', async () => {
    const progress: string[] = []
    const script = withApi(`response.end(${JSON.stringify(answer)}); server.close()`, '')
    const proxy = { ...process.env }
    process.env.http_proxy = 'http://127.0.0.1:1'
    try {
      await run(script, { progress })
    } finally {
      process.env = proxy
    }
    expect(progress).toEqual(['12,340 requests, 411/s, p95 12.1 ms, 0% errors, 10 VUs'])
    expect(await readFile(path('asked'), 'utf8')).toBe('/v1/metrics close\n')
  }, 30_000)

  test.each([
    ['no JSON', `response.end('<html>')`],
    ['an error', `response.writeHead(500).end('{}')`],
    ['other JSON', `response.end('{"data":[1,{"id":2}]}')`],
    ['nothing at all', ''],
    ['half of it', `response.writeHead(200, { 'content-length': 99 }).write('{'); request.socket.destroy()`],
  ])(
    'whose API answers with %s says nothing of it and goes on',
    async (_, respond) => {
      const progress: string[] = []
      // It ends as soon as it was asked, whether or not it has answered.
      const script = withApi(`${respond}; setTimeout(() => process.exit(0), 50)`, '')
      expect(await run(script, { progress })).toMatchObject({ exitCode: 0, errors: [] })
      expect(progress).toEqual([])
    },
    30_000,
  )

  test('whose port was taken in the meantime is started once more with another', async () => {
    const taken = errorLine({ msg: 'listen tcp: bind: address already in use' })
    const result = await run(`if (!fs.existsSync('tried')) { fs.writeFileSync('tried', ''); ${taken}; process.exit(106) } ${summary()}`)
    expect(result).toMatchObject({ exitCode: 0, errors: [] })
    const ports = callsOf(path('k6')).map(({ args }) => args.find((each) => each.startsWith('--address=')))
    expect(new Set(ports).size).toBe(2)
    expect(await run(`${taken}; process.exit(106)`)).toMatchObject({ exitCode: 106 })
    expect(callsOf(path('k6'))).toHaveLength(4)
  })

  test('does not take the files of an earlier run for its own', async () => {
    await run(summary())
    const { summary: text, files } = await run('process.exit(109)')
    expect({ text, dashboard: files.dashboard }).toEqual({ text: null, dashboard: null })
  })

  test('keeps a log of bounded length', async () => {
    await run(`for (let count = 0; count < 12_000; count++) say('line ' + count + '\\n')`)
    const lines = (await readFile(path('report', 'k6.log'), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(10_000)
    expect(lines.at(-1)).toBe('line 11999')
  })

  test('keeps no more of a log of long lines', async () => {
    await run(`for (let count = 0; count < 1000; count++) say(count + 'x'.repeat(20_000) + '\\n')`)
    const lines = (await readFile(path('report', 'k6.log'), 'utf8')).trimEnd().split('\n')
    expect(lines.at(-1)).toMatch(/^999x+$/)
    expect(lines.at(-1)).toHaveLength(10_000)
    expect(lines.length).toBeLessThan(450)
  }, 30_000)

  test('that was killed is a failed measurement, with its log', async () => {
    const failure = await failureOf(run(`say('so far\\n'); process.kill(process.pid, 'SIGKILL'); forever()`))
    expect(failure).toMatchObject({ kind: 'measurement', message: 'k6 was killed by SIGKILL (out of memory?) before its test had ended' })
    expect(await readFile(path('report', 'k6.log'), 'utf8')).toBe('so far\n')
  })

  test('that does not end long after its load should have is killed and said, whatever signals it ignores', async () => {
    const tool = await program(`process.on('SIGTERM', () => {}); say('so far\\n'); forever()`)
    const failure = await failureOf(hurried(() => runK6(tool, { ...plan(), longestMs: 1000 }, new AbortController().signal, () => {})))
    expect(failure).toMatchObject({ kind: 'measurement', message: expect.stringMatching(/^k6 hangs: it had not ended 1 s after its start/) })
    expect(await isAlive(callsOf(path('k6'))[0]?.pid as number)).toBe(false)
    expect(existsSync(path('report', 'k6.log'))).toBe(true)
  }, 30_000)

  test('of a program that is not there is a failure that says so', async () => {
    const missing: Tool = { name: 'k6', version: '2.3.0', path: path('no-k6'), from: 'tool-cache' }
    const failure = await failureOf(runK6(missing, plan(), new AbortController().signal, () => {}))
    expect(failure.message).toContain('ENOENT')
  })

  test('ends at an abort with its reason, and keeps its log', async () => {
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const progress: string[] = []
    const running = run(`say('so far\\n'); ${errorLine({ msg: 'up' })}; forever()`, { signal: controller.signal, progress })
    running.catch(() => {})
    await eventually('k6 runs', () => progress.includes('up'))
    const pid = callsOf(path('k6'))[0]?.pid as number
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(await isAlive(pid)).toBe(false)
    expect(existsSync(path('report', 'k6.log'))).toBe(true)
  })
})

describe('the load', () => {
  test('is what k6 measured, for the whole and for each service', async () => {
    const metrics = {
      requests: 100,
      requestsPerSecond: expect.closeTo(24.99, 2),
      errorRate: 0.01,
      successRate: 0.99,
      checks: { passed: 199, failed: 1, rate: 0.995 },
      latencyMs: { min: 1, avg: 2, med: 2, max: 9, percentiles: { 90: 3, 95: 4, 99: 8 } },
    }
    expect(await load(summary())).toMatchObject({
      durationMs: 4001.5,
      shape: { virtualUsers: 3 },
      total: metrics,
      services: { foo: metrics, bar: metrics },
      files: { dashboard: 'dashboard.html', log: 'k6.log' },
    })
  })

  test.each([
    [104, 'config'],
    [107, 'config'],
    [108, 'config'],
    [99, 'measurement'],
    [105, 'measurement'],
    [109, 'measurement'],
    [1, 'measurement'],
  ])('of a k6 that exits with %i is no result: %s', async (code, kind) => {
    // A summary is there, and must not be taken for a measurement.
    const failure = await failureOf(load(summary(`${errorLine({ msg: 'what k6 says' })}; process.exit(${code})`)))
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(new RegExp(`exit code ${code}\\)?: what k6 says$`)) })
  })

  test.each([
    ['there is none', ''],
    ['it is cut off', `fs.writeFileSync(JSON.parse(fs.readFileSync(process.env.MLOPS_PLAN, 'utf8')).summaryFile, '{"state":{"testRun')`],
    ['it is something else', `fs.writeFileSync(JSON.parse(fs.readFileSync(process.env.MLOPS_PLAN, 'utf8')).summaryFile, '{"metrics":{}}')`],
  ])('without a summary is a failed measurement (%s)', async (_, script) => {
    expect(await failureOf(load(script))).toMatchObject({ kind: 'measurement', message: expect.stringContaining('summary') })
  })

  test('is measured although the folders are there already', async () => {
    await mkdir(path('report'))
    await writeFile(path('report', 'report.json'), '{}')
    expect(await load(summary())).toMatchObject({ total: { requests: 100 } })
    expect(existsSync(path('report', 'report.json'))).toBe(true)
  })
})
