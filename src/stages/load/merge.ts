import { percentileStat } from './distribution.ts'
import type { K6Summary } from './summary.ts'

type Metric = K6Summary['metrics'][string]
type Values = Readonly<Record<string, number>>

/** The most that a merged percentile can be off. */
export interface MergeBound {
  readonly metric: string
  /** k6's name of it: `med`, `p(95)`, … */
  readonly statistic: string
  /** The merged value, in the metric's own unit, milliseconds for a latency. */
  readonly value: number
  /** The pooled samples' own percentile is at most this far from it, in the same unit. */
  readonly bound: number
}

/** One summary of what several k6 measured, and how exact its percentiles are. */
export interface MergedSummary {
  readonly summary: K6Summary
  /** One for every percentile of every trend; empty where there was nothing to merge. */
  readonly bounds: readonly MergeBound[]
}

/**
 * One summary of what several k6 measured at the same time, each its own share of the load.
 *
 * Exact: counts and counters add up, rates' passes and fails too; smallest and largest are those of all; averages are
 * weighted by count; a counter's rate is over the longest duration. A gauge is the highest that any k6 saw.
 *
 * Percentiles come from mixing the runners' distributions, each known at the percentiles that k6 told and straight in
 * between, weighted by count. How far such a value can be from that of the pooled samples is not guessed but follows
 * from the counts: at each told value it is known how many samples are at most as large and how many are smaller, so
 * the true value lies between two told values, mostly neighbours. That is the bound; it shrinks with the spacing of the grid.
 * @throws Error when there is no summary at all
 */
export function mergeSummaries(summaries: readonly K6Summary[]): MergedSummary {
  const [only, ...others] = summaries
  if (!only) throw new Error('there is no summary to merge')
  if (others.length === 0) return { summary: only, bounds: [] }
  const longestMs = Math.max(...summaries.map(({ state }) => state.testRunDurationMs))
  const bounds: MergeBound[] = []
  const merged = (name: string): Metric => {
    const metrics = summaries.flatMap(({ metrics }) => metrics[name] ?? [])
    const [first] = metrics as [Metric]
    const all = metrics.map(({ values }) => values)
    const thresholds = mergeThresholds(metrics)
    if (first.type !== 'trend') return { ...first, ...thresholds, values: mergeValues(first.type, all, longestMs) }
    const trend = mergeTrends(all)
    bounds.push(...trend.bounds.map((bound) => ({ metric: name, ...bound })))
    return { ...first, ...thresholds, values: trend.values }
  }
  const names = [...new Set(summaries.flatMap(({ metrics }) => Object.keys(metrics)))]
  const metrics = Object.fromEntries(names.map((name) => [name, merged(name)]))
  return { summary: { ...only, state: { ...only.state, testRunDurationMs: longestMs }, metrics }, bounds }
}

/** What a reader should know about one metric's merged percentiles, or null when there are none. */
export function mergeNote({ bounds }: MergedSummary, metric: string, runners: number): string | null {
  const shown = bounds.filter((bound) => bound.metric === metric && ['med', 'p(95)', 'p(99)'].includes(bound.statistic))
  if (shown.length === 0) return null
  const each = shown.map(({ statistic, value, bound }) => {
    const relative = value > 0 ? ` (${((bound / value) * 100).toFixed(1)}%)` : ''
    return `${statistic === 'med' ? 'the median' : statistic} within ${bound.toPrecision(2)} ms${relative}`
  })
  return `Percentiles are mixed from those of ${runners} runners; of all requests together they are exact to: ${each.join(', ')}.`
}

/** A threshold held when it held for every runner on its own share. */
function mergeThresholds(metrics: readonly Metric[]): Pick<Metric, 'thresholds'> {
  const all = metrics.flatMap(({ thresholds = {} }) => Object.entries(thresholds))
  if (all.length === 0) return {}
  const conditions = [...new Set(all.map(([condition]) => condition))]
  return { thresholds: Object.fromEntries(conditions.map((condition) => [condition, { ok: all.every(([other, { ok }]) => other !== condition || ok) }])) }
}

function mergeValues(type: string, all: readonly Values[], longestMs: number): Values {
  const sum = (stat: string) => all.reduce((total, values) => total + (values[stat] ?? 0), 0)
  const largest = (stat: string) => Math.max(...all.map((values) => values[stat] ?? Number.NEGATIVE_INFINITY))
  switch (type) {
    case 'counter':
      return { count: sum('count'), rate: sum('count') / (longestMs / 1000) }
    case 'rate': {
      const [passes, fails] = [sum('passes'), sum('fails')]
      return { rate: passes + fails > 0 ? passes / (passes + fails) : 0, passes, fails }
    }
    default:
      return { value: largest('value'), min: Math.min(...all.map(({ min = Number.POSITIVE_INFINITY }) => min)), max: largest('max') }
  }
}

