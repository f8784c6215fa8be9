import { formatMs, formatValue } from '../gates/describe.ts'
import type { LoadMetrics, LoadResult } from '../stages/load/result.ts'
import { sampleTimeline } from '../stages/load/timeline.ts'
import type { Report } from './report.ts'
import { orDash, type Row, type Table } from './tables.ts'

interface Column {
  readonly title: string
  readonly cell: (metrics: LoadMetrics) => string
}

const fastest: Column = { title: 'fastest', cell: ({ latencyMs }) => latency(latencyMs.min) }

const mainPercentiles: readonly string[] = ['90', '95', '99']

const mainColumns: readonly Column[] = [
  { title: 'Requests', cell: ({ requests }) => formatValue(requests, 'count') },
  { title: 'Rate', cell: ({ requestsPerSecond }) => orDash(requestsPerSecond, (value) => formatValue(value, 'per-second')) },
  { title: 'Errors', cell: ({ errorRate }) => orDash(errorRate, (value) => formatValue(value, 'ratio')) },
  { title: 'avg', cell: ({ latencyMs }) => latency(latencyMs.avg) },
  ...mainPercentiles.map(percentile),
  { title: 'slowest', cell: ({ latencyMs }) => latency(latencyMs.max) },
]

function moreColumns({ total }: LoadResult): readonly Column[] {
  const percentiles = Object.keys(total.latencyMs.percentiles).filter((name) => !mainPercentiles.includes(name))
  const statuses = Object.keys(total.statuses ?? {})
  return [
    { title: 'Success', cell: ({ successRate }) => orDash(successRate, (value) => formatValue(value, 'ratio')) },
    { title: 'Checks held', cell: ({ checks }) => formatValue(checks.passed, 'count') },
    { title: 'Checks failed', cell: ({ checks }) => formatValue(checks.failed, 'count') },
    fastest,
    { title: 'median', cell: ({ latencyMs }) => latency(latencyMs.med) },
    ...percentiles.map(percentile),
    ...statuses.map(status),
  ]
}

/** What the load measured for each service and for all, or null without a load. A `wide` page has room for the fastest, too. */
export function measurementsTable({ load }: Report, { wide = false }: { readonly wide?: boolean } = {}): Table | null {
  return load && perService(load, wide ? [...mainColumns, fastest] : mainColumns)
}

/** What the first table of the same width has no room for. */
export function moreMeasurementsTable({ load }: Report, { wide = false }: { readonly wide?: boolean } = {}): Table | null {
  return (
    load &&
    perService(
      load,
      moreColumns(load).filter((column) => !(wide && column === fastest)),
    )
  )
}

function perService(load: LoadResult, columns: readonly Column[]): Table {
  const cells = (name: string, metrics: LoadMetrics) => [name, ...columns.map(({ cell }) => cell(metrics))]
  return {
    head: ['Service', ...columns.map(({ title }) => title)],
    rows: [...Object.entries(load.services).map(([name, metrics]) => ({ cells: cells(name, metrics) })), { cells: cells('all', load.total), total: true }],
    numbersFrom: 1,
  }
}

/** Percentiles of the distribution that are shown, from the grid of all. */
const shownPercentiles: readonly number[] = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99]

/** How latency is spread, for each service and for all; null when nothing was measured. */
export function distributionTable({ load }: Report): Table | null {
  if (!load || load.total.latencyMs.grid.length === 0) return null
  const known = new Set(load.total.latencyMs.grid.map(([percentile]) => percentile))
  const columns = shownPercentiles
    .filter((shown) => known.has(shown))
    .map((shown): Column => {
      return { title: `p${shown}`, cell: ({ latencyMs }) => latency(latencyMs.grid.find(([percentile]) => percentile === shown)?.[1]) }
    })
  return columns.length > 0 ? perService(load, columns) : null
}

/** The load over time in at most so many rows; null without a timeline. */
export function timelineTable({ load }: Report, limit = 30): Table | null {
  if (!load?.timeline) return null
  const points = sampleTimeline(load.timeline, limit)
  const perSecond = (value: number | null) => orDash(value, (rate) => formatValue(rate, 'per-second'))
  const rows = points.map(({ atMs, requestsPerSecond, errorsPerSecond, p50Ms, p95Ms, p99Ms, virtualUsers }): Row => {
    const users = orDash(virtualUsers, (value) => formatValue(Math.round(value), 'count'))
    return {
      cells: [
        `${Math.round(atMs / 1000)}\u00a0s`,
        perSecond(requestsPerSecond),
        perSecond(errorsPerSecond),
        latency(p50Ms),
        latency(p95Ms),
        latency(p99Ms),
        users,
      ],
    }
  })
  return { head: ['Until', 'Rate', 'Errors', 'p50', 'p95', 'p99', 'VUs'], rows, numbersFrom: 0 }
}

function percentile(name: string): Column {
  return { title: `p${name}`, cell: ({ latencyMs }) => latency(latencyMs.percentiles[name]) }
}

function status(code: string): Column {
  const title = code === '0' ? 'No answer' : code === 'other' ? 'Other status' : `Status ${code}`
  return { title, cell: ({ statuses }) => orDash(statuses === null ? null : (statuses[code] ?? 0), (count) => formatValue(count, 'count')) }
}

/** A number and its unit stay on one line. */
function latency(ms: number | null | undefined): string {
  return orDash(ms ?? null, formatMs).replace(' ', '\u00a0')
}
