import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArtifactOutcome } from './adapters/github/artifact.ts'
import { type CommentOutcome, type CommentPage, commentLimit } from './adapters/github/comment.ts'
import { howToComment } from './events.ts'
import { messageOf } from './pipeline/failure.ts'
import { renderJunit } from './report/junit.ts'
import type { Layout } from './report/limit.ts'
import { type Links, renderMarkdown } from './report/markdown.ts'
import type { Report } from './report/report.ts'
import { snapshotLimit, snapshotOf, withSnapshot } from './report/snapshot.ts'

/** Where a report can go; null where it cannot or shall not. */
export interface Channels {
  readonly artifact: ((folder: string) => Promise<ArtifactOutcome>) | null
  readonly summary: ((markdown: string) => Promise<void>) | null
  readonly comment: ((page: CommentPage) => Promise<CommentOutcome>) | null
  /** Leaves the report for a workflow that may comment; asked only where this run may not. */
  readonly data: ((report: Report) => Promise<ArtifactOutcome>) | null
  readonly notice: (message: string) => void
}

/** GitHub takes job summaries up to so many bytes; a longer one is dropped whole. */
const summaryLayout: Layout = { brief: false, limit: 1024 * 1024, size: (text) => Buffer.byteLength(text) }
/** Room for the comment's marker line and its hidden snapshot, which no shortening may touch. */
const commentRoom = 200 + snapshotLimit
const commentLayout: Layout = { brief: true, limit: commentLimit - commentRoom, size: (text) => text.length }

/** Writes report.json, report.md, report.html and junit.xml into a folder. */
export async function writeReport(report: Report, folder: string): Promise<{ json: string; junit: string }> {
  await mkdir(folder, { recursive: true })
  const json = join(folder, 'report.json')
  await writeFile(json, `${JSON.stringify(report, null, 2)}\n`)
  await writeFile(join(folder, 'report.md'), renderMarkdown(report, { artifact: null }))
  // Its charts come with a library that nothing else needs.
  const { renderHtml } = await import('./report/html.ts')
  await writeFile(join(folder, 'report.html'), renderHtml(report))
  const junit = join(folder, 'junit.xml')
  await writeFile(junit, renderJunit(report))
  return { json, junit }
}

/**
 * Report → artifact → comment → summary, in this order, because the later ones link to the
 * earlier or say what became of them. A channel that fails becomes a notice: reporting never decides, or hides, a verdict.
 */
export async function publishReport(
  report: Report,
  folder: string,
  channels: Channels,
): Promise<{ report: string; junit: string; links: Links & { comment: string | null } }> {
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
  const { artifact, summary, comment, data } = channels
  const uploaded = artifact && (await guarded('artifact', () => artifact(folder)))
  if (uploaded && 'notice' in uploaded) {
    channels.notice(uploaded.notice)
    notes.push(uploaded.notice)
  }
  const links: Links = { artifact: uploaded && 'url' in uploaded ? uploaded.url : null, notes }
  const commented = comment && (await guarded('comment', () => comment(commentPage(report, links))))
  const mayNot = comment === null || (commented !== null && 'notice' in commented && commented.readOnly === true)
  if (commented && 'notice' in commented && !(data && mayNot)) channels.notice(commented.notice)
  if (data && mayNot) {
    const how = howToComment(comment === null ? 'github-token is empty' : 'the token may only read, as it does for every fork and Dependabot')
    channels.notice(how)
    notes.push(how)
    const left = await guarded('report for mode: publish', () => data(report))
    if (left && 'notice' in left) channels.notice(`No report for mode: publish. ${left.notice}`)
  }
  if (summary) await guarded('job summary', () => summary(renderMarkdown(report, links, summaryLayout)))
  return { report: written?.json ?? '', junit: written?.junit ?? '', links: { ...links, comment: commented && 'url' in commented ? commented.url : null } }
}

/** The comment of a report: what differs from the run before, and, invisibly, what the next one will compare with. */
function commentPage(report: Report, links: Links): CommentPage {
  return (previous) => withSnapshot(snapshotOf(report, previous), renderMarkdown(report, { ...links, previous }, commentLayout))
}
