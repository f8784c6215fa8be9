import { join } from 'node:path'
import { httpGet } from '../adapters/http.ts'
import { k6OnHost } from '../adapters/k6.ts'
import { runProcess } from '../adapters/process.ts'
import { retry } from '../adapters/retry.ts'
import type { Config } from '../config/config.ts'
import type { ResourceSampler } from '../stages/load/resources.ts'
import { loadStage } from '../stages/load/stage.ts'
import type { Workspace } from './app.ts'

/**
 * The load, by k6 on this machine.
 * @param sampler follows the pods meanwhile; null where there are none to ask about
 */
export function hostLoad(config: Config, { root, folder, output }: Workspace, sampler: ResourceSampler | null): ReturnType<typeof loadStage> {
  return loadStage(
    { shape: config.shape, gates: config.gates },
    {
      runner: k6OnHost({ run: runProcess, script: join(root, 'k6', 'load.js'), folder: join(folder, 'k6'), output }),
      sampler,
      summaryFile: join(folder, 'k6', 'summary.json'),
      get: httpGet,
      retry,
    },
  )
}
