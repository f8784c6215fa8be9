import { join } from 'node:path'
import { httpGet } from '../adapters/http.ts'
import { k6OnHost } from '../adapters/k6.ts'
import { runProcess } from '../adapters/process.ts'
import { retry } from '../adapters/retry.ts'
import type { Config } from '../config/config.ts'
import { Failure } from '../pipeline/failure.ts'
import type { AnyStage } from '../pipeline/stage.ts'
import { type LoadOptions, loadPlan } from '../stages/load/plan.ts'
import type { ResourceSampler } from '../stages/load/resources.ts'
import { type InspectScript, scriptStage } from '../stages/load/script.ts'
import { loadStage } from '../stages/load/stage.ts'
import { echoServices } from '../stages/services/service.ts'
import type { Workspace } from './app.ts'

/** What the load stage is told. */
export function loadOptions({ shape, gates, warmup, loadScript }: Config): LoadOptions {
  return { shape, gates, warmupMs: warmup, scriptFile: loadScript?.file ?? null }
}

/**
 * The load, by k6 on this machine.
 * @param sampler follows the pods meanwhile; null where there are none to ask about
 */
export function hostLoad(config: Config, { root, folder, output }: Workspace, sampler: ResourceSampler | null): ReturnType<typeof loadStage> {
  return loadStage(loadOptions(config), {
    runner: k6OnHost({ run: runProcess, script: join(root, 'k6', 'load.js'), folder: join(folder, 'k6'), output }),
    sampler,
    inspect: config.loadScript ? inspectOwn(config, folder) : null,
    summaryFile: join(folder, 'k6', 'summary.json'),
    get: httpGet,
    retry,
  })
}

/** Puts the check of the user's own script, where there is one, right behind the stage that brings k6. */
export function withScriptCheck(stages: readonly AnyStage[], config: Config, { folder }: Workspace): readonly AnyStage[] {
  const behind = stages.findIndex(({ name }) => name === 'k6') + 1
  if (config.loadScript === null || behind === 0) return stages
  const check = scriptStage(config.loadScript.path, inspectOwn(config, folder)) as unknown as AnyStage
  return [...stages.slice(0, behind), check, ...stages.slice(behind)]
}

/** Has k6 load the user's script. Addresses are not known yet and made up: nothing is sent. */
function inspectOwn(config: Config, folder: string): InspectScript {
  return async (k6, { signal }) => {
    const own = join(folder, 'k6-inspect')
    const services = echoServices('', [0, 0])
    const plan = loadPlan(services, { baseUrl: config.baseUrl ?? 'http://127.0.0.1' }, join(own, 'summary.json'), loadOptions(config))
    const { inspectScript } = await import('../adapters/k6-inspect.ts')
    const seen = await inspectScript({ run: runProcess, script: '', folder: own }, k6.path, plan, signal)
    if ('facts' in seen) return seen.facts
    throw new Failure(`k6 cannot load ${config.loadScript?.path}: ${seen.problem}`, {
      kind: 'config',
      remedy: 'Mend the load script; k6 inspect shows the same.',
    })
  }
}
