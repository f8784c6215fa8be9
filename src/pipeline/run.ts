import { Failure, toFailure } from './failure.ts'
import { withDeadline } from './race.ts'
import { isCutOff, type RunRecord, recordFailure, type StageRecord } from './record.ts'
import type { AnyStage } from './stage.ts'

export type PipelineEvent =
  | { readonly type: 'started'; readonly stage: StageRecord }
  | { readonly type: 'progress'; readonly stage: StageRecord; readonly message: string }
  | { readonly type: 'finished'; readonly stage: StageRecord }

export interface RunOptions {
  /** Cancels the run. */
  readonly signal: AbortSignal
  /** Told of every event; one that throws becomes a warning, never the result. */
  readonly listeners?: readonly ((event: PipelineEvent) => void)[]
  /** Called with the record before the first stage and after every change of a stage's status. */
  readonly persist?: (record: RunRecord) => void
  /** Called when every stage has come to rest, before any teardown, unless the run was cancelled. */
  readonly beforeTeardown?: (record: RunRecord, signal: AbortSignal) => Promise<void>
  /** Budget of each `diagnose`, in milliseconds. */
  readonly diagnosisMs?: number
  /** Budget of `beforeTeardown`, in milliseconds. */
  readonly beforeTeardownMs?: number
  /** Budget of each teardown, in milliseconds. */
  readonly teardownMs?: number
  /** Asked at the end whether to tear down; somebody else does it otherwise. Default: yes. */
  readonly teardown?: (record: RunRecord) => boolean
  /** Takes credentials out of the words of programs before anybody sees them. Default: nothing is taken out. */
  readonly redact?: (text: string) => string
}

/**
 * Runs stages as soon as what they need has passed, so that independent ones run at the same time.
 * The first failure aborts all others; later failures are their consequence.
 * Never throws for a stage: what happened is in the record.
 */
