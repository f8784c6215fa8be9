import { changesTable, changesTitle } from './changes.ts'
import { escapeMarkdown, fenced } from './escape.ts'
import { sentenceText, titleText } from './headline.ts'
import { distributionTable, measurementsTable, moreMeasurementsTable, timelineTable } from './load-tables.ts'
import type { Report } from './report.ts'
import { resourcesTable } from './resources-table.ts'
import type { Snapshot } from './snapshot.ts'
import { formatSeconds, gatesTable, infrastructureTable, type Mark, probesTable, stagesTable, type Table } from './tables.ts'

/** Addresses a page may point to; null where there is none. */
export interface Links {
  readonly artifact: string | null
  /** Shown when the report could not be published whole, for example without an artifact service. */
  readonly notes?: readonly string[]
  /** The run before on the same pull request, where there was one. */
  readonly previous?: Snapshot | null
}

const icons: Record<Report['verdict'], string> = { passed: '✅', failed: '❌', invalid: '⚠️', inconclusive: '❔', cancelled: '⏹️' }
const markIcons: Record<Mark, string> = { pending: '·', running: '⏳', passed: '✅', failed: '❌', missing: '❔', skipped: '–', cancelled: '⏹️' }

/** The whole report as GitHub Markdown: job summary, comment and report.md are this. */
export function renderMarkdown(report: Report, links: Links): string {
  const sections = [
    headline(report),
    cause(report),
    printTable(measurementsTable(report)),
    printTable(gatesTable(report)),
    changes(report, links.previous ?? null),
    notes(report.load?.notes ?? []),
    folded('More numbers', printTable(moreMeasurementsTable(report))),
    folded('Distribution of latency', printTable(distributionTable(report))),
    folded('Over time', printTable(timelineTable(report))),
    folded('Pods under load', [printTable(resourcesTable(report)), notes([report.load?.resources?.note ?? []].flat())].filter(Boolean).join('\n\n')),
    folded('Health', printTable(probesTable(report))),
    folded('Infrastructure', printTable(infrastructureTable(report))),
    folded(`Stages (${formatSeconds(report.durationMs)})`, printTable(stagesTable(report))),
    folded(`Warnings (${report.warnings.length})`, report.warnings.map((warning) => `- ${escapeMarkdown(warning)}`).join('\n')),
    footer(report, links),
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

function headline(report: Report): string {
  return `### ${icons[report.verdict]} ${escapeMarkdown(titleText(report))}\n\n${escapeMarkdown(sentenceText(report))}`
}

/** Why a stage failed: what to do, then where it came from. The sentence itself is the headline's. */
function cause(report: Report): string {
  const failure = report.diagnosis
  if (!failure) return ''
  const { remedy, causes } = failure
  const detail = causes.length > 0 ? `\n\n<details><summary>Caused by</summary>\n\n${fenced(causes.join('\n').slice(0, 4000))}\n\n</details>` : ''
  return `${remedy ? `**What to do:** ${escapeMarkdown(remedy)}` : ''}${detail}`.trim()
}

/** What differs from the run before; a page of a run without one has nothing to say. */
function changes(report: Report, previous: Snapshot | null): string {
  const title = changesTitle(report, previous)
  if (title === null) return ''
  const table = changesTable(report, previous)
  return table ? `**${title}**\n\n${printTable(table)}` : `${title}: nothing that is more than noise.`
}

/** What a reader should know about the numbers. */
function notes(texts: readonly string[]): string {
  return texts.map((text) => `> ${escapeMarkdown(text)}`).join('\n>\n')
}

function footer({ context, files }: Report, { artifact, notes: texts = [] }: Links): string {
  const links = [
    context.runUrl ? `[run](${context.runUrl})` : '',
    artifact ? `[artifact](${artifact})${files.length > 0 ? ` with ${files.map((file) => `\`${file}\``).join(', ')}` : ''}` : '',
    context.sha ? `commit ${context.sha.slice(0, 7)}` : '',
  ].filter(Boolean)
  return [...texts.map((note) => notes([note])), links.length > 0 ? `<sub>${links.join(' · ')}</sub>` : ''].filter(Boolean).join('\n\n')
}

/** A table as GitHub writes it; the mark comes in a column of its own. */
function printTable(table: Table | null): string {
  if (table === null) return ''
  const { head, rows, numbersFrom = head.length } = table
  const marked = rows.some(({ mark }) => mark !== undefined)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index >= numbersFrom ? '--:' : ':--'))
  return [
    line(marked ? ['', ...head] : head),
    line(marked ? [':--', ...rule] : rule),
    ...rows.map(({ mark, cells, detail, total }) => {
      const [first = '', ...rest] = cells.map((cell) => escapeMarkdown(cell).replaceAll('\u00a0', '&nbsp;'))
      const name = `${total ? `**${first}**` : first}${detail ? `<br>${escapeMarkdown(detail)}` : ''}`
      return line([...(marked ? [mark ? markIcons[mark] : ''] : []), name, ...rest])
    }),
  ].join('\n')
}

function folded(title: string, content: string): string {
  return content === '' ? '' : `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}
