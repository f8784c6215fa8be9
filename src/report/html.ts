import { timelineCharts } from './charts.ts'
import { sentenceText, titleText } from './headline.ts'
import { style } from './html-style.ts'
import { distributionTable, measurementsTable, moreMeasurementsTable, timelineTable } from './load-tables.ts'
import { html, type Markup, nothing } from './markup.ts'
import type { Report } from './report.ts'
import { resourcesTable } from './resources-table.ts'
import { formatSeconds, gatesTable, infrastructureTable, type Mark, probesTable, stagesTable, type Table } from './tables.ts'

const tones: Record<Report['verdict'], string> = { passed: 'passed', failed: 'failed', invalid: 'other', inconclusive: 'other', cancelled: 'other' }
const signs: Record<Mark, string> = { pending: '·', running: '…', passed: '✓', failed: '✗', missing: '?', skipped: '–', cancelled: '–' }

/** What stands in the files a run leaves; others go by their names. */
const fileNotes: Readonly<Record<string, string>> = {
  'dashboard.html': 'k6’s own dashboard: the load over time',
  'k6.log': 'k6’s log',
  services: 'what the local services and their proxy said',
  evidence: 'the nodes’ logs, pods, events and descriptions at the end of the run',
  'report.json': 'all numbers, for programs',
  'report.md': 'this report as Markdown',
}

/**
 * The whole report as one page that needs nothing else: no script, no request. Its policy forbids both, should anything slip
 * through. Links go to the files beside it, to the run and to the commit.
 */
export function renderHtml(report: Report): string {
  const wide = { wide: true }
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[titleText(report), report.context.repository].filter(Boolean).join(' – ')}</title>
<style>${{ markup: style }}</style>
</head>
<body>
${header(report)}
<main>
${cause(report)}
${tableSection('Load', measurementsTable(report, wide))}
${tableSection('Gates', gatesTable(report))}
${notes(report.load?.notes ?? [])}
${tableSection('More numbers', moreMeasurementsTable(report, wide))}
${tableSection('Distribution of latency', distributionTable(report))}
${timeline(report)}
${tableSection('Pods under load', resourcesTable(report))}
${notes([report.load?.resources?.note ?? []].flat())}
${tableSection('Health', probesTable(report))}
${tableSection('Stages', stagesTable(report))}
${tableSection('Infrastructure', infrastructureTable(report))}
${section(`Warnings (${report.warnings.length})`, list(report.warnings.map((warning) => html`${warning}`)))}
${section('Files', list(fileLinks(report)))}
</main>
</body>
</html>
`
  // Parts that are not there leave no empty lines.
  return page.markup.replace(/\n{2,}/g, '\n')
}

function header(report: Report): Markup {
  const { context, startedAt, durationMs } = report
  const facts = [
    context.repository && html`${context.repository}`,
    context.workflow && html`${[context.workflow, context.job].filter(Boolean).join(', ')}`,
    context.pullRequest !== null && html`pull request ${String(context.pullRequest)}`,
    commitLink(report),
    link(context.runUrl, 'run'),
    html`started <time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time>`,
    html`${durationMs === null ? 'not finished' : `took ${formatSeconds(durationMs)}`}`,
  ].filter((fact) => fact !== null && fact !== false && fact !== '')
  return html`<header style="--tone: var(--${tones[report.verdict]})">
