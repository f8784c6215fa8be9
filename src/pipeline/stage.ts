import type { Failure } from './failure.ts'

/** What a stage may do beside its work. */
export interface StageContext {
  /** Aborts at the stage's deadline, when another stage failed, and when the run is cancelled. */
  readonly signal: AbortSignal
  /** Says what the stage is doing; the last one said is part of a timeout's message. */
  readonly progress: (message: string) => void
}

/**
 * One step of the pipeline. `R` maps every stage's name to its result; a stage is given the
 * results of the stages it names in `needs`, and nothing else.
 * All functions are properties, not methods, or TypeScript would compare them bivariantly and
 * accept stages in the wrong order.
 */
export interface Stage<R, N extends keyof R & string, D extends keyof R & string> {
  readonly name: N
  /** What people read, for example "Boot the cluster". */
  readonly title: string
  readonly needs: readonly D[]
  readonly deadlineMs: number
  readonly run: (needs: Pick<R, D>, context: StageContext) => Promise<R[N]>
  /** Turns a failure, a timeout above all, into its cause, while everything still stands. */
  readonly diagnose?: (failure: Failure, needs: Pick<R, D>, signal: AbortSignal) => Promise<Failure>
  /** Undoes whatever `run` may have begun. Registered before `run`; must cope with a run that never got anywhere. */
  readonly teardown?: (signal: AbortSignal) => Promise<void>
  /** The part of the result that the report needs, as JSON. */
  readonly data?: (result: R[N]) => unknown
}

/** A stage whose names and types were checked when it was added to a pipeline. */
export interface AnyStage {
  readonly name: string
  readonly title: string
  readonly needs: readonly string[]
  readonly deadlineMs: number
  readonly run: (needs: never, context: StageContext) => Promise<unknown>
  readonly diagnose?: (failure: Failure, needs: never, signal: AbortSignal) => Promise<Failure>
  readonly teardown?: (signal: AbortSignal) => Promise<void>
  readonly data?: (result: never) => unknown
  /** Why this run leaves it out; nobody may need it then. */
  readonly leftOut?: string
}

/** Stages in the order they were added; `Done` are the results later ones may need. */
export interface Pipeline<R, Done extends keyof R & string> {
  readonly stages: readonly AnyStage[]
  readonly add: <N extends Exclude<keyof R & string, Done>, D extends Done>(stage: Stage<R, N, D>) => Pipeline<R, Done | N>
  /** Names a stage that this run leaves out, so that the report says so and why. No later stage can need it. */
  readonly leaveOut: (name: Exclude<keyof R & string, Done>, title: string, why: string) => Pipeline<R, Done>
}

/** An empty pipeline over results `R`. */
export function pipeline<R>(): Pipeline<R, never> {
  const extend = <Done extends keyof R & string>(stages: readonly AnyStage[]): Pipeline<R, Done> => ({
    stages,
    add: (stage) => extend([...stages, stage as unknown as AnyStage]),
    leaveOut: (name, title, why) => extend<Done>([...stages, { name, title, needs: [], deadlineMs: 0, run: async () => undefined, leftOut: why }]),
  })
  return extend([])
}
