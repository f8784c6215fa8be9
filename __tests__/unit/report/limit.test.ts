import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { clip, fitSections, type Layout, type Section } from '../../../src/report/limit.ts'
import { type Links, renderMarkdown } from '../../../src/report/markdown.ts'
import type { Report } from '../../../src/report/report.ts'
import { failureOf, metricsOf, recordOf, reportOf, reports, timelineOf, useOf } from '../runs.ts'
import { withoutFences } from './github.ts'
import { hostileText, reportWith } from './hostile.ts'

const characters = (text: string) => text.length
const bytes = (text: string) => Buffer.byteLength(text)
const comment: Layout = { brief: true, limit: 65_536 - 200 - 4096, size: characters }
const summary: Layout = { brief: false, limit: 1024 * 1024, size: bytes }
const links: Links = { artifact: 'https://github.com/octo/app/actions/runs/42/artifacts/9' }

describe('a page', () => {
  const note = (names: readonly string[]) => `left out: ${names.join(', ')}`
  const section = (name: string, length: number, rank?: number): Section => ({ name, markdown: name.padEnd(length, '.'), ...(rank && { rank }) })
  const page = [section('head', 10), section('dear', 100, 1), section('cheap', 100, 3), section('small', 20, 4), section('big', 300, 2), section('foot', 10)]
  const fitted = (limit: number, size = characters) => fitSections(page, { brief: false, limit, size }, note)
  const names = (text: string) => text.split('\n\n').map((part) => part.replace(/\.+\n?$/, ''))

  test('that fits is whole', () => {
    const whole = fitted(Number.POSITIVE_INFINITY)
    expect(names(whole)).toEqual(['head', 'dear', 'cheap', 'small', 'big', 'foot'])
    expect(fitted(whole.length)).toBe(whole)
  })

  test('that does not loses whole sections, the least important first, and names them in the order of the page', () => {
    expect(names(fitted(480))).toEqual(['head', 'dear', 'big', 'left out: cheap, small', 'foot'])
  })

  test('keeps what there is room for beside something too big', () => {
    expect(names(fitted(540))).toEqual(['head', 'dear', 'small', 'big', 'left out: cheap', 'foot'])
    expect(names(fitted(300))).toEqual(['head', 'dear', 'cheap', 'small', 'left out: big', 'foot'])
  })

  test('always keeps what has no rank', () => {
    expect(names(fitted(1))).toEqual(['head', 'left out: dear, cheap, small, big', 'foot'])
  })

  test('is measured in the limit’s own unit', () => {
    const wide = [{ name: 'a', markdown: '\u{1f600}'.repeat(100), rank: 1 }, section('foot', 10)]
    expect(fitSections(wide, { brief: false, limit: 300, size: characters }, note)).not.toContain('left out')
    expect(fitSections(wide, { brief: false, limit: 300, size: bytes }, note)).toContain('left out: a')
  })
})

describe('text cut to a length', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc…'],
    ['ab\u{1f600}', 3, 'ab…'],
    ['', 0, ''],
  ])('%j at %d is %j', (text, length, cut) => {
    expect(clip(text, length)).toBe(cut)
  })
})

/** So many services, each with everything that is measured of one and a gate that it missed, and an hour’s timeline. */
function many(count: number): Report {
  const report = reports['40 services']
  const { load } = report
  if (!load) throw new Error('expected a load')
  const names = Array.from({ length: count }, (_, index) => `model-${index}-${'x'.repeat(50)}`)
  const model = load.services['model-01'] ?? metricsOf()
  const [gate] = report.gates
  return {
    ...report,
    services: names.flatMap((name) => report.services.slice(0, 1).map((service) => ({ ...service, name }))),
    load: {
      ...load,
      timeline: timelineOf(3600),
      services: Object.fromEntries(names.map((name) => [name, model])),
      resources: { services: names.map((name) => ({ name, containers: [useOf(), useOf()] })), controller: null, note: null },
    },
    gates: names.flatMap((service) => (gate ? [{ ...gate, service, status: 'failed' as const }] : [])),
  }
}

const pages: readonly [string, Layout][] = [
  ['comment', comment],
  ['summary', summary],
]

describe.each(pages)('a %s', (_, layout) => {
  const render = (report: Report, to: Links = links) => renderMarkdown(report, to, layout)
  const isWhole = (page: string) => {
    const text = withoutFences(page)
    expect(text.match(/<details/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0)
    expect(layout.size(page)).toBeLessThanOrEqual(layout.limit)
  }

  test.each([40, 200, 1000])('on %d services that all missed a gate fits, with verdict, gates and links', (count) => {
    const page = render(many(count))
    isWhole(page)
    expect(page).toMatch(/^### ✅ Pipeline passed\n/)
    expect(page).toMatch(/\| ❌ \| \*\*model-\d+-x+: healthy-services\*\* \|/)
    expect(page).toContain('[artifact](')
  })

  test('of hostile text of any length fits, and still says what to do', () => {
    fc.assert(
      fc.property(hostileText, fc.integer({ min: 1, max: 30_000 }), (text, times) => {
        const page = render(reportWith(`x${text}`.repeat(times).slice(0, 50_000)), { ...links, notes: [text] })
        isWhole(page)
        expect(page).toMatch(/^### ❌ Pipeline failed/)
        expect(page).toContain('**What to do:**')
      }),
      { numRuns: 10 },
    )
  }, 60_000)

  test('of a failure with endless evidence and causes fits, and keeps the first of them', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'&'.repeat(500)}`)
    const failure = failureOf('&'.repeat(100_000), { remedy: '<'.repeat(100_000), evidence: lines, causes: lines })
    const page = render(reportOf(recordOf({ services: { status: 'failed', data: null, failure } }, { failedStage: 'services' }), { warnings: lines }))
    isWhole(page)
    expect(page).toContain('line 0 &')
    expect(page).toContain('… and 19990 more')
  })
})

describe('what was left out', () => {
  test('is named, with a link to the artifact', () => {
    expect(renderMarkdown(many(200), links, comment)).toMatch(
      /\n> Left out for length: ([A-Z][\w ]+, )*[A-Z][\w ]+; the \[artifact\]\(https:\/\/github\.com\/[\w/]+\) has them\.\n/,
    )
  })

  test('is promised of no artifact when there is none', () => {
    const page = renderMarkdown(many(200), { artifact: null }, comment)
    expect(page).toMatch(/\n> Left out for length: [\w, ]+\.\n/)
    expect(page).not.toContain('artifact')
  })

  test('is nothing as long as there is room', () => {
    for (const report of Object.values(reports)) expect(renderMarkdown(report, links, comment)).not.toContain('Left out')
  })
})
