import type { Latency } from './result.ts'

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
