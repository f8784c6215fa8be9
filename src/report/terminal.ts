import { styleText } from 'node:util'
import type { PipelineEvent } from '../pipeline/run.ts'
import { plainLine } from './escape.ts'
import { headlineText } from './headline.ts'
import { measurementsTable } from './load-tables.ts'
import type { Report } from './report.ts'
import { hasResources, resourcesTable } from './resources-table.ts'
import { gatesTable, type Mark, stagesTable, type Table } from './tables.ts'

/** One plain line per event; progress lines are for those who watch. */
export function eventLine(event: PipelineEvent, elapsedMs: number): string {
  return plainLine(describeEvent(event, elapsedMs))
}

/** Time since the run began, as event lines show it. */
export function timestamp(elapsedMs: number): string {
  return `[${(elapsedMs / 1000).toFixed(1).padStart(5)} s]`
}

function describeEvent(event: PipelineEvent, elapsedMs: number): string {
  const at = timestamp(elapsedMs)
  const { title, status, durationMs, failure } = event.stage
  switch (event.type) {
    case 'started':
      return `${at} ${title} …`
    case 'progress':
      return `${at}   ${title}: ${event.message}`
    case 'finished': {
      const took = `${((durationMs ?? 0) / 1000).toFixed(1)} s`
      if (status === 'passed') return `${at} ${title}: done in ${took}`
      return `${at} ${title}: ${status} after ${took}${failure ? `: ${failure.message}` : ''}`
    }
  }
}

/** How a mark looks in a terminal. */
export const terminalMarks: Readonly<Record<Mark, { readonly sign: string; readonly style: Style }>> = {
  pending: { sign: '·', style: 'dim' },
  running: { sign: '·', style: 'dim' },
  passed: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  missing: { sign: '?', style: 'yellow' },
  skipped: { sign: '–', style: 'dim' },
  cancelled: { sign: '–', style: 'yellow' },
}

const verdictStyles: Readonly<Record<Report['verdict'], Style>> = {
  passed: 'green',
  failed: 'red',
  invalid: 'yellow',
  inconclusive: 'yellow',
  cancelled: 'yellow',
}

type Style = 'dim' | 'bold' | 'green' | 'red' | 'yellow'

/** Puts colour on text that is plain already; without `color` it stays as it is. */
export function paint(text: string, styles: Style | readonly Style[], color: boolean): string {
  return color && text !== '' ? styleText([styles].flat(), text, { validateStream: false }) : text
}

/** The result for a terminal or a job log: tables, then the verdict, and where a stage failed what to do and what was seen. */
export function renderTerminal(report: Report, { color = false }: { readonly color?: boolean } = {}): string {
  const { remedy, evidence = [] } = report.diagnosis ?? {}
  const blocks = [
    // What led to the verdict stands closest to it.
    printTable(stagesTable(report), color),
    printTable(measurementsTable(report), color),
    hasResources(report) ? printTable(resourcesTable(report), color) : [],
    printTable(gatesTable(report), color),
    (report.load?.notes ?? []).map((note) => `${paint('note:', 'bold', color)} ${plainLine(note)}`),
    [
      paint(plainLine(headlineText(report)), ['bold', verdictStyles[report.verdict]], color),
      ...(remedy ? [`${paint('what to do:', 'bold', color)} ${plainLine(remedy)}`] : []),
      ...(evidence.length > 0 ? [paint('what was seen:', 'bold', color), ...evidence.map((line) => `  ${plainLine(line)}`)] : []),
    ],
  ]
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** Columns as wide as their widest cell; numbers are aligned right. */
function printTable(table: Table | null, color: boolean): string[] {
  if (table === null) return []
  const { head, rows, numbersFrom = head.length } = table
  const lines = [head, ...rows.map(({ cells }) => cells)].map((cells) => cells.map((cell) => plainLine(cell).replaceAll('\u00a0', ' ')))
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  const aligned = lines.map((cells) => {
    const padded = cells.map((cell, column) => (column >= numbersFrom ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
    return padded.join('  ').trimEnd()
  })
  const indent = rows.some(({ mark }) => mark !== undefined) ? '    ' : '  '
  const [titles = '', ...printed] = aligned
  return [
    `${indent}${paint(titles, 'dim', color)}`,
    ...rows.flatMap(({ mark, total, detail }, index) => {
      const text = printed[index] ?? ''
      const { sign, style } = terminalMarks[mark ?? 'pending']
      const line = `${mark === undefined ? indent : `  ${paint(sign, style, color)} `}${total ? paint(text, 'bold', color) : text}`
      return detail === undefined ? [line] : [line, `${indent}  ${paint(plainLine(detail), style, color)}`]
    }),
  ]
}
