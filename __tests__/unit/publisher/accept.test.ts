import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { acceptReport } from '../../../src/publisher/accept.ts'
import { renderPublished } from '../../../src/publisher/page.ts'
import type { Report } from '../../../src/report/report.ts'
import { linksInMarkdown, linksInText, readText, skeleton, withoutBreakers, withoutFences } from '../report/github.ts'
import { hostileText, reportWith } from '../report/hostile.ts'
import { context, reports } from '../runs.ts'
import { finishedRun } from './runs.ts'

const trusted = { repository: 'octo-org/service', pullRequest: 7, runUrl: 'https://github.com/octo-org/service/actions/runs/4242' }
const run = finishedRun()
const accept = (value: unknown) => acceptReport(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)), run, trusted)
const problem = (value: unknown) => {
  const answer = accept(value)
  return 'problem' in answer ? answer.problem : 'taken'
}

/** The report as it is shown, or why it is not. */
function page(report: unknown, limit = 65_000): string {
  const answer = accept(report)
  if ('problem' in answer) return `refused: ${answer.problem}`
  return renderPublished(answer.report, run, { artifact: `${trusted.runUrl}/artifacts/9` }, limit)
}

describe('a report of another run', () => {
  test.each(Object.entries(reports))('of ours is taken: %s', (_, report) => {
    expect(accept({ ...report, context })).toMatchObject({ report: { verdict: report.verdict, sentence: report.sentence } })
  })

  test('says nothing of where it happened and for what: that comes from GitHub', () => {
    const forged = {
      ...reports.passed,
      context: { ...context, repository: 'evil/evil', pullRequest: 666, runUrl: 'https://evil.example/', runId: 1, runAttempt: 9, workflow: 'release' },
    }
    expect(accept(forged)).toMatchObject({
      report: { context: { ...trusted, runId: 4242, runAttempt: 1, workflow: 'pipeline', job: 'pipeline', sha: run.headSha } },
    })
    expect(page(forged)).not.toMatch(/evil|666/)
  })

  test('loses keys that nobody knows, long texts’ ends, a matrix’ rest and files with names of their own', () => {
    const answer = accept({
      ...reports.passed,
      context: { ...context, matrix: Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 'x'.repeat(500)])) },
      sentence: 'x'.repeat(10_000),
      files: ['report.html', '../../x', '`<img>`', '-rf', 'evidence'],
      html: '<script>',
    })
    if ('problem' in answer) throw new Error(answer.problem)
    expect(answer.report).not.toHaveProperty('html')
    expect(answer.report.sentence).toHaveLength(2001)
    expect(answer.report.files).toEqual(['report.html', 'evidence'])
    expect(Object.values(answer.report.context.matrix ?? {})).toEqual(Array.from({ length: 10 }, () => 'x'.repeat(100)))
  })

  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  test.each<[string, unknown, string]>([
    ['nothing', '', 'not JSON'],
    ['half of one', JSON.stringify(reports.passed).slice(0, 500), 'not JSON'],
    ['a zip', 'PK\u0003\u0004…', 'zip'],
    ['nesting without end', nested, 'nested'],
    ['nesting in a place of its own', JSON.stringify(reports.passed).replace('"matrix":null', `"matrix":{"a":${nested}}`), 'nested'],
    ['a list without end', { ...reports.passed, warnings: Array.from({ length: 5001 }, () => '') }, 'list'],
    ['an object without end', { ...reports.passed, x: Object.fromEntries(Array.from({ length: 5001 }, (_, index) => [index, 0])) }, 'list'],
    ['a key without end', { ...reports.passed, ['x'.repeat(301)]: 1 }, 'key'],
    ['a number that cannot be written', JSON.stringify(reports.passed).replace(/"requests":\d+/, '"requests":1e300'), 'number'],
    ['another commit', { ...reports.passed, context: { ...context, sha: 'f'.repeat(40) } }, 'another commit'],
    ['no commit', { ...reports.passed, context: { ...context, sha: null } }, 'another commit'],
    ['another version', { ...reports.passed, schemaVersion: 2 }, 'no report: schemaVersion'],
    ['something else', { packages: {} }, 'no report'],
    ['null', 'null', 'no report'],
  ])('that is %s is refused, in words of ours', (_, value, words) => {
    expect(problem(value)).toContain(words)
    expect(problem(value).length).toBeLessThanOrEqual(500)
  })

  test('that is not UTF-8 is refused', () => {
    expect(acceptReport(new Uint8Array([0x7b, 0xff, 0xfe]), run, trusted)).toEqual({ problem: 'it is not JSON' })
  })

  test('never breaks the reader or the page, whatever is in it', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => expect(problem(text)).not.toBe('taken')))
  })
})

