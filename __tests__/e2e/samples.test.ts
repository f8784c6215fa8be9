import { createReadStream } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { readTimeline } from '../../src/adapters/k6-record.ts'
import { percentileGrid } from '../../src/stages/load/grid.ts'
import { loadPlan } from '../../src/stages/load/plan.ts'
import type { LoadMetrics } from '../../src/stages/load/result.ts'
import { type K6Summary, loadMetrics, parseSummary } from '../../src/stages/load/summary.ts'
import type { TimelinePoint } from '../../src/stages/load/timeline.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import { root } from './kit-run.ts'

/** One sample as k6 writes it with `--out json`. */
interface Sample {
  readonly metric: string
  readonly data: { readonly time: string; readonly value: number; readonly tags?: Readonly<Record<string, string>> }
}

/** What the same k6 says in its summary, in its raw samples and in its dashboard's record. */
interface Measured {
  readonly summary: K6Summary
  readonly samples: readonly Sample[]
  readonly timeline: readonly TimelinePoint[] | null
}

/** Loads a server of two services with the real k6 for eight seconds, every raw sample kept: one in ten answers is slow, one in twenty of bar's a 503, one in fifty a 418. */
async function measure(): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'samples-'))
  let answers = 0
  const server = createServer(({ headers }, response) => {
    answers += 1
    const name = headers.host?.split('.')[0] ?? ''
    if (name === 'bar') response.statusCode = answers % 50 === 0 ? 418 : answers % 20 === 0 ? 503 : 200
    setTimeout(() => response.end(`${name}\n`), answers % 10 === 0 ? 40 + (answers % 7) : answers % 9)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const files = { plan: join(folder, 'plan.json'), summary: join(folder, 'summary.json'), raw: join(folder, 'raw.json'), record: join(folder, 'record.gz') }
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const shape = { drive: 'virtual-users' as const, virtualUsers: 8, durationMs: 8000, ramp: [] }
    await writeFile(files.plan, JSON.stringify(loadPlan(echoServices('none', [1, 2]), { baseUrl }, files.summary, { shape, gates: [] })))
    await execa(join(process.env.MLOPS_KIT_BIN ?? '', 'k6'), ['run', '--quiet', '--include-system-env-vars', '--out', `json=${files.raw}`, 'k6/load.js'], {
      cwd: root,
      env: {
        MLOPS_PLAN: files.plan,
        K6_WEB_DASHBOARD: 'true',
        K6_WEB_DASHBOARD_RECORD: files.record,
        K6_WEB_DASHBOARD_PERIOD: '1s',
        K6_WEB_DASHBOARD_PORT: '-1',
        K6_NO_USAGE_REPORT: 'true',
        K6_AUTO_EXTENSION_RESOLUTION: 'false',
      },
    })
    const samples: Sample[] = []
    for await (const line of createInterface({ input: createReadStream(files.raw) })) {
      if (/^\{"metric":"(mlops_latency|mlops_errors|http_reqs)","type":"Point"/.test(line)) samples.push(JSON.parse(line) as Sample)
    }
    return { summary: parseSummary(await readFile(files.summary, 'utf8')), samples, timeline: await readTimeline(files.record) }
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

describe('the numbers of a load, against the raw samples of the same k6', () => {
  let measured: Measured
  beforeAll(async () => {
    measured = await measure()
  }, 60_000)

  const scopes: [string, string | undefined][] = [
    ['the whole', undefined],
    ['foo', 'foo'],
    ['bar', 'bar'],
  ]
  const of = (metric: string, service: string | undefined) =>
    measured.samples.filter((sample) => sample.metric === metric && (service === undefined || sample.data.tags?.service === service))
  const metrics = (service: string | undefined): LoadMetrics => loadMetrics(measured.summary, service)

  test.each(scopes)('percentiles of %s agree within 1%%', (_, service) => {
    const sorted = of('mlops_latency', service)
      .map(({ data }) => data.value)
      .sort((a, b) => a - b)
    const { latencyMs, requests } = metrics(service)
    expect(sorted.length).toBeGreaterThan(500)
    expect(requests).toBe(of('http_reqs', service).length)
    expect(latencyMs.grid.map(([percentile]) => percentile)).toEqual([0, ...percentileGrid, 100])
    for (const [percentile, value] of latencyMs.grid) expectWithin(value, exactPercentile(sorted, percentile), 0.01)
    expectWithin(latencyMs.avg, sorted.reduce((sum, value) => sum + value, 0) / sorted.length, 0.01)
    for (const percentile of [90, 95, 99]) expectWithin(latencyMs.percentiles[percentile], exactPercentile(sorted, percentile), 0.01)
  })

  test.each(scopes)('status codes of %s are counted one by one, and one that nobody expected is other', (_, service) => {
    const counts: Record<string, number> = {}
    for (const { data } of of('http_reqs', service)) {
      const code = data.tags?.status === '418' ? 'other' : (data.tags?.status ?? '')
      counts[code] = (counts[code] ?? 0) + 1
    }
    expect(metrics(service).statuses).toEqual(counts)
    if (service !== 'foo') expect(Object.keys(counts).sort()).toEqual(['200', '503', 'other'])
  })

  test('the timeline is the load second by second, whole but for its last moment', () => {
    const { timeline } = measured
    expect(timeline?.length).toBeGreaterThanOrEqual(7)
    const lengths = (timeline ?? []).map(({ atMs }, index) => atMs - (timeline?.[index - 1]?.atMs ?? 0))
    const counted = (timeline ?? []).reduce((sum, { requestsPerSecond }, index) => sum + ((requestsPerSecond ?? 0) * (lengths[index] ?? 0)) / 1000, 0)
    const [first] = of('http_reqs', undefined)
    const endMs = Date.parse(first?.data.time ?? '') + (timeline?.at(-1)?.atMs ?? 0)
    const before = of('http_reqs', undefined).filter(({ data }) => Date.parse(data.time) <= endMs).length
    expectWithin(counted, before, 0.1)
    for (const { p50Ms, p95Ms, p99Ms, errorsPerSecond } of timeline ?? []) {
      expect(p50Ms).toBeGreaterThan(0)
      expect(p95Ms).toBeGreaterThanOrEqual(p50Ms ?? Number.NaN)
      expect(p99Ms).toBeGreaterThanOrEqual(p95Ms ?? Number.NaN)
      expect(errorsPerSecond).toBeGreaterThan(0)
    }
  })
})

/** By linear interpolation between the two nearest ranks, the definition that k6 documents. */
function exactPercentile(sorted: readonly number[], percentile: number): number {
  const rank = (percentile / 100) * (sorted.length - 1)
  const below = sorted[Math.floor(rank)] ?? Number.NaN
  return below + ((sorted[Math.ceil(rank)] ?? Number.NaN) - below) * (rank - Math.floor(rank))
}

function expectWithin(value: number | null | undefined, truth: number, share: number): void {
  expect(value).toBeGreaterThanOrEqual(truth * (1 - share))
  expect(value).toBeLessThanOrEqual(truth * (1 + share))
}
