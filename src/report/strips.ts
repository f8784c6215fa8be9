import { formatMs } from '../gates/describe.ts'
import type { LoadResult } from '../stages/load/result.ts'
import { latencies, sinceStart } from './axes.ts'
import { type Axis, percent } from './charts.ts'
import { at } from './load-charts.ts'
import { html, type Markup, nothing } from './markup.ts'
import type { Report, ReportedStage } from './report.ts'

/** A column of small pictures, all on one axis. The numbers beside them say the same, so they are for the eye alone. */
export interface StripColumn {
  readonly title: string
  readonly head: Markup
  readonly cells: readonly Markup[]
}

/** Latency of each service and then of all, from the fastest request to the slowest; null where nothing was measured. */
export function spreadStrips({ services, total }: LoadResult): StripColumn | null {
  const scopes = [...Object.values(services), total]
  const values = scopes.flatMap(({ latencyMs }) => latencyMs.grid.map(([, value]) => value))
  if (values.length === 0) return null
  const axis = latencies(values, 4)
  const x = (value: number) => percent(axis.at(value))
  const cells = scopes.map((scope) => {
    const [fastest, low, median, high, p99, slowest] = [0, 10, 50, 90, 99, 100].map((percentile) => at(scope, percentile)) as (number | null)[]
    const bar = (name: string, from: number | null | undefined, to: number | null | undefined) =>
      from == null || to == null ? nothing : html`<line class="${name}" x1="${x(from)}" x2="${x(to)}" y1="12" y2="12"></line>`
    const middle = median == null ? nothing : html`<line class="median" x1="${x(median)}" x2="${x(median)}" y1="5" y2="19"></line>`
    const tail = p99 == null ? nothing : html`<circle class="tail" cx="${x(p99)}" cy="12" r="3.5"></circle>`
    const words = p99 == null || median == null ? nothing : html`<title>median ${formatMs(median)}, p99 ${formatMs(p99)}</title>`
    return strip(axis, html`${words}${bar('range', fastest, slowest)}${bar('middle', low, high)}${middle}${tail}`)
  })
  return { title: 'Spread', head: scale(axis), cells }
}

/** When each stage ran. */
export function stageStrips({ stages, durationMs }: Report): StripColumn | null {
  const endMs = Math.max(durationMs ?? 0, ...stages.map((stage) => (stage.startedAfterMs ?? 0) + (stage.durationMs ?? 0)))
  if (endMs <= 0) return null
  const axis = sinceStart(endMs, 4)
  return { title: 'When', head: scale(axis), cells: stages.map((stage) => strip(axis, stageBar(stage, axis, endMs))) }
}

/** Too short a stage would not be seen. */
const leastShare = 0.004

function stageBar({ startedAfterMs, durationMs, status }: ReportedStage, axis: Axis, endMs: number): Markup {
  if (startedAfterMs === null) return nothing
  const from = Math.min(axis.at(startedAfterMs), 1 - leastShare)
  const share = Math.max(leastShare, axis.at(startedAfterMs + (durationMs ?? endMs - startedAfterMs)) - from)
  return html`<rect class="${status}" x="${percent(from)}" width="${percent(share)}" y="5" height="14" rx="2"></rect>`
}

function strip({ ticks }: Axis, content: Markup): Markup {
  const lines = ticks.map(({ at }) => html`<line x1="${percent(at)}" x2="${percent(at)}" y2="100%"></line>`)
  return html`<svg class="strip" aria-hidden="true">${lines}${content}</svg>`
}

function scale({ ticks }: Axis): Markup {
  const texts = ticks.map(
    ({ at, text }) => html`<text x="${percent(at)}" y="16" text-anchor="${at < 0.1 ? 'start' : at > 0.9 ? 'end' : 'middle'}">${text}</text>`,
  )
  return html`<svg class="strip" aria-hidden="true">${texts}</svg>`
}

/** How much of a limit was used, as a bar; null where it is not known. */
export function meter(share: number | null): Markup {
  if (share === null) return nothing
  const tone = share >= 0.9 ? 'high' : share >= 0.7 ? 'some' : 'low'
  return html`<svg class="meter" aria-hidden="true"><rect class="${tone}" width="${percent(share)}" height="4"></rect></svg>`
}
