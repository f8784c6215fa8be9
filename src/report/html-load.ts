import { formatLimit, formatMs, formatValue } from '../gates/describe.ts'
import type { GateResult } from '../gates/evaluate.ts'
import { cpuShare, memoryShare } from '../gates/resources.ts'
import { folded, notes, scrollingTable, section, sign } from './html-parts.ts'
import { distributionChart, timelineCharts } from './load-charts.ts'
import { distributionTable, measurementsTable, moreMeasurementsTable, timelineTable } from './load-tables.ts'
import { html, type Markup, nothing } from './markup.ts'
import type { Report } from './report.ts'
import { resourcesTable } from './resources-table.ts'
import { meter, spreadStrips } from './strips.ts'
import { orDash, type Row, type Table } from './tables.ts'

const wide = { wide: true }

/** The load in five numbers. */
export function figures({ load }: Report): Markup {
  if (!load) return nothing
  const { requests, requestsPerSecond, errorRate, latencyMs } = load.total
  const shown: readonly (readonly [name: string, value: string])[] = [
    ['Requests', formatValue(requests, 'count')],
    ['Rate', orDash(requestsPerSecond, (value) => formatValue(value, 'per-second'))],
    ['Errors', orDash(errorRate, (value) => formatValue(value, 'ratio'))],
    ['Median', orDash(latencyMs.med, formatMs)],
    ['p95', orDash(latencyMs.percentiles['95'] ?? null, formatMs)],
    ['p99', orDash(latencyMs.percentiles['99'] ?? null, formatMs)],
  ]
  return html`<dl class="figures">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** What each service did, gates right below the numbers that they judge. */
export function loadSection(report: Report): Markup {
  const table = measurementsTable(report, wide)
  return section(
    'Load',
    figures(report),
    scrollingTable('Load', table, { below: (row, column) => limits(report.gates, row, table?.head[column] ?? '') }),
    notes(report.load?.notes ?? []),
    folded('More numbers', scrollingTable('More numbers', moreMeasurementsTable(report, wide))),
  )
}

/** Metrics of gates by the columns that show them; percentiles go by their own names. */
const metricsOfColumns: Readonly<Record<string, readonly string[]>> = {
  Requests: ['requests'],
  Rate: ['rps', 'achieved-rate'],
  Errors: ['error-rate'],
  slowest: ['max'],
  fastest: ['min'],
}

function limits(gates: readonly GateResult[], { cells: [name = ''], total }: Row, title: string): Markup {
  const metrics = metricsOfColumns[title] ?? [title.replace(/^p([\d.]+)$/, 'p($1)')]
  const found = gates.filter(({ service, metric }) => metrics.includes(metric) && (total ? service === null : service === name))
  return html`${found.map((gate) => html`<div class="limit ${gate.status}">${sign(gate.status)} ${formatLimit(gate)}</div>`)}`
}

/** What has room beside the pictures; the rest is folded. */
const besideStrips: readonly string[] = ['p50', 'p90', 'p95', 'p99', 'p99.9']

/** A table with its first column and those of these titles. */
function columnsOf({ head, rows, ...table }: Table, titles: readonly string[]): Table {
  const kept = (_: string, index: number) => index === 0 || titles.includes(head[index] ?? '')
  return { ...table, head: head.filter(kept), rows: rows.map((row) => ({ ...row, cells: row.cells.filter(kept) })) }
}

/** How latency is spread, as curves and for each service. */
export function distributionSection(report: Report): Markup {
  const { load } = report
  const table = distributionTable(report)
  if (!load || table === null) return nothing
  return section(
    'Distribution of latency',
    distributionChart(load),
    scrollingTable('Distribution of latency', columnsOf(table, besideStrips), { strips: spreadStrips(load) }),
    notes([
      'In the pictures: thin line from the fastest to the slowest request, thick line from p10 to p90, bar at the median, dot at p99. Their scale is logarithmic.',
    ]),
    folded('All percentiles', scrollingTable('All percentiles', table)),
  )
}

/** The load over time as pictures, its numbers below them. */
export function timelineSection(report: Report): Markup {
  const table = timelineTable(report)
  if (!report.load?.timeline || table === null) return nothing
  const { timeline } = report.load
  const counted = timeline.map(({ errorsPerSecond }) => errorsPerSecond).filter((errors) => errors !== null)
  const noErrors = counted.length > 0 && counted.every((errors) => errors === 0) ? ['No error in any second.'] : []
  return section('Over time', timelineCharts(timeline), notes(noErrors), folded('In numbers', scrollingTable('Over time', table)))
}

/** What pods used, with bars for what is a share of a limit. */
export function resourcesSection(report: Report): Markup {
  const { services = [], controller = null, note = null } = report.load?.resources ?? {}
  const uses = [...services, ...(controller ? [controller] : [])]
  const table = resourcesTable(report)
  const shares = new Map(table?.rows.map((row, index) => [row, uses[index]?.containers ?? []]))
  const worst = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null)
    return known.length > 0 && known.length === values.length ? Math.max(...known) : null
  }
  const below = (row: Row, column: number) => {
    const share = [undefined, undefined, undefined, cpuShare, undefined, memoryShare][column]
    return share ? meter(worst((shares.get(row) ?? []).map(share))) : nothing
  }
  return section('Pods under load', scrollingTable('Pods under load', table, { below }), notes([note ?? []].flat()))
}
