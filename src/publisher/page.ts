import { escapeMarkdown } from '../report/escape.ts'
import { type Links, renderMarkdown } from '../report/markdown.ts'
import type { Report } from '../report/report.ts'
import type { FinishedRun } from './event.ts'

const icons: Readonly<Record<string, string>> = { success: '✅', failure: '❌', cancelled: '⏹️' }

/**
 * A comment about a run that nobody vouches for: first what GitHub itself says of it, then what the run says.
 * @param limit its longest length, in characters
 */
export function renderPublished(report: Report, run: FinishedRun, links: Links, limit: number): string {
  const { conclusion, workflow, headSha } = run
  const url = report.context.runUrl
  const says = `${icons[conclusion] ?? '❔'} **GitHub says this run${workflow ? ` of ${escapeMarkdown(workflow)}` : ''}: ${escapeMarkdown(conclusion)}**`
  const head = `${says}${url ? ` ([run](${url}))` : ''}`
  const label = `All below is as reported by the pull request’s own run of ${headSha.slice(0, 7)}, which its author may have changed.`
  const top = `> ${head}\n>\n> ${label}\n\n`
  return `${top}${renderMarkdown(report, links, { brief: true, limit: limit - top.length, size: (text) => text.length })}`
}
