import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Channels, publishReport } from '../../src/publish.ts'
import { renderHtml } from '../../src/report/html.ts'
import { renderJunit } from '../../src/report/junit.ts'
import { unlimited } from '../../src/report/limit.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { decodeSnapshot, type Snapshot, snapshotLimit, snapshotOf, withSnapshot } from '../../src/report/snapshot.ts'
import { failedRecord, failureOf, reportOf, reports } from './runs.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'publish-test-')), 'report')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const artifactUrl = 'https://github.com/octo/app/actions/runs/42/artifacts/9'
const commentUrl = 'https://github.com/octo/app/pull/7#issuecomment-1'

/** Channels that note what reaches them, in order. */
function channels(more: Partial<Channels> = {}, previous: Snapshot | null = null) {
  const journal: string[] = []
  const pages: Record<string, string> = {}
  const notices: string[] = []
  const all: Channels = {
    artifact: async (path) => {
      journal.push(`artifact of ${readdirSync(path).sort().join(', ')}`)
      return { url: artifactUrl }
    },
    summary: async (markdown) => {
      journal.push('summary')
      pages.summary = markdown
    },
    comment: async (page) => {
      journal.push('comment')
      pages.comment = typeof page === 'string' ? page : page(previous)
      return { url: commentUrl }
    },
    data: async () => {
      journal.push('data')
      return { url: artifactUrl }
    },
    notice: (message) => notices.push(message),
    ...more,
  }
  return { all, journal, pages, notices }
}

const fails = (message: string) => async () => {
  throw new Error(message)
}