function mergeTrends(all: readonly Values[]): { values: Values; bounds: Omit<MergeBound, 'metric'>[] } {
  const measured = all.filter(({ count = 0 }) => count > 0)
  const [first, ...others] = measured
  // Without a sample everywhere, k6's own zeros do; with all samples in one place, that one's numbers are exact.
  if (!first || others.length === 0) return { values: first ?? (all[0] as Values), bounds: [] }
  const count = measured.reduce((total, values) => total + (values.count as number), 0)
  const distributions = measured.map(distributionOf)
  const told = [...new Set(distributions.flatMap(({ points }) => points.map(({ value }) => value)))].sort((a, b) => a - b)
  const bounds = Object.keys(first).flatMap((statistic) => {
    const percentile = percentileOfStatistic(statistic)
    if (percentile === undefined) return []
    const [low, high] = range(distributions, told, count, percentile)
    const value = Math.min(high, Math.max(low, mixedPercentile(distributions, told, count, percentile)))
    return [{ statistic, value, bound: Math.max(value - low, high - value) }]
  })
  const avg = measured.reduce((total, values) => total + (values.avg ?? 0) * ((values.count as number) / count), 0)
  const ends = { min: told[0] as number, max: told.at(-1) as number }
  return { values: { ...first, count, avg, ...ends, ...Object.fromEntries(bounds.map(({ statistic, value }) => [statistic, value])) }, bounds }
}

/** What one k6 told of its samples. */
interface Distribution {
  readonly count: number
  /** In rising order; the ends are its smallest and its largest sample. */
  readonly points: readonly { readonly percentile: number; readonly value: number }[]
}

/** The percentile that one of k6's statistics is, or undefined. */
function percentileOfStatistic(statistic: string): number | undefined {
  if (statistic === 'med') return 50
  const percentile = percentileStat(statistic)
  return percentile === undefined ? undefined : Number(percentile)
}

function distributionOf(values: Values): Distribution {
  const inner = Object.entries(values).flatMap(([statistic, value]) => {
    const percentile = percentileOfStatistic(statistic)
    return percentile === undefined ? [] : [{ percentile, value }]
  })
  const ends = [
    { percentile: 0, value: values.min as number },
    { percentile: 100, value: values.max as number },
  ]
  return { count: values.count as number, points: [...ends, ...inner].sort((a, b) => a.percentile - b.percentile || a.value - b.value) }
}

/** Share of a distribution's samples that are at most as large as a value, 0 to 1, straight between what was told. */
function shareUpTo({ points }: Distribution, value: number): number {
  const after = points.findIndex((point) => point.value > value)
  if (after === -1) return 1
  const [from, to] = [points[after - 1], points[after]]
  if (!from || !to) return 0
  return (from.percentile + ((value - from.value) / (to.value - from.value)) * (to.percentile - from.percentile)) / 100
}

/** The same for samples that are smaller: it differs where many samples are equal. */
function shareBelow({ points }: Distribution, value: number): number {
  const at = points.findIndex((point) => point.value >= value)
  if (at === -1) return 1
  const [from, to] = [points[at - 1], points[at]]
  if (!from || !to) return 0
  return (from.percentile + ((value - from.value) / (to.value - from.value)) * (to.percentile - from.percentile)) / 100
}

/** A percentile of the mixture of distributions, each weighted by its count. */
function mixedPercentile(distributions: readonly Distribution[], told: readonly number[], count: number, percentile: number): number {
  const wanted = percentile / 100
  const mixed = (share: typeof shareUpTo, value: number) => distributions.reduce((sum, each) => sum + share(each, value) * (each.count / count), 0)
  const index = firstWhere(told, (value) => mixed(shareUpTo, value) >= wanted)
  const [before, at] = [told[index - 1], told[index] as number]
  if (before === undefined) return at
  const [from, to] = [mixed(shareUpTo, before), mixed(shareBelow, at)]
  // Where the share jumps, the value is the one that many samples have.
  if (to <= from || wanted >= to) return at
  return before + ((wanted - from) / (to - from)) * (at - before)
}

/**
 * Two told values that have the pooled samples' percentile between them, by counting. k6 takes a percentile p of n sorted
 * samples at position p(n − 1), between two samples where that is no whole number; so at least ⌊p(n − 1)⌋ + 1 samples are
 * at most as large as its value, and at most ⌈p(n − 1)⌉ are smaller.
 */
function range(distributions: readonly Distribution[], told: readonly number[], count: number, percentile: number): [low: number, high: number] {
  const position = (percentile / 100) * (count - 1)
  const atMostAsLarge = (value: number) =>
    distributions.reduce((sum, { count: n, points }) => {
      const last = points.findLast((point) => point.value <= value)
      return sum + (last ? Math.floor((last.percentile / 100) * (n - 1)) + 1 : 0)
    }, 0)
  const smaller = (value: number) =>
    distributions.reduce((sum, { count: n, points }) => {
      const next = points.find((point) => point.value >= value)
      return sum + (next ? Math.ceil((next.percentile / 100) * (n - 1)) : n)
    }, 0)
  const high = firstWhere(told, (value) => atMostAsLarge(value) >= Math.ceil(position) + 1)
  const tooHigh = firstWhere(told, (value) => smaller(value) > Math.floor(position), told.length)
  return [told[Math.max(0, tooHigh - 1)] as number, told[high] as number]
}

/** Index of the first for which a test that once holds always holds; `otherwise`, by default the last, when there is none. */
function firstWhere(values: readonly number[], holds: (value: number) => boolean, otherwise = values.length - 1): number {
  let [from, to] = [0, values.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (holds(values[middle] as number)) to = middle
    else from = middle + 1
  }
  return from === values.length ? otherwise : from
}
