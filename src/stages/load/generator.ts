import { saturatedCpu } from '../../gates/generator.ts'
import type { GeneratorFacts, LoadMetrics } from './result.ts'
import type { RunnerOutcome } from './runner.ts'
import type { LoadShape } from './shape.ts'
import type { K6Summary } from './summary.ts'
import type { ScriptFacts } from './wrapper.ts'

/** What the load generators tell of themselves; of several the busiest counts. */
export function generatorFacts({ metrics }: K6Summary, outcomes: readonly RunnerOutcome[]): GeneratorFacts {
  const late = metrics.mlops_late?.values
  const woken = (late?.passes ?? 0) + (late?.fails ?? 0)
  const shares = outcomes.flatMap(({ cpuShare }) => cpuShare ?? [])
  return {
    dropped: metrics.dropped_iterations?.values.count ?? 0,
    late: woken > 0 ? (late?.passes ?? 0) / woken : null,
    cpuShare: shares.length > 0 ? Math.max(...shares) : null,
  }
}

interface Noted {
  readonly shape: LoadShape
  readonly generator: GeneratorFacts
  readonly total: LoadMetrics
  readonly facts: ScriptFacts | null
  /** k6's own error lines. */
  readonly errors: readonly string[]
}

/** What a reader should know about the numbers. */
export function loadNotes({ shape, generator, total, facts, errors }: Noted): string[] {
  const notes: string[] = []
  const { cpuShare } = generator
  if (shape.drive !== 'arrival-rate' && cpuShare !== null && cpuShare >= saturatedCpu) {
    notes.push(`k6 had ${Math.round(cpuShare * 100)}% of its CPU busy, so latencies may be longer than the services’ own; fewer vus tell more.`)
  }
  if (shape.drive !== 'script') return notes
  if (facts?.drivesItself) notes.push(`${shape.path} was driven by its own options; vus, duration and ramp were not used.`)
  if ((total.errorRate ?? 0) > 0) notes.push('Latencies are k6’s own here: a request that got no answer counts with the time until it failed.')
  // What k6 says of crossed thresholds is a gate of its own.
  const thrown = [...new Set(errors)].filter((error) => !error.startsWith('thresholds on metrics'))
  if (thrown.length > 0) notes.push(`k6 says of ${shape.path}: ${thrown.join(' / ')}`)
  return notes
}
