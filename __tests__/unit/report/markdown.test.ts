import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { renderMarkdown } from '../../../src/report/markdown.ts'
import type { Tool } from '../../../src/stages/tools/tool.ts'
import { context, recordOf, reportOf, reports } from '../runs.ts'
import { linksInText, readText, skeleton, withoutBreakers, withoutFences } from './github.ts'
import { hostileText, reportWith } from './hostile.ts'

const links = { artifact: 'https://github.com/octo/app/actions/runs/42/artifacts/9' }

describe('the page of a run', () => {
  test.each(Object.entries(reports))('%s', (_, report) => {
    expect(renderMarkdown(report, links)).toMatchSnapshot()
  })

  test('without artifact, pull request or address has no link, but says why', () => {
    const bare = reportOf(recordOf(), { context: { ...context, runUrl: null, sha: null }, files: [] })
    const page = renderMarkdown(bare, { artifact: null, notes: ['No artifact: this runner offers no artifact service.'] })
    expect(page).not.toMatch(/\]\(/)
    expect(page).toMatch(/<\/details>\n\n> No artifact: this runner offers no artifact service\.\n$/)
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
    expect(page).toContain(`| Tool | k6 2.3.0 (${words}) |`)
  })

  test('of a run with another version than the one asked for says so, in a warning too', () => {
    const note = 'k6 2.2.0 instead of 2.3.0: the nearest that could be had'
    const page = renderMarkdown(reportOf(recordOf({ k6: { data: { name: 'k6', version: '2.2.0', path: '/k6', from: 'go', note } } })), links)
    expect(page).toContain(`| Tool | k6 2.2.0 (built with go install): ${note} |`)
    expect(page).toContain(`<details><summary>Warnings (1)</summary>\n\n- ${note}`)
  })

  test('shows a dash for a number that is missing, never a 0', () => {
    const row = renderMarkdown(reports['no data'], links)
      .split('\n')
      .find((line) => line.startsWith('| foo |'))
    expect(row).toMatch(/^\| foo \| 0( \| –)+ \|$/)
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

describe('text from outside', () => {
  const page = (text: string) => renderMarkdown(reportWith(text), { ...links, notes: [text] })

  test('is in the page in many places', () => {
    expect(page('Zaphod').split(/zaphod/i).length).toBeGreaterThan(30)
  })

  test('adds no markup to the page, whatever it is', () => {
    const markup = (text: string) => skeleton(withoutBreakers(page(`x${text}x`))).replace(/[@#]/g, '')
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

  test('looks like this in the page', () => {
    expect(page('</details><img src=x>\n# @octocat | [x](https://evil.example) `y` ``` z')).toMatchSnapshot()
  })
})
