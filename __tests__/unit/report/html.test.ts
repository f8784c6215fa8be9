import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { escapeHtml } from '../../../src/report/escape.ts'
import { renderHtml } from '../../../src/report/html.ts'
import { context, recordOf, reportOf, reports } from '../runs.ts'
import { chartedWith, hostileText } from './hostile.ts'

/** The page but for its style, which is the same in all of them. */
function contentOf(page: string): string {
  return page.replace(/<style>.*<\/style>\n/s, '')
}

/** Every tag of a page with its attributes; values in quotes are taken whole. */
function tagsOf(page: string): string[] {
  return contentOf(page).match(/<(?:"[^"]*"|[^">])*>/g) ?? []
}

function linksOf(page: string): string[] {
  return [...page.matchAll(/href="([^"]*)"/g)].map(([, address = '']) => address)
}

describe('the page of a run', () => {
  test.each(Object.entries(reports))('%s', (_, report) => {
    expect(contentOf(renderHtml(report))).toMatchSnapshot()
  })

  test('needs nothing but itself: no script, and nothing that a browser would load', () => {
    for (const report of Object.values(reports)) {
      const page = renderHtml(report)
      expect(page).not.toMatch(/<(script|img|link|iframe|object|embed|form)\b|\bsrc=|\bon\w+=|url\(|@import/i)
      expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline';`)
    }
  })

  test('closes every element it opens', () => {
    for (const report of Object.values(reports)) {
      const open: string[] = []
      for (const tag of tagsOf(renderHtml(report))) {
        const [, slash, name = ''] = /^<(\/?)([\w!]+)/.exec(tag) ?? []
        if (['!doctype', 'meta'].includes(name)) continue
        if (slash) expect(open.pop()).toBe(name)
        else open.push(name)
      }
      expect(open).toEqual([])
    }
  })

  test('has tables whose rows all have as many cells as their head', () => {
    for (const report of Object.values(reports)) {
      const tables = renderHtml(report).match(/<table.*?<\/table>/gs) ?? []
      expect(tables.length).toBeGreaterThan(0)
      for (const table of tables) expect(new Set(table.match(/<tr.*?<\/tr>/gs)?.map((row) => row.match(/<t[hd]\b/g)?.length)).size).toBe(1)
    }
  })

  test('says how a row stands in words, too', () => {
    const page = renderHtml(reports['gate failed'])
    expect(page).toMatch(/<span aria-hidden="true">✗<\/span><span class="hidden">failed<\/span><\/td><th scope="row">bar: error-rate/)
  })

  test('links to the files beside it, k6’s dashboard among them, to the run and to the commit, but not to itself', () => {
    const page = renderHtml(reportOf(recordOf(), { files: ['dashboard.html', 'report.html', 'report.json', 'a b#.txt'] }))
    expect(linksOf(page)).toEqual([
      'https://github.com/octo/app/commit/0123456789abcdef0123456789abcdef01234567',
      'https://github.com/octo/app/actions/runs/42',
      './dashboard.html',
      './dashboard.html',
      './report.json',
      './a%20b%23.txt',
      './junit.xml',
      './report.md',
    ])
  })

  test('of a run from a terminal links to files only', () => {
    const nowhere = { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null, runId: null, runAttempt: null }
    expect(linksOf(renderHtml(reportOf(recordOf(), { context: nowhere, files: [] })))).toEqual(['./junit.xml', './report.json', './report.md'])
  })

  test('links to nothing that is no web address', () => {
    const page = renderHtml(reportOf(recordOf(), { context: { ...context, runUrl: 'javascript:alert(1)' }, files: ['javascript:alert(1)'] }))
    expect(linksOf(page).filter((address) => !address.startsWith('./'))).toEqual([])
  })

  test('of a job with a matrix names its values', () => {
    const page = renderHtml(reportOf(recordOf(), { context: { ...context, matrix: { arch: 'arm64', node: 24 } } }))
    expect(page).toContain('<h1>Pipeline passed · arm64, 24</h1>')
  })
})

describe('text from outside', () => {
  const page = (text: string) => renderHtml(chartedWith(text))

  test('is in the page in many places', () => {
    expect(page('Zaphod').split(/zaphod/i).length).toBeGreaterThan(30)
  })

  test('adds no markup to the page, whatever it is', () => {
    // The one place where text may change a tag is the file's own link, which has only unreserved characters.
    const markup = (text: string) => tagsOf(page(`x${text}x`)).map((tag) => tag.replace(/href="\.\/(?:[\w.~!*()%-]|&#39;)*"/, 'href'))
    const plain = markup('plain')
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(markup(text)).toEqual(plain)
        expect(page(text)).not.toMatch(/[^\P{Cc}\n]/u)
      }),
      { numRuns: 50 },
    )
  })

  test('reads as it was written', () => {
    expect(escapeHtml(`<a href="x">&amp; 'y'\r\nz\u0000</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;amp; &#39;y&#39;\nz &lt;/a&gt;')
  })
})
