import { escapeMarkdown } from './escape.ts'
import { clip } from './limit.ts'
import type { Drawing } from './mermaid.ts'
import type { Mark, Row, Table } from './tables.ts'

const marks: Readonly<Record<Mark, string>> = {
  pending: '·',
  running: '⏳',
  passed: '✅',
  failed: '❌',
  missing: '❔',
  skipped: '–',
  cancelled: '⏹️',
}

/** Longest text of one cell, in characters: a table of few rows has a bounded length. */
const cellLength = 300

/** Text from outside, made plain and cut to a length. */
export function plain(text: string, length: number): string {
  return escapeMarkdown(clip(text, length))
}

/** A table as GitHub writes it; the mark comes in a column of its own. Without titles it is a list of names and values. */
export function printTable(table: Table | null): string {
  if (table === null || table.rows.length === 0) return ''
  const { head, rows, numbersFrom = head.length } = table
  if (head.every((title) => title === '')) return printList(rows)
  const marked = rows.some(({ mark }) => mark !== undefined)
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (index >= numbersFrom ? '--:' : ':--'))
  return [
    line(marked ? ['', ...head] : head),
    line(marked ? [':--', ...rule] : rule),
    ...rows.map((row) => line([...(marked ? [row.mark ? marks[row.mark] : ''] : []), ...cellsOf(row)])),
  ].join('\n')
}

/** What sums up, or did not hold, is bold. */
function cellsOf({ mark, cells, detail, total, missed }: Row): string[] {
  return cells.map((cell, column) => {
    const text = printCell(cell)
    if (column === 0) return `${total || mark === 'failed' ? bold(text) : text}${detail ? `<br>${printCell(detail)}` : ''}`
    const gate = missed?.[column]
    return gate ? `${bold(text)}&nbsp;${marks[gate.status]}<br>(${printCell(gate.limit).replaceAll(' ', '&nbsp;')})` : text
  })
}

function printCell(text: string): string {
  return plain(text, cellLength).replaceAll('\u00a0', '&nbsp;')
}

function bold(text: string): string {
  return text === '' ? '' : `**${text}**`
}

/** Values of the same name belong together; one without a name belongs to the one before. */
function printList(rows: readonly Row[]): string {
  const items: { name: string; values: string[]; several: boolean }[] = []
  for (const { cells } of rows) {
    const [name = '', value = ''] = cells.map(printCell)
    const last = items.at(-1)
    if (last && (name === '' || name === last.name)) {
      last.values.push(value)
      last.several ||= name !== ''
    } else items.push({ name, values: [value], several: false })
  }
  return items.map(({ name, values, several }) => `- **${name}${several ? 's' : ''}:** ${values.join('<br>')}`).join('\n')
}

/** A picture where it is drawn; its source, labelled, where it is not. */
export function printDrawing({ source, notes }: Drawing): string {
  return [`\`\`\`mermaid\n${source}\n\`\`\``, ...notes.map((text) => `<sub>${escapeMarkdown(text)}</sub>`)].join('\n\n')
}

/** What a reader should know about what stands above. */
export function printNotes(texts: readonly string[]): string {
  return texts.map((text) => `> ${plain(text, 1000)}`).join('\n>\n')
}

/** Parts below a title that opens with a click; nothing when there are none. */
export function folded(title: string, parts: readonly string[], { open = false }: { readonly open?: boolean } = {}): string {
  const content = parts.filter(Boolean).join('\n\n')
  return content === '' ? '' : `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${content}\n\n</details>`
}

/** A link to a web address; anything else stays text. */
export function printLink(text: string, address: string | null): string {
  if (address === null || !/^https?:\/\//i.test(address) || !URL.canParse(address)) return text
  return `[${text}](${new URL(address).href.replace(/[()<>|\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)})`
}
