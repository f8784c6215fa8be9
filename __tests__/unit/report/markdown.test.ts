import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { resolveConfig } from '../../../src/config/config.ts'
import { evaluateGates } from '../../../src/gates/evaluate.ts'
import type { Layout } from '../../../src/report/limit.ts'
import { renderMarkdown } from '../../../src/report/markdown.ts'
import type { Tool } from '../../../src/stages/tools/tool.ts'
import { configOf, context, recordOf, reportOf, reports } from '../runs.ts'
import { linksInText, readText, skeleton, withoutBreakers, withoutFences } from './github.ts'
import { hostileText, reportWith } from './hostile.ts'

const links = { artifact: 'https://github.com/octo/app/actions/runs/42/artifacts/9' }

const comment: Layout = { brief: true, limit: 61_240, size: (text) => text.length }
const summary: Layout = { brief: false, limit: 1024 * 1024, size: (text) => Buffer.byteLength(text) }

describe('the page of a run', () => {
  test.each(Object.entries(reports))('%s, as comment', (_, report) => {
    expect(renderMarkdown(report, links, comment)).toMatchSnapshot()
  })

  test.each(Object.entries(reports))('%s, as job summary', (_, report) => {
    expect(renderMarkdown(report, links, summary)).toMatchSnapshot()
  })

  test('without artifact, pull request or address has no link, but says why', () => {
    const bare = reportOf(recordOf(), { context: { ...context, runUrl: null, sha: null }, files: [] })
    const page = renderMarkdown(bare, { artifact: null, notes: ['No artifact: this runner offers no artifact service.'] })
    expect(page).not.toMatch(/\]\(/)
    expect(page).not.toContain('report.html')
    expect(page).toMatch(/<\/details>\n\n> No artifact: this runner offers no artifact service\.\n\n<sub>10 VUs for 30 s · 57\.5 s in all<\/sub>\n$/)
  })

  test('of a job with a matrix names its values', () => {
    const headline = (matrix: Record<string, unknown>) => renderMarkdown(reportOf(recordOf(), { context: { ...context, matrix } }), links).split('\n')[0]
    expect(headline({ arch: 'arm64', node: 24, edge: true })).toBe('### ✅ Pipeline passed · arm64, 24, true')
    expect(headline({ config: { name: 'small', cpu: 2 } })).not.toContain('object Object')
  })

  test.each<[Tool['from'], string]>([
    ['path', 'on PATH'],
    ['tool-cache', 'tool cache'],
    ['github-cache', 'GitHub’s cache, verified'],
    ['download', 'downloaded and verified'],
    ['go', 'built with go install'],
  ])('says that a program came from %s', (from, words) => {
    const page = renderMarkdown({ ...reportOf(recordOf()), tools: [{ name: 'k6', version: '2.3.0', path: '/k6', from }] }, links)
    expect(page).toContain(`- **Tool:** k6 2.3.0 (${words})`)
  })

  test('of a run with another version than the one asked for says so, in a warning too', () => {
    const note = 'k6 2.2.0 instead of 2.3.0: the nearest that could be had'
    const page = renderMarkdown(reportOf(recordOf({ k6: { data: { name: 'k6', version: '2.2.0', path: '/k6', from: 'go', note } } })), links)
    expect(page).toContain(`<br>k6 2.2.0 (built with go install): ${note}`)
    expect(page).toContain(`<details><summary>Warnings · 1</summary>\n\n- ${note}`)
  })

  test('shows a dash for a number that is missing, never a 0', () => {
    const row = (layout: Layout) =>
      renderMarkdown(reports['no data'], links, layout)
        .split('\n')
        .find((line) => line.startsWith('| foo |'))
    expect(row(summary)).toMatch(/^\| foo \| 0( \| –)+ \|$/)
    expect(row(comment)).toMatch(/^\| foo( \| –)+ \|$/)
  })

  test('shows the verdict and the sentence first: a reader has ten seconds', () => {
    for (const [, report] of Object.entries(reports)) {
      const [headline, empty, sentence] = renderMarkdown(report, links).split('\n')
      expect(headline).toContain(`Pipeline ${report.verdict}`)
      expect([empty, sentence?.toLowerCase().slice(0, 4)]).toEqual(['', report.sentence.toLowerCase().slice(0, 4)])
    }
  })

  test('has tables whose rows all have as many cells as their head', () => {
    for (const report of Object.values(reports)) {
      const tables = renderMarkdown(report, links)
        .split('\n\n')
        .filter((block) => block.startsWith('|'))
      expect(tables.length).toBeGreaterThan(0)
      for (const table of tables) {
        const cells = table.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length)
        expect(new Set(cells).size).toBe(1)
      }
    }
  })
})

