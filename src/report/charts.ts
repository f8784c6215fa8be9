import { formatMs, formatValue } from '../gates/describe.ts'
import { sampleTimeline, type TimelinePoint } from '../stages/load/timeline.ts'
import { html, type Markup, nothing } from './markup.ts'

interface Series {
  readonly name: string
  readonly of: (point: TimelinePoint) => number | null
}

interface Chart {
  readonly title: string
  readonly format: (value: number) => string
  readonly series: readonly Series[]
}

const charts: readonly Chart[] = [
  {
    title: 'Requests per second',
    format: (value) => formatValue(value, 'per-second'),
    series: [
      { name: 'rate', of: ({ requestsPerSecond }) => requestsPerSecond },
      { name: 'errors', of: ({ errorsPerSecond }) => errorsPerSecond },
    ],
  },
  {
    title: 'Latency',
    format: (value) => formatMs(value),
    series: [
      { name: 'p50', of: ({ p50Ms }) => p50Ms },
      { name: 'p95', of: ({ p95Ms }) => p95Ms },
      { name: 'p99', of: ({ p99Ms }) => p99Ms },
    ],
  },
]

/** Sizes in the picture's own units; the page scales it. */
const size = { width: 1000, height: 140, left: 76, top: 10, bottom: 22 }

/** More points than this would be closer together than a line is wide. */
const maxPoints = 400

/** Pictures of a load over time, drawn here: the page may load nothing. */
export function timelineCharts(timeline: readonly TimelinePoint[]): Markup {
  const points = sampleTimeline(timeline, maxPoints)
  return html`${charts.map((chart) => draw(chart, points))}`
}

function draw({ title, format, series }: Chart, points: readonly TimelinePoint[]): Markup {
  const values = series.flatMap(({ of }) => points.map(of)).filter((value) => value !== null)
  if (values.length === 0) return nothing
  const highest = Math.max(...values)
  const endMs = points.at(-1)?.atMs ?? 0
  const bottom = size.height - size.bottom
  const x = (atMs: number) => size.left + (endMs > 0 ? (atMs / endMs) * (size.width - size.left) : 0)
  const y = (value: number) => bottom - (highest > 0 ? (value / highest) * (bottom - size.top) : 0)
  const level = (value: number) => html`<line x1="${String(size.left)}" x2="${String(size.width)}" y1="${fixed(y(value))}" y2="${fixed(y(value))}"></line>
<text x="${String(size.left - 8)}" y="${fixed(y(value) + 4)}" text-anchor="end">${format(value)}</text>`
  const classes = ['first', 'second', 'third']
  const lines = series.flatMap(({ of }, index) =>
    // A second without a number is a gap, not a 0.
    unbroken(points, of).map((run) => {
      const path = run.map((point) => `${fixed(x(point.atMs))},${fixed(y(of(point) ?? 0))}`)
      // A line needs two points; a lonely one is a dot.
      return html`<polyline class="${classes[index] ?? ''}" points="${[...path, ...(path.length === 1 ? path : [])].join(' ')}"></polyline>\n`
    }),
  )
  const legend = series.map(({ name }, index) => html` <span class="${classes[index] ?? ''}"><b aria-hidden="true">—</b> ${name}</span>`)
  return html`<figure>
<figcaption>${title}:${legend}</figcaption>
<svg class="chart" viewBox="0 0 ${String(size.width)} ${String(size.height)}" role="img" aria-label="${title} over time, at most ${format(highest)}">
${level(0)}
${level(highest)}
<text x="${String(size.left)}" y="${String(size.height - 4)}">0 s</text>
<text x="${String(size.width)}" y="${String(size.height - 4)}" text-anchor="end">${String(Math.round(endMs / 1000))} s</text>
${lines}</svg>
</figure>\n`
}

/** Runs of points with a value. */
function unbroken(points: readonly TimelinePoint[], of: Series['of']): TimelinePoint[][] {
  const runs: TimelinePoint[][] = [[]]
  for (const point of points) {
    if (of(point) === null) runs.push([])
    else runs.at(-1)?.push(point)
  }
  return runs.filter((run) => run.length > 0)
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)))
}
