import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactOutcome } from './adapters/github/artifact.ts'
import { type CommentOutcome, commentLimit } from './adapters/github/comment.ts'
import { messageOf } from './pipeline/failure.ts'
import { fitMarkdown } from './report/limit.ts'
import { type Links, renderMarkdown } from './report/markdown.ts'
import type { Report } from './report/report.ts'

/** Where a report can go; null where it cannot or shall not. */
export interface Channels {
  readonly artifact: ((folder: string) => Promise<ArtifactOutcome>) | null
  readonly summary: ((markdown: string) => Promise<void>) | null
  readonly comment: ((markdown: string) => Promise<CommentOutcome>) | null
  readonly notice: (message: string) => void
}

/** Longest job summary GitHub takes, in bytes; over it the summary is dropped whole. */
const summaryLimitBytes = 1024 * 1024
/** Room for the comment's marker line. */
const commentRoom = 200

/** Writes report.json, report.md and report.html into a folder. */
export async function writeReport(report: Report, folder: string): Promise<{ json: string }> {
  await mkdir(folder, { recursive: true })
  const json = join(folder, 'report.json')
  await writeFile(json, `${JSON.stringify(report, null, 2)}\n`)
  await writeFile(join(folder, 'report.md'), renderMarkdown(report, { artifact: null }))
  // Its charts come with a library that nothing else needs.
  const { renderHtml } = await import('./report/html.ts')
  await writeFile(join(folder, 'report.html'), renderHtml(report))
  return { json }
}

/**
 * Report → artifact → summary and comment, in this order, because the later ones link to the
 * earlier. A channel that fails becomes a notice: reporting never decides, or hides, a verdict.
 */
export async function publishReport(
  report: Report,
  folder: string,
  channels: Channels,
): Promise<{ report: string; links: Links & { comment: string | null } }> {
  const notes: string[] = []
  const guarded = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work()
    } catch (error) {
      channels.notice(`No ${what}: ${messageOf(error)}`)
      return null
    }
  }

  // A full disk keeps the files from being written, but not the verdict from being told.
  const written = await guarded('report file', () => writeReport(report, folder))
  const { artifact, summary, comment } = channels
  const uploaded = artifact && (await guarded('artifact', () => artifact(folder)))
  if (uploaded && 'notice' in uploaded) {
    channels.notice(uploaded.notice)
    notes.push(uploaded.notice)
  }
  const links: Links = { artifact: uploaded && 'url' in uploaded ? uploaded.url : null, notes }
  const markdown = renderMarkdown(report, links)
  const [, commented] = await Promise.all([
    summary && guarded('job summary', () => summary(fitMarkdown(markdown, summaryLimitBytes, (text) => Buffer.byteLength(text)))),
    comment && guarded('comment', () => comment(fitMarkdown(markdown, commentLimit - commentRoom, (text) => text.length))),
  ])
  if (commented && 'notice' in commented) channels.notice(commented.notice)
  return { report: written?.json ?? '', links: { ...links, comment: commented && 'url' in commented ? commented.url : null } }
}
