import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeSnapshot, encodeSnapshot, type Snapshot, snapshotLimit, snapshotOf, withSnapshot } from '../../../src/report/snapshot.ts'
import { reports } from '../runs.ts'

const block = (data: unknown) =>
  `<!-- mlops-pipeline-action-data ${Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64url')} -->`
const written = { v: 1, run: [42, 1], sha: '0123456789ab', verdict: 'passed', load: '10 VUs for 30 s', total: [1, 2, 0.5, 3, 4, 5], services: {}, stages: {} }

describe('a snapshot', () => {
  test('is what the next run compares with', () => {
    expect(decodeSnapshot(encodeSnapshot(snapshotOf(reports.passed, null)))).toMatchInlineSnapshot(`
{
  "load": "10 VUs for 30 s",
  "runAttempt": 1,
  "runId": 42,
  "services": {
    "bar": {
      "avgMs": 4.5,
      "errorRate": 0.0402,
      "p95Ms": 12.35,
      "p99Ms": 96.5,
      "requests": 19900,
      "requestsPerSecond": 663.3,
    },
    "foo": {
      "avgMs": 4.5,
      "errorRate": 0,
      "p95Ms": 12.35,
      "p99Ms": 96.5,
      "requests": 20100,
      "requestsPerSecond": 670,
    },
  },
  "sha": "0123456789ab",
  "stages": {
    "cluster": 15250,
    "health": 1350,
    "ingress": 8050,
    "k6": 1900,
    "kind": 900,
    "kubectl": 1200,
    "load": 31400,
    "nodes": 9400,
    "services": 7500,
  },
  "total": {
    "avgMs": 4.5,
    "errorRate": 0.02,
    "p95Ms": 12.35,
    "p99Ms": 96.5,
    "requests": 40000,
    "requestsPerSecond": 1333,
  },
  "verdict": "passed",
}
`)
  })

  test.each(Object.entries(reports))('of a report comes back from its comment: %s', (_, report) => {
    const line = encodeSnapshot(snapshotOf(report, null))
    expect(line.length).toBeLessThanOrEqual(snapshotLimit)
    const read = decodeSnapshot(`<!-- marker -->\n${line}\n### Text\n`)
    expect(read).toMatchObject({ verdict: report.verdict, runId: report.context.runId, sha: report.context.sha?.slice(0, 12) ?? null })
    // What was shortened once stays as it is.
    expect(read && encodeSnapshot(read)).toBe(line)
  })

  test('keeps the times of stages that this run did not come to', () => {
    const first = snapshotOf(reports.passed, null)
    const { stages, total } = snapshotOf(reports.cancelled, { ...first, stages: { ...first.stages, load: 31_000, kind: 5 } })
    expect(stages).toMatchObject({ load: 31_000, kind: 900 })
    expect(total).toBeNull()
  })

  test('leaves out the last services when there is no room for all', () => {
    const one = snapshotOf(reports.passed, null)
    const services = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`service-${index}`, one.total]))
    const line = encodeSnapshot({ ...one, services } as Snapshot)
    expect(line.length).toBeLessThanOrEqual(snapshotLimit)
    const kept = Object.keys(decodeSnapshot(line)?.services ?? {})
    expect(kept.length).toBeGreaterThan(20)
    expect(kept).toEqual(Object.keys(services).slice(0, kept.length))
  })

  test('stands before a page, or not at all', () => {
    const snapshot = snapshotOf(reports.passed, null)
    expect(withSnapshot(null, 'text')).toBe('text')
    expect(withSnapshot(snapshot, 'text')).toBe(`${encodeSnapshot(snapshot)}\ntext`)
  })

  test('is one invisible line, whatever is in it', () => {
    const words = fc.string({ unit: 'binary', maxLength: 300 })
    const number = fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }))
    const scope = fc.record({
      requests: fc.nat(),
      requestsPerSecond: number,
      errorRate: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      avgMs: number,
      p95Ms: number,
      p99Ms: number,
    })
    const snapshots = fc.record({
      runId: fc.option(fc.nat()),
      runAttempt: fc.option(fc.nat()),
      sha: fc.option(words),
      verdict: fc.constantFrom('passed', 'failed', 'invalid', 'inconclusive', 'cancelled') as fc.Arbitrary<Snapshot['verdict']>,
      load: fc.option(words),
      total: fc.option(scope),
      services: fc.dictionary(words, scope, { maxKeys: 60 }),
      stages: fc.dictionary(words, fc.nat(), { maxKeys: 200 }),
    })
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const line = encodeSnapshot(snapshot)
        expect(line).toMatch(/^<!-- mlops-pipeline-action-data [\w-]+ -->$/)
        expect(line.length).toBeLessThanOrEqual(snapshotLimit)
        expect(decodeSnapshot(line)).toMatchObject({ verdict: snapshot.verdict, runId: snapshot.runId })
      }),
    )
  })
})

describe('what is not a snapshot of ours is ignored', () => {
  test('but the one that all of these are made from is not', () => {
    expect(decodeSnapshot(block(written))).toMatchObject({ runId: 42, verdict: 'passed', total: { requests: 1, errorRate: 0.5, p99Ms: 5 } })
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['text', 'no block here'],
    ['no base64', '<!-- mlops-pipeline-action-data {"v":1} -->'],
    ['no JSON', block('{"v":1')],
    ['another version', block({ ...written, v: 2 })],
    ['another verdict', block({ ...written, verdict: '**passed**' })],
    ['a commit that is none', block({ ...written, sha: '<script>' })],
    ['words for numbers', block({ ...written, total: ['1', 2, 3, 4, 5, 6] })],
    ['a number too few', block({ ...written, total: [1, 2, 0.5, 4, 5] })],
    ['a share above 1', block({ ...written, total: [1, 2, 3, 4, 5, 6] })],
    ['negative times', block({ ...written, stages: { kind: -1 } })],
    ['a list for an object', block({ ...written, services: [] })],
    ['endless words', block({ ...written, load: 'x'.repeat(201) })],
    ['more than there is room for', block({ ...written, stages: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`stage-${index}`, 1])) })],
    ['a block in the middle of a line', `text ${block(written)}`],
  ])('%s', (_, body) => {
    expect(decodeSnapshot(body)).toBeNull()
  })

  test('and a stage by the name of a prototype is nobody’s', () => {
    const hostile = JSON.stringify(written).replace('"stages":{}', '"stages":{"__proto__":1,"constructor":2}')
    const { stages = {} } = decodeSnapshot(block(hostile)) ?? {}
    expect(Object.getPrototypeOf(stages)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).constructor).toBe(Object)
  })
})
