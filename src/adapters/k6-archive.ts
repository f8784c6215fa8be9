import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stageFailure } from '../stages/cause.ts'
import type { KubernetesObject } from '../stages/kubernetes.ts'
import type { LoadPlan } from '../stages/load/plan.ts'
import { type K6Options, runOnScript, scriptProblem } from './k6.ts'
import { ProcessError } from './process.ts'

/** The most that one ConfigMap takes, in bytes: Kubernetes allows 1 MiB with everything. */
export const partBytes = 900 * 1024

/** How many ConfigMaps a load's archive may fill; `manifests/load/job-large.yaml` names as many. */
export const mostParts = 16

/**
 * Has k6 pack the load script with everything it imports and opens, the plan among it.
 * @throws Failure of kind `config` when k6 cannot load the script
 */
export async function archiveScript(options: Pick<K6Options, 'run' | 'script' | 'folder'>, k6: string, plan: LoadPlan, signal: AbortSignal): Promise<Buffer> {
  const archive = join(options.folder, 'archive.tar')
  await rm(archive, { force: true })
  try {
    await runOnScript(options, k6, plan, ['archive', '-O', archive], signal)
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error
    throw stageFailure('script-error', `k6 could not pack the load script: ${scriptProblem(error)}`, {
      kind: 'config',
      remedy: 'Mend the load script.',
      cause: error,
    })
  }
  return await readFile(archive)
}

/**
 * ConfigMaps with an archive: one of that name, or numbered parts.
 * @throws Failure of kind `config` when there is no room for it
 */
export function archiveConfigMaps(archive: Buffer, namespace: string, name: string, most: number): KubernetesObject[] {
  const count = Math.ceil(archive.length / partBytes)
  if (count > most) {
    throw stageFailure(
      'script-too-large',
      `the load script with all it opens is ${Math.round(archive.length / 1024)} KiB; at most ${(most * partBytes) / 1024} KiB fit here`,
      {
        kind: 'config',
        remedy: most < mostParts ? 'Open less data, or use load-runner: job or host.' : 'Open less data, or use load-runner: host.',
      },
    )
  }
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/managed-by': 'mlops-pipeline-action' }
  return Array.from({ length: count }, (_, index) => {
    const number = String(index + 1).padStart(2, '0')
    const part = archive.subarray(index * partBytes, (index + 1) * partBytes).toString('base64')
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: count === 1 ? name : `${name}-${number}`, namespace, labels },
      binaryData: { [count === 1 ? 'archive.tar' : `part-${number}`]: part },
    }
  })
}
