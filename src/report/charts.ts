import { area, curveStepBefore, line } from 'd3-shape'
import { html, type Markup, nothing } from './markup.ts'

/** One line of a chart. A point without a value is a gap, not a 0. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number | null])[]
}

/** How values lie along a side. */
export interface Axis {
  /** Where a value lies, from 0 to 1. */
  readonly at: (value: number) => number
  readonly ticks: readonly Tick[]
}

export interface Tick {
  /** From 0 to 1. */
  readonly at: number
  readonly text: string
}

export interface LineChart {
  readonly title: string
  /** The numbers in words, for who cannot see the lines. */
  readonly description: string
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly Series[]
  /** `area` fills below the lines, `steps` holds each value back to the one before. */
  readonly shape?: 'line' | 'area' | 'steps'
  /** Errors have a colour of their own. */
  readonly errors?: boolean
}

/** Pixels of the drawing's height; its width is the page's. */
const height = 132
/** Of the inner drawing's own width, which is stretched. */
const width = 1000

/**
 * Lines as SVG without a colour or a font of its own: the page's style has both, for light, dark and paper. Only the lines are
 * stretched to the page's width; text stands at shares of it and keeps its size. d3 says how the lines run.
 */
export function lineChart({ title, description, x, y, series, shape = 'line', errors = false }: LineChart): Markup {
  const points = series.map((each) => each.points.map(([at, value]): Point => [x.at(at) * width, value === null ? null : (1 - y.at(value)) * height]))
  if (!points.some((each) => each.some(isKnown))) return nothing
  const keys = series.length > 1 ? html`<ul class="keys">${series.map(({ name }, index) => html`<li>${key(index)}${name}</li>`)}</ul>` : nothing
  return html`<figure${errors ? html` class="errors"` : nothing}>
<figcaption>${title}${keys}</figcaption>
<svg class="chart" role="img"><title>${title}</title><desc>${description}</desc>
${y.ticks.map(({ at, text }) => html`<line x2="100%" y1="${fixed((1 - at) * height)}" y2="${fixed((1 - at) * height)}"></line><text x="-8" y="${fixed((1 - at) * height + 4)}" text-anchor="end">${text}</text>`)}
${x.ticks.map(({ at, text }) => html`<text x="${percent(at)}" y="${String(height + 18)}" text-anchor="${anchor(at)}">${text}</text>`)}
<svg viewBox="0 0 ${String(width)} ${String(height)}" width="100%" height="${String(height)}" preserveAspectRatio="none">
${points.map((each, index) => html`${shape === 'area' ? html`<path class="fill s${String(index)}" d="${fillOf(each)}"></path>` : nothing}<path class="s${String(index)}" d="${lineOf(each, shape)}"></path>\n`)}</svg>
</svg>
</figure>\n`
}

type Point = readonly [x: number, y: number | null]

function isKnown([, y]: Point): boolean {
  return y !== null
}

function lineOf(points: readonly Point[], shape: LineChart['shape']): string {
  const path = line<Point>(
    ([x]) => x,
    ([, y]) => y ?? 0,
  )
    .defined(isKnown)
    .digits(1)
  return (shape === 'steps' ? path.curve(curveStepBefore) : path)([...points]) ?? ''
}

function fillOf(points: readonly Point[]): string {
  return (
    area<Point>(
      ([x]) => x,
      height,
      ([, y]) => y ?? 0,
    )
      .defined(isKnown)
      .digits(1)([...points]) ?? ''
  )
}

/** How a line looks beside its name: by colour and by dashes. */
function key(index: number): Markup {
  return html`<svg class="key" aria-hidden="true"><path class="s${String(index)}" d="M1,6H23"></path></svg>`
}

/** Text at the ends stays inside. */
function anchor(at: number): string {
  if (at < 0.04) return 'start'
  return at > 0.96 ? 'end' : 'middle'
}

/** A share as SVG's percentage. */
export function percent(share: number): string {
  return `${Number((Math.min(1, Math.max(0, share)) * 100).toFixed(2))}%`
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)))
}
