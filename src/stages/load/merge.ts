import type { K6Summary } from './summary.ts'

/** One summary of what several k6 measured at the same time, each its own share of the load. */
export function mergeSummaries(summaries: readonly K6Summary[]): K6Summary {
  const [only, ...others] = summaries
  if (!only || others.length > 0) throw new Error('several runners cannot be merged yet')
  return only
}
