import type { Failure } from '../../pipeline/failure.ts'
import type { Stage } from '../../pipeline/stage.ts'
import type { Results } from '../results.ts'

/** What tells the later stages that a process the earlier ones started is gone. */
export interface Loss {
  /** Says which process is gone, and how it ended. */
  readonly report: (failure: Failure) => void
  /** Makes a stage fail as soon as a process is gone: nobody starts it again, as a cluster would. */
  readonly guard: <N extends keyof Results, D extends keyof Results>(stage: Stage<Results, N, D>) => Stage<Results, N, D>
}

/** One for each run. */
export function watchLoss(): Loss {
  const { promise: lost, reject } = Promise.withResolvers<never>()
  lost.catch(() => {})
  return { report: reject, guard: (stage) => ({ ...stage, run: async (needs, context) => await Promise.race([lost, stage.run(needs, context)]) }) }
}
