import type { Stage, StageContext } from '../../pipeline/stage.ts'
import type { Results } from '../results.ts'
import type { Tool } from '../tools/tool.ts'
import type { ScriptFacts } from './wrapper.ts'

/**
 * Has k6 load the user's script and send nothing.
 * @throws Failure of kind `config` with k6's own words when it cannot be loaded
 */
export type InspectScript = (k6: Tool, context: StageContext) => Promise<ScriptFacts>

/** Loads the user's script as soon as k6 is there: a mistake in it ends the run before there is a cluster. */
export function scriptStage(path: string, inspect: InspectScript): Stage<Results, 'script', 'k6'> {
  return {
    name: 'script',
    title: `Load script (${path})`,
    needs: ['k6'],
    deadlineMs: 60_000,
    run: async ({ k6 }, context) => await inspect(k6, context),
    data: (facts) => facts,
  }
}
