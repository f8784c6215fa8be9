/** Whole percents from `from` to `to` in steps, in rising order. */
function steps(from: number, to: number, step: number): number[] {
  const count = Math.round((to - from) / step) + 1
  // Through a decimal text, so that 99.1 is 99.1.
  return Array.from({ length: count }, (_, index) => Number((from + index * step).toFixed(3)))
}

/**
 * Percentiles by which k6 tells a distribution, without a raw sample leaving it: closer where latency gates look.
 * Its ends, 0 and 100, are k6's `min` and `max`.
 */
export const percentileGrid: readonly number[] = [0.1, 0.5, ...steps(1, 89, 1), ...steps(90, 98, 0.5), ...steps(98.1, 99.9, 0.1), 99.95, 99.99]
