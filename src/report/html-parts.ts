import { html, type Markup, nothing } from './markup.ts'
import type { StripColumn } from './strips.ts'
import type { Mark, Row, Table } from './tables.ts'

const signs: Record<Mark, string> = { pending: '·', running: '…', passed: '✓', failed: '✗', missing: '?', skipped: '–', cancelled: '–' }

/** What a page adds to a table that every renderer has. */
export interface TableExtras {
  /** Pictures in a column of their own, after the first. */
  readonly strips?: StripColumn | null
  /** What stands in a cell below its text. */
  readonly below?: (row: Row, column: number) => Markup
}

/** A part of the page with its heading; nothing without content. */
export function section(title: string, ...content: readonly Markup[]): Markup {
  const parts = content.filter(({ markup }) => markup !== '')
  return parts.length === 0 ? nothing : html`<section>\n<h2>${title}</h2>\n${parts.map((part) => html`${part}\n`)}</section>`
}

/** A table that is too wide scrolls by itself, with the keyboard, too. */
export function scrollingTable(title: string, table: Table | null, extras: TableExtras = {}): Markup {
  return table === null ? nothing : html`<div class="scroll" role="region" aria-label="${title}" tabindex="0">${printTable(table, extras)}</div>`
}

/** What a reader may want and need not see; on paper it is open. */
export function folded(title: string, content: Markup): Markup {
  return content === nothing ? nothing : html`<details><summary>${title}</summary>\n${content}\n</details>`
}

/** What a reader should know about the numbers above. */
export function notes(texts: readonly string[]): Markup {
  return texts.length === 0 ? nothing : html`${texts.map((text) => html`<p class="note">${text}</p>`)}`
}

export function list(items: readonly Markup[]): Markup {
  return items.length === 0 ? nothing : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`
}

/** Null for anything but a web address. */
export function link(address: string | null, text: string): Markup | null {
  return address !== null && /^https?:\/\//i.test(address) ? html`<a href="${address}">${text}</a>` : null
}

/** A sign for the eye and a word for a screen reader. */
export function sign(mark: Mark): Markup {
  return html`<span aria-hidden="true">${signs[mark]}</span><span class="hidden">${mark}</span>`
}

/** The first cell of a row is its head. */
function printTable(table: Table, { strips = null, below = () => nothing }: TableExtras): Markup {
  const { head, rows, numbersFrom = head.length } = table
  const marked = rows.some(({ mark }) => mark !== undefined)
  const named = head.some((title) => title !== '')
  const [firstTitle = '', ...titles] = head.map((title, index) => html`<th scope="col"${index >= numbersFrom ? numberClass : nothing}>${title}</th>`)
  const status = marked ? html`<th scope="col" class="mark"><span class="hidden">Status</span></th>` : nothing
  const stripHead = strips ? html`<th scope="col" class="picture"><span class="hidden">${strips.title}</span>${strips.head}</th>` : nothing
  const printed = rows.map((row, index) => {
    const { mark, cells, detail, total } = row
    const [first = '', ...rest] = cells
    const name =
      first === '' ? html`<td></td>` : html`<th scope="row">${first}${detail === undefined ? nothing : html`<div class="detail">${detail}</div>`}</th>`
    const picture = strips ? html`<td class="picture">${strips.cells[index] ?? nothing}</td>` : nothing
    const values = rest.map((cell, at) => html`<td${at + 1 >= numbersFrom ? numberClass : nothing}>${cell}${below(row, at + 1)}</td>`)
    const markCell = mark === undefined ? nothing : html`<td class="mark ${mark}">${sign(mark)}</td>`
    return html`<tr${total ? html` class="total"` : nothing}>${markCell}${name}${picture}${values}</tr>\n`
  })
  return html`<table class="${named ? widthOf(head.length + (strips ? 4 : 0)) : 'names'}">
${named ? html`<thead><tr>${status}${firstTitle}${stripHead}${titles}</tr></thead>` : nothing}
<tbody>
${printed}</tbody>
</table>`
}

/** How a table uses its room, by the number of its columns. */
function widthOf(columns: number): string {
  if (columns <= 3) return 'compact'
  return columns > 9 ? 'dense' : 'even'
}

const numberClass = html` class="number"`
