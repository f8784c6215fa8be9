import { type FailureRecord, isLeftOut, type RunRecord } from '../pipeline/record.ts'
import type { LoadResult } from '../stages/load/result.ts'
import { describeGate } from './describe.ts'
import type { GateResult } from './evaluate.ts'
import { generatorLag } from './generator.ts'

export type VerdictWord = 'passed' | 'failed' | 'invalid' | 'inconclusive' | 'cancelled'
export type Reason = 'gate' | 'stage' | 'measurement' | 'config' | 'infrastructure' | 'cancel'

/** What a run came to, in a word, a reason and one sentence. */
export interface Verdict {
  readonly verdict: VerdictWord
  /** Null when passed. */
  readonly reason: Reason | null
  readonly sentence: string
}

/**
 * Judges a run. The order matters: a run that broke says so before any number is looked at, no
 * data is nobody's failure, a failed gate stands whatever else is missing, and only then a
 * missing number makes the run invalid.
 */
export function judge(record: RunRecord, gates: readonly GateResult[], load: LoadResult | undefined): Verdict {
  const failed = record.stages.find(({ name }) => name === record.failedStage)
  if (failed?.failure) return ofFailure(failed.failure, failed.title)
  if (record.cancelled) {
    const during = record.stages.filter(({ status }) => status === 'cancelled').map(({ title }) => title)
    return { verdict: 'cancelled', reason: 'cancel', sentence: during.length > 0 ? `cancelled during: ${during.join(', ')}` : 'cancelled before it began' }
  }
  const unfinished = record.stages.filter((stage) => stage.status !== 'passed' && !isLeftOut(stage))
  if (unfinished.length > 0) {
    const during = unfinished.filter(({ status }) => status === 'cancelled').map(({ title }) => title)
    const where = during.length > 0 ? ` during: ${during.join(', ')}` : ''
    return { verdict: 'invalid', reason: 'infrastructure', sentence: `the action’s process ended unexpectedly${where}` }
  }
  const loaded = record.stages.some((stage) => stage.name === 'load' && !isLeftOut(stage))
  // A script of the user's need not speak HTTP: its own metrics are data too.
  const measured = load && (load.total.requests > 0 || (load.custom !== null && gates.some(({ metric, value }) => isCustom(metric) && value !== null)))
  if (loaded && !measured) {
    return { verdict: 'invalid', reason: 'measurement', sentence: 'the load test made no request, so there is nothing to judge' }
  }
  const missed = gates.filter(({ status }) => status === 'failed')
  if (missed.length > 0) {
    const unwell = (load?.afterwards ?? [])
      .filter(({ healthy }) => !healthy)
      .map(({ service, seen }) => `${service} does not answer well after the load (${seen})`)
    return { verdict: 'failed', reason: 'gate', sentence: `missed: ${[...missed.map(describeGate), ...unwell].join('; ')}` }
  }
  // A script of the user's asks whom it likes.
  const unasked = load?.custom ? [] : Object.entries(load?.services ?? {}).filter(([, { requests }]) => requests === 0)
  if (unasked.length > 0) {
    return { verdict: 'invalid', reason: 'measurement', sentence: `no request of the load reached ${unasked.map(([name]) => name).join(', ')}` }
  }
  const missing = gates.filter(({ status }) => status === 'missing')
  const lag = load ? generatorLag(load, gates) : null
  if (missing.length > 0) {
    const unmeasured = missing.map(describeGate).join('; ')
    return { verdict: 'invalid', reason: 'measurement', sentence: lag === null ? `not measured: ${unmeasured}` : `${lag}. Not judged: ${unmeasured}` }
  }
  if (!load) return { verdict: 'passed', reason: null, sentence: ofStages(record, gates) }
  const held = gates.length === 1 ? 'the gate held' : `all ${gates.length} gates held`
  return { verdict: 'passed', reason: null, sentence: `${held} over ${load.total.requests.toLocaleString('en-US')} requests` }
}

/** Whether a gate looks at a metric of the user's script, as `my_metric: avg`. */
function isCustom(metric: string): boolean {
  return metric.includes(': ')
}

/** What a run without a load came to: the cluster that was asked for stands, or the services are healthy. */
function ofStages({ stages }: RunRecord, gates: readonly GateResult[]): string {
  const done = stages.filter((stage) => !isLeftOut(stage)).map(({ title }) => title)
  return gates.length > 0 ? gates.map(describeGate).join('; ') : `done: ${done.join(', ')}`
}

function ofFailure({ kind, message }: FailureRecord, title: string): Verdict {
  const sentence = message.startsWith(title) ? message : `${title}: ${message}`
  switch (kind) {
    case 'workload':
      return { verdict: 'failed', reason: 'stage', sentence }
    case 'infrastructure':
      return { verdict: 'invalid', reason: 'infrastructure', sentence }
    case 'measurement':
      return { verdict: 'invalid', reason: 'measurement', sentence }
    case 'config':
      return { verdict: 'invalid', reason: 'config', sentence }
    case 'cancelled':
      return { verdict: 'cancelled', reason: 'cancel', sentence }
  }
}
