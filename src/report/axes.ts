import { scaleLinear, scaleLog } from 'd3-scale'
import { formatMs } from '../gates/describe.ts'
import type { Axis, Tick } from './charts.ts'

/** From 0 to a round value above the highest. */
export function fromZero(highest: number, format: (value: number) => string): Axis {
  const scale = scaleLinear([0, highest > 0 ? highest : 1], [0, 1]).nice(3)
  return { at: scale, ticks: scale.ticks(3).map((value) => ({ at: scale(value), text: format(value) })) }
}

/** Time since a beginning, in milliseconds; in minutes where seconds would be many. */
export function sinceStart(endMs: number, count: number): Axis {
  const [unitMs, unit] = endMs > 300_000 ? [60_000, 'min'] : [1000, 's']
  const scale = scaleLinear([0, Math.max(endMs, 1) / unitMs], [0, 1])
  return { at: (ms) => scale(ms / unitMs), ticks: scale.ticks(count).map((value) => ({ at: scale(value), text: `${value} ${unit}` })) }
}

/** Below this, latency is as good as nothing: a logarithm needs a start. */
const leastMs = 0.01

/** Latencies in milliseconds, each tick a few times the one before: a tail can be a thousand medians away. */
export function latencies(values: readonly number[], count: number): Axis {
  const positive = values.filter((value) => value > 0)
  const low = (positive.length > 0 ? Math.max(leastMs, Math.min(...positive)) : leastMs) * 0.9
  const scale = scaleLog([low, Math.max(low * 2, ...positive) * 1.05], [0, 1]).clamp(true)
  return { at: (ms) => scale(Math.max(ms, leastMs)), ticks: thinned(scale.ticks(), count).map((value) => ({ at: scale(value), text: formatMs(value) })) }
}

/** Powers of ten where they are enough, else 1, 2 and 5 of each, else what there is. */
function thinned(ticks: readonly number[], count: number): number[] {
  const led = (digits: readonly number[]) => ticks.filter((tick) => digits.includes(Number(tick.toExponential()[0])))
  const [tens, halves, some] = [led([1]), led([1, 3]), led([1, 2, 5])]
  const fitting = [some, halves, tens].find(({ length }) => length >= 2 && length <= count)
  if (fitting) return fitting
  return tens.length > count ? tens.filter((_, index) => index % Math.ceil(tens.length / count) === 0) : ticks.slice(0, count)
}

/** Percentiles below 100, the better the closer: p90, p99 and p99.9 lie equally far from each other. */
export function percentiles(highest: number): Axis {
  const nines = (percentile: number) => -Math.log10(1 - percentile / 100)
  const scale = scaleLinear([0, nines(highest)], [0, 1])
  const shown: readonly number[] = [50, 90, 99, 99.9, 99.99]
  const ticks = shown.filter((percentile) => percentile <= highest).map((percentile): Tick => ({ at: scale(nines(percentile)), text: `p${percentile}` }))
  return { at: (percentile) => scale(nines(percentile)), ticks }
}
