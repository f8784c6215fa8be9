import type { AnyStage } from '../pipeline/stage.ts'
import type { Service } from '../stages/services/service.ts'
import type { AppOptions } from './app.ts'

/** The services of a run on local processes. */
export function localServices(): readonly Service[] {
  throw new Error('local services are not built yet')
}

/** The pipeline on local processes. */
export function localStages(_options: AppOptions): readonly AnyStage[] {
  throw new Error('local processes are not built yet')
}
