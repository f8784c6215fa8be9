import '../fakes/realm.ts'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readTimeline } from '../../src/adapters/k6-record.ts'

/** What k6 2.0.0 recorded of our script: 5.5 s, one answer in ten a 503, every connection cut after 3.2 s. */
const real = join(import.meta.dirname, '..', 'fakes', 'k6-record.ndjson.gz')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function read(text: string) {
  await writeFile(join(folder, 'record.gz'), gzipSync(text))
  return await readTimeline(join(folder, 'record.gz'))
}

describe('the timeline of a record', () => {
  test('is the load second by second', async () => {
    expect(await readTimeline(real)).toEqual([
      { atMs: 1009, requestsPerSecond: 243, errorsPerSecond: expect.closeTo(25, 2), virtualUsers: null, p50Ms: 11.078, p95Ms: 14.553, p99Ms: 15.952 },
      { atMs: 2008, requestsPerSecond: 246, errorsPerSecond: expect.closeTo(21.1, 1), virtualUsers: 3, p50Ms: 10.838, p95Ms: 14.9, p99Ms: 44.189 },
      { atMs: 3008, requestsPerSecond: 289, errorsPerSecond: expect.closeTo(76.7, 1), virtualUsers: 3, p50Ms: 10.911, p95Ms: 16.481, p99Ms: 29.737 },
      // No answer has no latency, however fast the connection was refused.
      { atMs: 4009, requestsPerSecond: 3366, errorsPerSecond: 3366, virtualUsers: 3, p50Ms: null, p95Ms: null, p99Ms: null },
      { atMs: 5009, requestsPerSecond: 3597, errorsPerSecond: 3597, virtualUsers: 3, p50Ms: null, p95Ms: null, p99Ms: null },
    ])
  })

  test('of a script that is not ours has k6’s own latency and errors', async () => {
    const text = gunzipSync(await readFile(real)).toString()
    const [point] = (await read(text.replaceAll('mlops_', 'theirs_'))) ?? []
    expect(point).toMatchObject({ requestsPerSecond: 243, errorsPerSecond: expect.closeTo(25, 2), p99Ms: 15.952 })
  })

  test.each([
    ['empty', ''],
    ['of a run too short for a period', '{"event":"start","data":[[1]]}\n{"event":"stop","data":[[2]]}\n'],
    ['of another shape', '{"event":"snapshot","data":{"http_reqs":1}}\n'],
    ['no JSON', '{"event":"snapshot","data":\n'],
  ])('that is %s is none', async (_, text) => {
    expect(await read(text)).toBeNull()
  })

  test('that is not there, is no gzip, or is cut off is none', async () => {
    expect(await readTimeline(join(folder, 'nothing.gz'))).toBeNull()
    await writeFile(join(folder, 'plain.gz'), 'plain')
    expect(await readTimeline(join(folder, 'plain.gz'))).toBeNull()
    await writeFile(join(folder, 'cut.gz'), (await readFile(real)).subarray(0, 1500))
    expect(await readTimeline(join(folder, 'cut.gz'))).toBeNull()
  })

  test('of a load of many hours is no longer than an hour of seconds', async () => {
    const [param, ...lines] = gunzipSync(await readFile(real))
      .toString()
      .split('\n')
    const at = 1_795_819_765_017
    const snapshot = lines.filter((line) => line.startsWith('{"event":"snapshot"')).at(-1) ?? ''
    const head = [param, ...lines.filter((line) => /"event":"(metric|start)"/.test(line))]
    const long = Array.from({ length: 8000 }, (_, second) => snapshot.replace(/\[179581\d+\]/, `[${at + (second + 1) * 1000}]`))
    const timeline = await read([...head, ...long].join('\n'))
    expect(timeline?.length).toBe(2000)
    expect(timeline?.at(-1)).toMatchObject({ atMs: 8_000_000, requestsPerSecond: 3597 })
  }, 30_000)
})
