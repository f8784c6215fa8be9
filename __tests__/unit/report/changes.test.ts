import { describe, expect, test } from '@jest/globals'
import { changesTable, changesTitle } from '../../../src/report/changes.ts'
import { renderMarkdown } from '../../../src/report/markdown.ts'
import type { Report } from '../../../src/report/report.ts'
import { type ScopeNumbers, type Snapshot, snapshotOf } from '../../../src/report/snapshot.ts'
import { reports } from '../runs.ts'

/** The run before: the same numbers, unless a test changes them. */
function earlier(more: Partial<Snapshot> = {}, total: Partial<ScopeNumbers> = {}, foo: Partial<ScopeNumbers> = {}): Snapshot {
  const same = snapshotOf(reports.passed, null)
  const numbers = { ...same, total: { ...(same.total as ScopeNumbers), ...total } }
  const services = { ...same.services, foo: { ...(same.services.foo as ScopeNumbers), ...foo } }
  return { ...numbers, services, runId: 41, sha: 'abc1234def01', ...more }
}

const rows = (report: Report, previous: Snapshot | null) => changesTable(report, previous)?.rows.map(({ cells }) => cells.join(' | ')) ?? null

describe('what changed since the last run', () => {
  test('is nothing without one, or with the run itself', () => {
    expect([changesTable(reports.passed, null), changesTitle(reports.passed, null)]).toEqual([null, null])
    const own = snapshotOf(reports.passed, null)
    expect([changesTable(reports.passed, { ...own, verdict: 'failed' }), changesTitle(reports.passed, own)]).toEqual([null, null])
    expect(changesTitle(reports.passed, { ...own, runAttempt: 2 })).not.toBeNull()
  })

  test('is said of the commit it was, where that is known', () => {
    expect(changesTitle(reports.passed, earlier())).toBe('Since the last run (commit abc1234)')
    expect(changesTitle(reports.passed, earlier({ sha: null }))).toBe('Since the last run')
  })

  test('is nothing when nothing differs by more than noise', () => {
    // In the report: 1333/s, 2 % errors, p95 12.35 ms, p99 96.5 ms.
    expect(rows(reports.passed, earlier({}, { requestsPerSecond: 1220, errorRate: 0.0195, p95Ms: 11.4, p99Ms: 90 }))).toBeNull()
  })

  test.each<[string, Partial<ScopeNumbers>, string[] | null]>([
    ['a rate', { requestsPerSecond: 1000 }, ['All: rate | 1,000/s | 1,333/s | ▲ 33%']],
    ['errors', { errorRate: 0.001 }, ['All: errors | 0.1% | 2% | ▲ 1.9 points']],
    ['errors where there were none', { errorRate: 0 }, ['All: errors | 0% | 2% | ▲ 2 points']],
    ['a p95', { p95Ms: 20 }, ['All: p95 | 20 ms | 12.3 ms | ▼ 38%']],
    ['a p99', { p99Ms: 5 }, ['All: p99 | 5 ms | 96.5 ms | ▲ × 19']],
    ['a p95 by a large part of nearly nothing', { p95Ms: 11.6 }, null],
    ['a number that was missing', { p95Ms: null }, ['All: p95 | – | 12.3 ms | ']],
  ])('is %s', (_, total, expected) => {
    expect(rows(reports.passed, earlier({}, total))).toEqual(expected)
  })

  test('is a number that is missing now', () => {
    expect(rows(reports['no data'], earlier({ verdict: reports['no data'].verdict }))).toContain('All: p95 | 12.3 ms | – | ')
  })

  test('of less than a millisecond is none, whatever part that is', () => {
    const fast = structuredClone(reports.passed) as Report
    const percentiles = fast.load?.total.latencyMs.percentiles as Record<string, number>
    percentiles['95'] = 1.4
    expect(rows(fast, earlier({}, { p95Ms: 0.5 }))).toBeNull()
  })

  test('is told for each service that was there before, too', () => {
    const previous = earlier({}, {}, { p95Ms: 6 })
    expect(rows(reports.passed, previous)).toEqual(['foo: p95 | 6 ms | 12.3 ms | ▲ 106%'])
    const { foo: _, ...others } = previous.services
    expect(rows(reports.passed, { ...previous, services: others })).toBeNull()
  })

  test('is the verdict, and the load, which makes numbers hard to compare', () => {
    expect(rows(reports['stage failed'], earlier())).toEqual(['Verdict | passed | failed | '])
    expect(rows(reports.passed, earlier({ verdict: 'failed', load: '50 VUs for 30 s' }))).toEqual([
      'Verdict | failed | passed | ',
      'Load | 50 VUs for 30 s | 10 VUs for 30 s | ',
    ])
  })

  test('is no more than a dozen numbers, the largest changes, in their usual order', () => {
    const many = reports['40 services']
    const same = snapshotOf(many, null)
    const slower = Object.entries(same.services).map(([name, numbers], index) => [name, { ...numbers, p95Ms: 13.8 + index }])
    const shown = rows(many, { ...same, runId: 41, services: Object.fromEntries(slower) })
    expect(shown).toHaveLength(13)
    expect(shown?.at(0)).toMatch(/^model-29: p95/)
    expect(shown?.at(-1)).toMatch(/^and \d+ smaller changes/)
  })
})

describe('in the comment it is', () => {
  test('a section after the gates', () => {
    const text = renderMarkdown(reports['gate failed'], { artifact: null, previous: earlier({}, { p95Ms: 6 }) })
    const section = text.slice(text.indexOf('**Since'), text.indexOf('<details>'))
    expect(text.indexOf('| Gate')).toBeLessThan(text.indexOf('**Since'))
    expect(section).toMatchInlineSnapshot(`
"**Since the last run (commit abc1234)**

|  | Then | Now | Change |
| :-- | --: | --: | --: |
| Verdict | passed | failed |  |
| All: p95 | 6 ms | 12.3 ms | ▲ 106% |

"
`)
  })

  test('a sentence when nothing is to be said, and nothing without a run before', () => {
    expect(renderMarkdown(reports.passed, { artifact: null, previous: earlier() })).toContain(
      '\n\nSince the last run (commit abc1234): nothing that is more than noise.\n\n',
    )
    expect(renderMarkdown(reports.passed, { artifact: null, previous: null })).toBe(renderMarkdown(reports.passed, { artifact: null }))
  })
})
