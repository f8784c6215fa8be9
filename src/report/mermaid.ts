import { sampleTimeline, type TimelinePoint } from '../stages/load/timeline.ts'
import { shownPercentiles } from './load-tables.ts'
import type { Report } from './report.ts'

/** A drawing in Mermaid’s language. Nothing from outside stands in it but numbers. */
export interface Drawing {
  readonly source: string
  /** What its reader has to know, a sentence each. */
  readonly notes: readonly string[]
}

/** The most points of a line: more are closer together than the eye can tell. */
const maxPoints = 60

/** How latency is spread over all requests; null when there are not two percentiles to compare. */
export function distributionDrawing({ load }: Report): Drawing | null {
  const points = (load?.total.latencyMs.grid ?? []).filter(([percentile, ms]) => shownPercentiles.includes(percentile) && drawable(ms) !== null)
  if (points.length < 2) return null
  const axis = `[${points.map(([percentile]) => `"p${percentile}"`).join(', ')}]`
  const values = points.map(([, ms]) => ms)
  return { source: chart({ title: 'Latency of all requests by percentile', axis, unit: 'ms', mark: 'bar', values }), notes: [] }
}

/** The rate and the 95th percentile of the latency over time; empty without a timeline. */
export function timelineDrawings({ load }: Report): Drawing[] {
  const timeline = load?.timeline ?? []
  const points = sampleTimeline(timeline, maxPoints)
  const [first, second] = points
  const sampled = points.length < timeline.length && first && second
  const of = (what: string) => (sampled ? [`Each point is the ${what} of ${number((second.atMs - first.atMs) / 1000)} s.`] : [])
  return [
    line('Requests per second', 'per second', points, (point) => point.requestsPerSecond, 'Not measured', of('mean rate')),
    line('95th percentile of the latency', 'ms', points, (point) => point.p95Ms, 'Without an answer', of('slowest p95')),
  ].filter((drawing) => drawing !== null)
}

/**
 * A line over time. Mermaid knows no gaps, so a moment without a value lies on the straight line between its neighbours: where
 * a line that leaves it out would run. The notes name those moments. Null when there are not two points to join.
 */
function line(
  title: string,
  unit: string,
  points: readonly TimelinePoint[],
  measured: (point: TimelinePoint) => number | null,
  missing: string,
  notes: readonly string[],
): Drawing | null {
  const values = points.map((point) => drawable(measured(point)))
  const first = values.findIndex((value) => value !== null)
  const last = values.findLastIndex((value) => value !== null)
  const [start, end] = [points[first], points[last]]
  if (!start || !end || first === last) return null
  const axis = `"seconds" ${number(start.atMs / 1000)} --> ${number(end.atMs / 1000)}`
  const gaps = points.filter((_, index) => values[index] === null).map(({ atMs }) => `${number(atMs / 1000)} s`)
  const named = gaps.length > maxNamed ? `${gaps.slice(0, maxNamed).join(', ')} and ${gaps.length - maxNamed} more` : gaps.join(', ')
  return {
    source: chart({ title, axis, unit, mark: 'line', values: bridged(values.slice(first, last + 1)) }),
    notes: [...notes, ...(gaps.length > 0 ? [`${missing}, so left out of the line: ${named}.`] : [])],
  }
}

const maxNamed = 6

/** Puts what is missing on the straight line between what is known at both sides. */
function bridged(values: readonly (number | null)[]): number[] {
  let before = 0
  return values.map((value, index) => {
    if (value !== null) {
      before = index
      return value
    }
    const after = values.findIndex((later, place) => place > index && later !== null)
    const [from, to] = [values[before] ?? 0, values[after] ?? 0]
    return from + ((to - from) * (index - before)) / (after - before)
  })
}

interface Chart {
  readonly title: string
  readonly axis: string
  readonly unit: string
  readonly mark: 'bar' | 'line'
  readonly values: readonly number[]
}

/** Wide and low; the vertical axis begins at 0, so that heights can be compared. */
function chart({ title, axis, unit, mark, values }: Chart): string {
  return [
    '---',
    'config:',
    '  xyChart: {width: 800, height: 240}',
    // The first colour of Mermaid’s own palette is hardly to be seen on white.
    '  themeVariables: {xyChart: {plotColorPalette: "#3b82f6"}}',
    '---',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis ${axis}`,
    `  y-axis "${unit}" 0 --> ${number(ceiling(Math.max(...values)))}`,
    `  ${mark} [${values.map(number).join(', ')}]`,
  ].join('\n')
}

/** The next half of a power of ten; 1 when all is 0. */
function ceiling(value: number): number {
  if (value <= 0) return 1
  const step = 10 ** Math.floor(Math.log10(value)) / 2
  return Math.ceil(value / step) * step
}

/** Mermaid reads digits and a point, no exponent. */
function number(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumSignificantDigits: 4, maximumFractionDigits: 4, roundingPriority: 'lessPrecision' })
}

/** The highest number that is drawn: more is no measurement, and has more digits than a drawing has room for. */
const highest = 1e12

function drawable(value: number | null): number | null {
  return value !== null && value >= 0 && value <= highest ? value : null
}