test('a report with something else in one place is refused or shown, never a crash', () => {
  const whole = { ...reports.passed, context }
  const place = fc.constantFrom(...placesOf(JSON.parse(JSON.stringify(whole)), () => true))
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constantFrom('__proto__', 'constructor', 1e15, -1e15, 5e-324))
  fc.assert(
    fc.property(place, value, (where, other) => {
      const changed = JSON.parse(JSON.stringify(whole)) as Record<string, unknown>
      let parent = changed
      for (const key of where.slice(0, -1)) parent = parent[key] as Record<string, unknown>
      parent[where.at(-1) as string] = other
      expect(page(changed)).toMatch(/^(refused: |> ✅ \*\*GitHub says)/)
    }),
    { numRuns: 300 },
  )
}, 30_000)

/** A copy with every text replaced, but those that are words of the schema. */
function saying(report: Report, text: string): unknown {
  const replaced = (value: unknown): unknown => {
    if (typeof value === 'string') return text
    if (Array.isArray(value)) return value.map(replaced)
    return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item)])) : value
  }
  let said = JSON.parse(JSON.stringify(report)) as Record<string, unknown>
  for (const place of placesOf(said)) {
    const changed = structuredClone(said)
    let parent = changed as Record<string, unknown>
    for (const key of place.slice(0, -1)) parent = parent[key] as Record<string, unknown>
    parent[place.at(-1) as string] = replaced(parent[place.at(-1) as string])
    if ('report' in accept(changed)) said = changed
  }
  return said
}

/** Every place of a kind, by its keys from the top; those that hold a text unless told otherwise. */
function placesOf(value: unknown, wanted: (item: unknown) => boolean = (item) => typeof item === 'string', place: readonly string[] = []): string[][] {
  const below = value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([key, item]) => placesOf(item, wanted, [...place, key])) : []
  return place.length > 0 && wanted(value) ? [[...place], ...below] : below
}

describe('the comment', () => {
  test('begins with what GitHub says, and says whose word the rest is', () => {
    const [first, , label, , headline] = page({ ...reports.passed, context }).split('\n')
    expect(first).toBe(`> ✅ **GitHub says this run of pipeline: success** ([run](${trusted.runUrl}))`)
    expect(label).toMatch(/^> All below is as reported by the pull request’s own run of 0123456/)
    expect(headline).toMatch(/^### /)
    const short = page(reports['40 services'], 4000)
    expect(short).toMatch(/^> ✅ \*\*GitHub says/)
    expect(short.length).toBeLessThanOrEqual(4000)
  })

  test.each([
    ['a percentile', 'percentiles', '"95"'],
    ['a status', 'statuses', '"503"'],
  ])('has no column that the report named: %s', (_, where, key) => {
    const text = JSON.stringify(reports.passed)
    const at = text.indexOf(key, text.indexOf(`"${where}":{`))
    expect(page(`${text.slice(0, at)}"<img> @octocat"${text.slice(at + key.length)}`)).toMatch(/^refused: it is no report: load\./)
  })

  test('shows a failure that the report denies', () => {
    const shown = renderPublished(reports.passed, finishedRun({ conclusion: 'failure' }), { artifact: null }, 65_000)
    expect(shown).toMatch(/^> ❌ \*\*GitHub says this run of pipeline: failure\*\*/)
  })

  test('of a workflow and a conclusion with names of their own has them as text', () => {
    const shown = renderPublished(reports.passed, finishedRun({ workflow: '<b>@octocat', conclusion: '![x](y)' }), { artifact: null }, 65_000)
    expect(shown.split('\n')[0]).not.toMatch(/<b>|@octocat|!\[/)
  })

  const markup = (text: string) =>
    skeleton(withoutBreakers(page({ ...reportWith(`x${text}x`), context: { ...context, matrix: { key: text } } }))).replace(/[@#]/g, '')

  test('has no markup, mention, reference, link or picture of the report’s, whatever it says', () => {
    const plain = markup('plain')
    fc.assert(
      fc.property(hostileText, (text) => expect(markup(text)).toBe(plain)),
      { numRuns: 30 },
    )
  }, 30_000)

  test.each(['passed', 'gate failed', 'stage failed', '40 services', 'local processes'] as const)(
    'has none either when every single text of it says it: %s',
    (name) => {
      const text = '<img src=x> ![x](//evil.example/x.png) [x](https://evil.example) www.evil.example @octocat #1 octo/app#2 `x` | --> </details> :octocat: $x$'
      const small = { ...reports[name], services: reports[name].services.slice(0, 2), stages: reports[name].stages.slice(-3), context }
      const shown = page(saying(small, text))
      expect(shown).toMatch(/^> ✅ \*\*GitHub says/)
      expect(shown).toContain('evil')
      const ours = withoutFences(shown)
      expect(ours.replace(/<\/?(details|summary|sub|br)>/g, '')).not.toMatch(/<|-->/)
      expect(linksInText(readText(ours))).toEqual([])
      const trustedLinks = [trusted.runUrl, `https://github.com/octo-org/service/commit/${run.headSha})`]
      expect(linksInMarkdown(ours).filter((link) => !trustedLinks.some((own) => link.startsWith(own)))).toEqual([])
      expect(ours).not.toMatch(/!\[|(?<!\\)\]\((?!https:\/\/github\.com\/octo-org\/service\/)|:octocat:|\$/)
    },
    60_000,
  )
})