describe('a gate that did not hold', () => {
  const thresholds = 'bar: error-rate < 1%\nfoo: p(99) < 90ms\nfoo: med < 1ms'
  const page = renderMarkdown(reportOf(recordOf(), { config: configOf({ 'max-p95': '12.34ms', thresholds }) }), links, comment)
  const rowOf = (name: string) => page.split('\n').find((line) => line.startsWith(`| ${name} |`))

  test('stands beside its limit in the cell it judges, with the digits that tell the two apart', () => {
    expect(rowOf('foo')).toContain('| **96.5&nbsp;ms**&nbsp;❌<br>(&lt;&nbsp;90&nbsp;ms) |')
    expect(rowOf('bar')).toContain('| **4.02%**&nbsp;❌<br>(&lt;&nbsp;1%) |')
    expect(rowOf('**all**')).toContain('| **12.35&nbsp;ms**&nbsp;❌<br>(&lt;=&nbsp;12.34&nbsp;ms) |')
  })

  test('is the first in the table of gates, also without a column of its own', () => {
    const gates = page.slice(page.indexOf('| Gate |')).split('\n').slice(2, 6)
    expect(gates.map((line) => line.slice(2, 3))).toEqual(['❌', '❌', '❌', '❌'])
    expect(gates.join()).toContain('| ❌ | **foo: med** | &lt; 1 ms | 3.25 ms |')
  })

  test('that has no value is marked too', () => {
    expect(renderMarkdown(reports['no data'], links, comment)).toContain('| **–**&nbsp;❔<br>(&lt;&nbsp;10%) |')
  })
})

describe('the comment on many services', () => {
  const page = renderMarkdown(reports['40 services'], links, comment)

  test('shows ten of them, those that missed a gate and the slowest first, and folds the rest', () => {
    const [inSight = '', rest = ''] = page.split('<details><summary>All 40 services</summary>')
    expect(inSight.match(/^\| model-\d+ \|/gm)).toHaveLength(10)
    expect(inSight).toContain('10 of 40 services')
    expect(rest.slice(0, rest.indexOf('</details>')).match(/^\| model-\d+ \|/gm)).toHaveLength(40)
  })

  test('shows the gates that did not hold, and folds the others', () => {
    const thresholds = Array.from({ length: 40 }, (_, index) => `model-${String(index + 1).padStart(2, '0')}: p(95) < ${index < 3 ? 1 : 500}ms`).join('\n')
    const { config } = resolveConfig({ inputs: { thresholds }, env: {}, services: reports['40 services'].services.map(({ name }) => name) })
    const gates = [...reports['40 services'].gates, ...evaluateGates(config.gates, reports['40 services'].load ?? undefined)]
    const [inSight = '', rest = ''] = renderMarkdown({ ...reports['40 services'], gates }, links, comment).split(/<details><summary>All \d+ gates/)
    expect(inSight.match(/^\| ❌ \| \*\*model-0\d: p\(95\)\*\*/gm)).toHaveLength(3)
    expect(rest).toContain('model-40: p(95)')
    expect(inSight).not.toContain('model-40: p(95)')
  })
})

describe('text from outside', () => {
  const page = (text: string, layout?: Layout) => renderMarkdown({ ...reportWith(text), files: [text] }, { ...links, notes: [text] }, layout)

  test('is in the page in many places', () => {
    expect(page('Zaphod').split(/zaphod/i).length).toBeGreaterThan(30)
  })

  test('adds no markup to the page, whatever it is', () => {
    const markup = (text: string) => skeleton(withoutBreakers(page(`x${text.slice(0, 60)}x`))).replace(/[@#]/g, '')
    const plain = markup('plain')
    fc.assert(
      fc.property(hostileText, (text) => expect(markup(text)).toBe(plain)),
      { numRuns: 50 },
    )
  })

  test('notifies nobody and refers to nothing', () => {
    const text = 'by @octocat and @octo/team, see #1, octo/app#2, GH-3, me@evil.example'
    expect(linksInText(readText(withoutFences(page(text))))).toEqual([])
  })

  test.each(['javascript:alert(1)', 'data:text/html,x', '//evil.example', 'https://', 'x](https://evil.example)'])(
    'is no address for a link: %s',
    (address) => {
      const report = { ...reports.passed, context: { ...context, runUrl: address } }
      expect(renderMarkdown(report, { artifact: address })).not.toMatch(/\]\(/)
    },
  )

  test('cannot end the link whose address it is', () => {
    const page = renderMarkdown(reports.passed, { artifact: 'https://a.example/x) [y](https://evil.example)' })
    expect(page).toContain('[artifact](https://a.example/x%29%20[y]%28https://evil.example%29)')
  })

  test('looks like this in the page', () => {
    expect(page('</details><img src=x>\n# @octocat | [x](https://evil.example) `y` ``` z')).toMatchSnapshot()
  })
})