export async function runPipeline(stages: readonly AnyStage[], options: RunOptions): Promise<RunRecord> {
  const startedMs = performance.now()
  const record: RunRecord = {
    schemaVersion: 1,
    startedAt: new Date().toISOString(),
    finishedAt: null,
    durationMs: null,
    failedStage: null,
    cancelled: false,
    stages: stages.map(({ name, title, leftOut }) => ({
      name,
      title,
      status: leftOut === undefined ? 'pending' : 'skipped',
      leftOut: leftOut ?? null,
      startedAfterMs: null,
      durationMs: null,
      progress: null,
      failure: null,
      data: null,
    })),
    warnings: [],
  }
  const redact = options.redact ?? ((text: string) => text)
  const warn = (what: string, error: unknown) => record.warnings.push(redact(`${what}: ${toFailure(error).message}`))
  let unwritten = false
  const persist = () =>
    attempt(
      () => options.persist?.(record),
      (error) => {
        // Once is enough: a full disk would say the same after every stage.
        if (!unwritten) warn('The run record could not be written', error)
        unwritten = true
      },
    )
  const emit = (event: PipelineEvent) => {
    if (event.type !== 'progress') persist()
    for (const listener of options.listeners ?? [])
      attempt(
        () => listener(event),
        (error) => warn('A reporter failed', error),
      )
  }

  const abort = new AbortController()
  const signal = AbortSignal.any([options.signal, abort.signal])
  const results = new Map<string, unknown>()
  const running = new Map<string, Promise<void>>()
  const begun: AnyStage[] = []
  persist()

  const runStage = async (stage: AnyStage, entry: StageRecord): Promise<void> => {
    const startMs = performance.now()
    entry.status = 'running'
    entry.startedAfterMs = Math.round(startMs - startedMs)
    if (stage.teardown) begun.push(stage)
    emit({ type: 'started', stage: entry })
    const needs = Object.fromEntries(stage.needs.map((name) => [name, results.get(name)])) as never
    const progress = (words: string) => {
      const message = redact(words)
      if (entry.status !== 'running' || message === entry.progress) return
      entry.progress = message
      emit({ type: 'progress', stage: entry, message })
    }
    try {
      const result = await withDeadline(
        stage.deadlineMs,
        signal,
        (own) => stage.run(needs, { signal: own, progress, warn: (message) => record.warnings.push(redact(message)) }),
        () => timedOut(stage, entry),
      )
      results.set(stage.name, result)
      entry.data = stage.data?.(result as never) ?? null
      entry.status = 'passed'
    } catch (error) {
      if (signal.aborted) {
        entry.status = 'cancelled'
      } else {
        record.failedStage ??= stage.name
        entry.status = 'failed'
        const failure = toFailure(error)
        entry.data = failure.data ?? null
        entry.failure = recordFailure(failure, redact)
        persist()
        abort.abort(new Failure(`${stage.title} failed`, { kind: 'cancelled' }))
        entry.failure = recordFailure(await diagnosed(stage, failure, needs), redact)
      }
    } finally {
      entry.durationMs = Math.round(performance.now() - startMs)
      emit({ type: 'finished', stage: entry })
    }
  }

  const diagnosed = async (stage: AnyStage, failure: Failure, needs: never): Promise<Failure> => {
    const { diagnose } = stage
    if (!diagnose) return failure
    try {
      return await withDeadline(options.diagnosisMs ?? 15_000, options.signal, (own) => diagnose(failure, needs, own))
    } catch (error) {
      warn(`The failure of "${stage.title}" could not be diagnosed`, error)
      return failure
    }
  }

  for (;;) {
    if (!signal.aborted) {
      for (const [index, stage] of stages.entries()) {
        const entry = record.stages[index] as StageRecord
        if (entry.status !== 'pending' || !stage.needs.every((name) => results.has(name))) continue
        running.set(
          stage.name,
          runStage(stage, entry).finally(() => running.delete(stage.name)),
        )
      }
    }
    if (running.size === 0) break
    await Promise.race(running.values())
  }

  // A cancel that comes when every stage has passed changes no verdict.
  record.cancelled = options.signal.aborted && record.failedStage === null && isCutOff(record)
  for (const entry of record.stages) if (entry.status === 'pending') entry.status = 'skipped'
  persist()

  const { beforeTeardown } = options
  if (beforeTeardown && !options.signal.aborted) {
    try {
      await withDeadline(options.beforeTeardownMs ?? 120_000, options.signal, (own) => beforeTeardown(record, own))
    } catch (error) {
      warn('What was to be done before the teardown failed', error)
    }
  }
  if (options.teardown?.(record) ?? true) await tearDown(begun, options.teardownMs ?? 60_000, warn)

  record.finishedAt = new Date().toISOString()
  record.durationMs = Math.round(performance.now() - startedMs)
  persist()
  return record
}

/** Last in, first out, each with a deadline of its own that no earlier abort has touched. */
async function tearDown(begun: readonly AnyStage[], deadlineMs: number, warn: (what: string, error: unknown) => void): Promise<void> {
  for (const stage of begun.toReversed()) {
    try {
      await withDeadline(deadlineMs, new AbortController().signal, (own) => (stage.teardown as NonNullable<AnyStage['teardown']>)(own))
    } catch (error) {
      warn(`Cleaning up after "${stage.title}" failed`, error)
    }
  }
}

function timedOut(stage: AnyStage, entry: StageRecord): Failure {
  const last = entry.progress ? `; last seen: ${entry.progress}` : ''
  return new Failure(`${stage.title}: not done after ${Math.round(stage.deadlineMs / 1000)} s${last}`, {
    kind: 'infrastructure',
    code: 'deadline',
    timedOut: true,
  })
}

function attempt(work: () => void, onError: (error: unknown) => void): void {
  try {
    work()
  } catch (error) {
    onError(error)
  }
}
