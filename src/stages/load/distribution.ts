import type { Latency } from './result.ts'

/**
 * The percentiles that every load asks k6 for: the distribution without its samples, whose size does not grow with the
 * load. Values between two of them are known only to lie between theirs, so when several runners' grids are mixed, a
 * percentile is off by at most one step: the p95 is a value between the true p94.5 and p95.5, the p99 one between p98.9 and p99.1.
 */
export const percentileGrid: readonly number[] = [0.1, 0.5, 1, 2, 5, ...steps(10, 90, 5), ...steps(90.5, 98, 0.5), ...steps(98.1, 99.9, 0.1), 99.95, 99.99]

/** From one number to another, both included, free of rounding errors. */
function steps(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => Number((from + index * step).toFixed(1)))
}

/**
 * The distribution in k6's statistics of a trend, lowest and highest value at its ends; empty when they hold no percentile.
 * @param stats statistics by k6's names, such as `p(99)`
 */
export function distribution(stats: Readonly<Record<string, number>>): Latency['grid'] {
  const asked = Object.entries(stats).flatMap(([stat, value]): [number, number][] => {
    const percentile = percentileStat(stat)
    return percentile === undefined ? [] : [[Number(percentile), value]]
  })
  const { min, max } = stats
  if (asked.length === 0 || min === undefined || max === undefined) return []
  return [[0, min] as const, ...asked, [100, max] as const].sort(([a], [b]) => a - b)
}

/** N of k6's `p(N)`, as it is written; undefined for its other statistics. */
export function percentileStat(stat: string): string | undefined {
  return /^p\((.+)\)$/.exec(stat)?.[1]
}