describe('a report', () => {
  test('is written, then uploaded, then shown: the later ones link to the earlier', async () => {
    const { all, journal, pages, notices } = channels()
    const { report, junit, links } = await publishReport(reports.passed, folder, all)
    expect(journal).toEqual(['artifact of junit.xml, report.html, report.json, report.md', 'comment', 'summary'])
    expect(links).toEqual({ artifact: artifactUrl, comment: commentUrl, notes: [] })
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual(reports.passed)
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe(renderMarkdown(reports.passed, { artifact: null }))
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(renderHtml(reports.passed))
    expect(readFileSync(junit, 'utf8')).toBe(renderJunit(reports.passed))
    // A comment has less in sight than a summary.
    expect(pages.summary).toBe(renderMarkdown(reports.passed, links))
    expect(pages.comment).toBe(withSnapshot(snapshotOf(reports.passed, null), renderMarkdown(reports.passed, links, { ...unlimited, brief: true })))
    expect(pages.comment).toContain(artifactUrl)
    expect(notices).toEqual([])
  })

  test('waits for the artifact before it shows anything', async () => {
    const { promise, resolve } = Promise.withResolvers<{ url: string }>()
    const { all, journal } = channels({ artifact: () => promise })
    const published = publishReport(reports.passed, folder, all)
    await new Promise((done) => setTimeout(done, 20))
    expect(journal).toEqual([])
    resolve({ url: artifactUrl })
    await published
    expect(journal).toEqual(['comment', 'summary'])
  })

  test('without any channel is still written', async () => {
    const { all, notices } = channels({ artifact: null, summary: null, comment: null, data: null })
    const { report, links } = await publishReport(reports.passed, folder, all)
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ verdict: 'passed' })
    expect(links).toEqual({ artifact: null, comment: null, notes: [] })
    expect(notices).toEqual([])
  })

  test('whose artifact was refused says why in every page', async () => {
    const notice = 'No artifact: this runner offers no artifact service.'
    const { all, pages, notices } = channels({ artifact: async () => ({ notice }) })
    expect((await publishReport(reports.passed, folder, all)).links).toEqual({ artifact: null, comment: commentUrl, notes: [notice] })
    expect([pages.summary, pages.comment]).toEqual([expect.stringContaining(`> ${notice}`), expect.stringContaining(`> ${notice}`)])
    expect(notices).toEqual([notice])
  })

  test('whose comment was refused says why', async () => {
    const { all, notices } = channels({ comment: async () => ({ notice: 'No comment: the token may only read.' }) })
    expect((await publishReport(reports.passed, folder, all)).links.comment).toBeNull()
    expect(notices).toEqual(['No comment: the token may only read.'])
  })

  describe('on whose pull request the token may only read', () => {
    const readOnly = { comment: async () => ({ notice: 'No comment: the token may only read (…).', readOnly: true }) }

    test('is left for another workflow, and one line says which, in the log and in the summary', async () => {
      const { all, journal, pages, notices } = channels(readOnly)
      await publishReport(reports.passed, folder, all)
      expect(journal).toEqual(['artifact of junit.xml, report.html, report.json, report.md', 'data', 'summary'])
      expect(notices).toEqual([expect.stringMatching(/^No comment: the token may only read.* mode: publish .*\/examples\).*pull-requests: write/)])
      expect(notices.join()).not.toContain('\n')
      expect(pages.summary).toContain('mode: publish')
    })

    test('is left, too, when there is no token at all', async () => {
      const { all, journal, notices } = channels({ comment: null })
      await publishReport(reports.passed, folder, all)
      expect(journal).toContain('data')
      expect(notices).toEqual([expect.stringMatching(/^No comment: github-token is empty\. .*mode: publish/)])
    })

    test('and cannot be left there either, says that', async () => {
      for (const data of [async () => ({ notice: 'No artifact: 503.' }), fails('disk full')]) {
        const { all, notices } = channels({ ...readOnly, data })
        await publishReport(reports.passed, folder, all)
        expect(notices).toEqual([expect.stringContaining('mode: publish'), expect.stringMatching(/^No report for mode: publish.*(503|disk full)/)])
      }
    })
  })

  test('whose comment failed otherwise is not left for anybody: it would be another comment', async () => {
    const { all, journal } = channels({ comment: async () => ({ notice: 'No comment: 500' }) })
    await publishReport(reports.passed, folder, all)
    expect(journal).not.toContain('data')
  })

  test.each<[string, Partial<Channels>, readonly string[], readonly string[]]>([
    ['artifact', { artifact: fails('no route') }, ['No artifact: no route'], ['comment', 'summary']],
    ['job summary', { summary: fails('disk full') }, ['No job summary: disk full'], ['artifact of junit.xml, report.html, report.json, report.md', 'comment']],
    ['comment', { comment: fails('500') }, ['No comment: 500'], ['artifact of junit.xml, report.html, report.json, report.md', 'summary']],
    ['anything', { artifact: fails('a'), summary: fails('b'), comment: fails('c') }, ['No artifact: a', 'No comment: c', 'No job summary: b'], []],
  ])('whose channel for the %s throws goes to the others, and the fault is a notice', async (_, broken, said, reached) => {
    const { all, journal, notices } = channels(broken)
    await publishReport(reports.passed, folder, all)
    expect(notices).toEqual(said)
    expect(journal).toEqual(reached)
  })

  test('says in its comment, and nowhere else, what differs from the run before', async () => {
    const previous: Snapshot = { ...snapshotOf(reports['stage failed'], null), runId: 41, sha: 'abc1234def' }
    const { all, pages } = channels({}, previous)
    await publishReport(reports.passed, folder, all)
    expect(pages.comment).toContain('**Since the last run (commit abc1234)**')
    expect(pages.comment).toContain('| Verdict | failed | passed |')
    expect(pages.summary).not.toContain('Since the last run')
    expect(decodeSnapshot(pages.comment ?? '')).toMatchObject({ runId: 42, verdict: 'passed' })
  })

  test('that is too long is shortened to what GitHub takes, marker of the comment included', async () => {
    const warnings = Array.from({ length: 4000 }, (_, index) => `warning ${index}: ${'\u{1f600}'.repeat(80)}`)
    const { all, pages } = channels()
    await publishReport(reportOf(failedRecord(failureOf('bar does not start')), { warnings }), folder, all)
    expect(pages.comment?.length).toBeLessThanOrEqual(65_536 - 60 - 4096)
    expect(Buffer.byteLength(pages.summary ?? '')).toBeLessThanOrEqual(1024 * 1024)
    for (const page of Object.values(pages)) {
      expect(page).toContain('bar does not start')
      expect(page).toContain('> Left out for length: Warnings; the [artifact](')
    }
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('warning 3999')
  })

  test.each([
    ['summary', 1024 * 1024, (text: string) => Buffer.byteLength(text)],
    // The snapshot before it has room of its own.
    ['comment', 65_536 - 200 - snapshotLimit, (text: string) => text.length],
  ] as const)('is whole up to the very limit of the %s, %d', async (page, limit, size) => {
    // Lines of a thousand, the longest that are shown whole, and a last one that fills the room.
    const warned = (letters: number) => {
      const warnings = Array.from({ length: Math.ceil(letters / 1000) }, (_, index) => 'x'.repeat(Math.min(1000, letters - index * 1000)))
      return reportOf(failedRecord(failureOf('bar does not start')), { warnings })
    }
    const links = { artifact: artifactUrl, notes: [] }
    const length = (letters: number) => size(renderMarkdown(warned(letters), links, { ...unlimited, brief: page === 'comment' }))
    let room = limit
    while (length(room) > limit) room -= length(room) - limit
    while (length(room + 1) <= limit) room += 1
    const shown = async (letters: number) => {
      const { all, pages } = channels()
      await publishReport(warned(letters), folder, all)
      return pages[page]?.replace(/^<!-- .* -->\n/, '')
    }
    expect(limit - size((await shown(room)) ?? '')).toBeLessThan(5)
    expect(await shown(room)).not.toContain('Left out')
    expect(await shown(room + 1)).toContain('Left out')
  })
})