<h1>${titleText(report)}</h1>
<p class="sentence">${sentenceText(report)}</p>
<div class="soft">${list(facts)}</div>
</header>`
}

/** Why a stage failed: what to do, then where it came from. The sentence itself is the headline's. */
function cause(report: Report): Markup {
  const failure = report.diagnosis
  if (!failure || (!failure.remedy && failure.causes.length === 0)) return nothing
  const remedy = failure.remedy ? html`<p><strong>What to do:</strong> ${failure.remedy}</p>` : nothing
  const causes = failure.causes.length > 0 ? html`<details open><summary>Caused by</summary><pre>${failure.causes.join('\n')}</pre></details>` : nothing
  return html`<div class="remedy">${remedy}${causes}</div>`
}

function section(title: string, content: Markup): Markup {
  return content === nothing ? nothing : html`<section>\n<h2>${title}</h2>\n${content}\n</section>`
}

function tableSection(title: string, table: Table | null): Markup {
  return section(title, table ? scrolling(title, table) : nothing)
}

/** A table that is too wide scrolls by itself, with the keyboard, too. */
function scrolling(title: string, table: Table): Markup {
  return html`<div class="scroll" role="region" aria-label="${title}" tabindex="0">${printTable(table)}</div>`
}

/** What a reader should know about the numbers above. */
function notes(texts: readonly string[]): Markup {
  return texts.length === 0 ? nothing : html`${texts.map((text) => html`<p class="note">${text}</p>`)}`
}

/** The load over time as pictures, its numbers below them. */
function timeline(report: Report): Markup {
  const table = timelineTable(report)
  if (!report.load?.timeline || table === null) return nothing
  return section('Over time', html`${timelineCharts(report.load.timeline)}\n<details><summary>In numbers</summary>${scrolling('Over time', table)}</details>`)
}

function list(items: readonly Markup[]): Markup {
  return items.length === 0 ? nothing : html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`
}

/** The first cell of a row is its head; a mark is a sign for the eye and a word for a screen reader. */
function printTable(table: Table): Markup {
  const { head, rows, numbersFrom = head.length } = table
  const marked = rows.some(({ mark }) => mark !== undefined)
  const named = head.some((title) => title !== '')
  const titles = head.map((title, index) => (index >= numbersFrom ? html`<th scope="col" class="number">${title}</th>` : html`<th scope="col">${title}</th>`))
  const status = marked ? html`<th scope="col" class="mark"><span class="hidden">Status</span></th>` : nothing
  const printed = rows.map(({ mark, cells, detail, total }) => {
    const [first = '', ...rest] = cells
    const name = html`<th scope="row">${first}${detail === undefined ? nothing : html`<div class="detail">${detail}</div>`}</th>`
    const values = rest.map((cell, index) => (index + 1 >= numbersFrom ? html`<td class="number">${cell}</td>` : html`<td>${cell}</td>`))
    return html`<tr${total ? html` class="total"` : nothing}>${mark === undefined ? nothing : markCell(mark)}${name}${values}</tr>\n`
  })
  return html`<table${named ? nothing : html` class="names"`}>
${named ? html`<thead><tr>${status}${titles}</tr></thead>` : nothing}
<tbody>
${printed}</tbody>
</table>`
}

function markCell(mark: Mark): Markup {
  return html`<td class="mark ${mark}"><span aria-hidden="true">${signs[mark]}</span><span class="hidden">${mark}</span></td>`
}

/** Files lie beside the page; it does not link to itself. */
function fileLinks({ files }: Report): Markup[] {
  const names = new Set([...files, 'report.json', 'report.md'])
  names.delete('report.html')
  return [...names].map((name) => {
    const note = fileNotes[name]
    // The dot keeps a name with a colon from being an address of its own.
    return html`<a href="./${encodeURIComponent(name.toWellFormed())}">${name}</a>${note === undefined ? '' : `: ${note}`}`
  })
}

function commitLink({ context: { sha, repository, runUrl } }: Report): Markup | null {
  if (!sha) return null
  const text = `commit ${sha.slice(0, 7)}`
  const path = `/${repository}/commit/${sha}`
  return (repository && runUrl && URL.canParse(path, runUrl) && link(new URL(path, runUrl).href, text)) || html`${text}`
}

/** Null for anything but a web address. */
function link(address: string | null, text: string): Markup | null {
  return address !== null && /^https?:\/\//i.test(address) ? html`<a href="${address}">${text}</a>` : null
}
