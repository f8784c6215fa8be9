import { formatLimit, formatMeasured, formatMs, formatValue } from '../gates/describe.ts'
import type { GateResult } from '../gates/evaluate.ts'
import type { LoadMetrics, LoadResult } from '../stages/load/result.ts'
import { sampleTimeline } from '../stages/load/timeline.ts'
import type { Report } from './report.ts'
import { orDash, type Row, type Table } from './tables.ts'

interface Column {
  readonly title: string
  readonly cell: (metrics: LoadMetrics) => string
  /** The metric of gates that judge this number. */
  readonly metric?: string
}

const requests: Column = { title: 'Requests', metric: 'requests', cell: ({ requests: count }) => formatValue(count, 'count') }
const fastest: Column = { title: 'fastest', metric: 'min', cell: ({ latencyMs }) => latency(latencyMs.min) }

const mainPercentiles: readonly string[] = ['90', '95', '99']

const mainColumns: readonly Column[] = [
  requests,
  { title: 'Rate', metric: 'rps', cell: ({ requestsPerSecond }) => orDash(requestsPerSecond, (value) => formatValue(value, 'per-second')) },
  { title: 'Errors', metric: 'error-rate', cell: ({ errorRate }) => orDash(errorRate, (value) => formatValue(value, 'ratio')) },
  { title: 'avg', metric: 'avg', cell: ({ latencyMs }) => latency(latencyMs.avg) },
  ...mainPercentiles.map(percentile),
  { title: 'slowest', metric: 'max', cell: ({ latencyMs }) => latency(latencyMs.max) },
]

const widths: Readonly<Record<'narrow' | 'brief' | 'wide', readonly Column[]>> = {
  narrow: mainColumns,
  brief: [...mainColumns.filter((column) => column !== requests), fastest],
  wide: [...mainColumns, fastest],
}

/** Whether there is room for the fastest beside the slowest; a `brief` table has it instead of the requests. */
export interface Width {
  readonly wide?: boolean
  readonly brief?: boolean
}

function mainColumnsOf({ wide = false, brief = false }: Width): readonly Column[] {
  return brief ? widths.brief : wide ? widths.wide : widths.narrow
}

function moreColumns({ total }: LoadResult): readonly Column[] {
  const percentiles = Object.keys(total.latencyMs.percentiles).filter((name) => !mainPercentiles.includes(name))
  const statuses = Object.keys(total.statuses ?? {})
  return [
    requests,
    { title: 'Success', metric: 'success-rate', cell: ({ successRate }) => orDash(successRate, (value) => formatValue(value, 'ratio')) },
    { title: 'Checks held', cell: ({ checks }) => formatValue(checks.passed, 'count') },
    { title: 'Checks failed', cell: ({ checks }) => formatValue(checks.failed, 'count') },
    fastest,
    { title: 'median', metric: 'med', cell: ({ latencyMs }) => latency(latencyMs.med) },
    ...percentiles.map(percentile),
    ...statuses.map(status),
  ]
}

/** What the load measured for each service and for all, or null without a load; gates that did not hold stand in their cells. */
export function measurementsTable(report: Report, width: Width = {}): Table | null {
  return report.load && perService(report.load, mainColumnsOf(width), report.gates)
}

/** The same for a few of the services, those first that missed a gate, then the slowest; null when there are no more than that. */
export function worstMeasurementsTable(report: Report, few: number, width: Width = {}): Table | null {
  const { load, gates } = report
  if (!load || Object.keys(load.services).length <= few) return null
  const missed = new Set(gates.filter(({ status }) => status !== 'passed').map(({ service }) => service))
  const slowness = ({ latencyMs }: LoadMetrics) => latencyMs.percentiles['95'] ?? Number.POSITIVE_INFINITY
  const worst = Object.entries(load.services).toSorted(
    ([a, aMetrics], [b, bMetrics]) => Number(missed.has(b)) - Number(missed.has(a)) || compare(slowness(bMetrics), slowness(aMetrics)),
  )
  return perService({ ...load, services: Object.fromEntries(worst.slice(0, few)) }, mainColumnsOf(width), gates)
}

/** What the first table of the same width has no room for. */
export function moreMeasurementsTable({ load }: Report, width: Width = {}): Table | null {
  const shown = mainColumnsOf(width)
  return (
    load &&
    perService(
      load,
      moreColumns(load).filter((column) => !shown.includes(column)),
    )
  )
}

function perService({ services, total }: LoadResult, columns: readonly Column[], gates: readonly GateResult[] = []): Table {
  const byService = Map.groupBy(
    gates.filter(({ status }) => status !== 'passed'),
    ({ service }) => service,
  )
  const row = (name: string, metrics: LoadMetrics, service: string | null): Row => {
    const missed = columns.flatMap(({ metric }, index): [number, GateResult][] => {
      const gate = byService.get(service)?.find((each) => each.metric === metric)
      return gate ? [[index + 1, gate]] : []
    })
    const cells = [name, ...columns.map(({ cell }) => cell(metrics))]
    for (const [index, gate] of missed) if (gate.value !== null) cells[index] = formatMeasured(gate).replace(' ', '\u00a0')
    if (missed.length === 0) return { cells }
    const limits = missed.map(([index, gate]) => [index, { status: gate.status === 'failed' ? 'failed' : 'missing', limit: formatLimit(gate) }] as const)
    return { cells, missed: Object.fromEntries(limits) }
  }
  return {
    head: ['Service', ...columns.map(({ title }) => title)],
    rows: [...Object.entries(services).map(([name, metrics]) => row(name, metrics, name)), { ...row('all', total, null), total: true }],
    numbersFrom: 1,
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}

/** Percentiles of the distribution that are shown, from the grid of all. */
export const shownPercentiles: readonly number[] = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99]

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
  return { title: `p${name}`, metric: `p(${name})`, cell: ({ latencyMs }) => latency(latencyMs.percentiles[name]) }
}

function status(code: string): Column {
  const title = code === '0' ? 'No answer' : code === 'other' ? 'Other status' : `Status ${code}`
  return { title, cell: ({ statuses }) => orDash(statuses === null ? null : (statuses[code] ?? 0), (count) => formatValue(count, 'count')) }
}

/** A number and its unit stay on one line. */
function latency(ms: number | null | undefined): string {
  return orDash(ms ?? null, formatMs).replace(' ', '\u00a0')
}
