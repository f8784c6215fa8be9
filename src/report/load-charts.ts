import { formatMs, formatValue } from '../gates/describe.ts'
import type { LoadMetrics, LoadResult } from '../stages/load/result.ts'
import { sampleTimeline, type TimelinePoint } from '../stages/load/timeline.ts'
import { fromZero, latencies, percentiles, sinceStart } from './axes.ts'
import { type LineChart, lineChart, type Series } from './charts.ts'
import { html, type Markup, nothing } from './markup.ts'

interface TimelineChart {
  readonly title: string
  readonly format: (value: number) => string
  readonly shape: NonNullable<LineChart['shape']>
  readonly errors?: boolean
  readonly lines: readonly (readonly [name: string, of: (point: TimelinePoint) => number | null])[]
}

const perSecond = (value: number) => formatValue(value, 'per-second')

const charts: readonly TimelineChart[] = [
  { title: 'Requests per second', format: perSecond, shape: 'area', lines: [['rate', ({ requestsPerSecond }) => requestsPerSecond]] },
  {
    title: 'Latency',
    format: (value) => formatMs(value),
    shape: 'line',
    lines: [
      ['p50', ({ p50Ms }) => p50Ms],
      ['p95', ({ p95Ms }) => p95Ms],
      ['p99', ({ p99Ms }) => p99Ms],
    ],
  },
  { title: 'Errors per second', format: perSecond, shape: 'area', errors: true, lines: [['errors', ({ errorsPerSecond }) => errorsPerSecond]] },
  { title: 'Virtual users', format: (value) => formatValue(value, 'number'), shape: 'steps', lines: [['users', ({ virtualUsers }) => virtualUsers]] },
]

/** More points than this would be closer together than a line is wide. */
const maxPoints = 400

/** A load over time, a picture for each thing that was measured; errors that there were none of have none. */
export function timelineCharts(timeline: readonly TimelinePoint[]): Markup {
  const points = sampleTimeline(timeline, maxPoints)
  const drawn = charts.map((chart) => drawTimeline(chart, points)).filter((chart) => chart !== nothing)
  return drawn.length > 0 ? html`<div class="charts">\n${drawn}</div>` : nothing
}

function drawTimeline({ title, format, shape, errors = false, lines }: TimelineChart, points: readonly TimelinePoint[]): Markup {
  const series = lines.map(([name, of]): Series => ({ name, points: points.map((point) => [point.atMs, of(point)]) }))
  const highest = Math.max(0, ...valuesOf(series))
  if (errors && highest === 0) return nothing
  const x = sinceStart(points.at(-1)?.atMs ?? 0, 4)
  return lineChart({ title, description: describeLines(series, format), x, y: fromZero(highest, format), series, shape, errors })
}

/** The most lines that an eye can tell apart. */
const maxLines = 5

/** How latency rises from the fastest request to the slowest, for all and for each service; of many, for those with the slowest p99. */
export function distributionChart({ total, services }: LoadResult): Markup {
  const named = Object.entries(services).filter(([, { latencyMs }]) => latencyMs.grid.length > 0)
  const worst = named.toSorted(([, a], [, b]) => (at(b, 99) ?? 0) - (at(a, 99) ?? 0)).slice(0, maxLines)
  const chosen = named.length > maxLines ? worst : named
  // One service is the whole load.
  const scopes: (readonly [string, LoadMetrics])[] = chosen.length === 1 ? chosen : [['all', total], ...chosen]
  const series = scopes.map(([name, { latencyMs }]): Series => ({ name, points: latencyMs.grid.filter(([percentile]) => percentile >= 1 && percentile < 100) }))
  const values = valuesOf(series)
  if (values.length === 0) return nothing
  const highest = Math.max(...series.flatMap(({ points }) => points.map(([percentile]) => percentile)))
  const title = named.length > maxLines ? `Latency by percentile, the ${maxLines} services with the slowest p99` : 'Latency by percentile'
  const description = scopes.map(([name, metrics]) => `${name}: median ${ms(at(metrics, 50))}, p99 ${ms(at(metrics, 99))}`).join('; ')
  return lineChart({ title, description, x: percentiles(highest), y: latencies(values, 5), series })
}

/** A percentile of the distribution, in milliseconds; null where it is not known. */
export function at({ latencyMs }: LoadMetrics, percentile: number): number | null {
  return latencyMs.grid.find(([known]) => known === percentile)?.[1] ?? null
}

function ms(value: number | null): string {
  return value === null ? 'not known' : formatMs(value)
}

function valuesOf(series: readonly Series[]): number[] {
  return series.flatMap(({ points }) => points.map(([, value]) => value)).filter((value) => value !== null)
}

function describeLines(series: readonly Series[], format: (value: number) => string): string {
  return series
    .map((each) => {
      const values = valuesOf([each])
      return values.length === 0 ? `${each.name}: not measured` : `${each.name}: from ${format(Math.min(...values))} to ${format(Math.max(...values))}`
    })
    .join('; ')
}
