import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../pipeline/failure.ts'
import type { KubernetesObject } from '../stages/kubernetes.ts'
import type { LoadPlan } from '../stages/load/plan.ts'
import { entryScript, errorMessage, type K6Options, quietK6 } from './k6.ts'
import { ProcessError } from './process.ts'

/** The most that one ConfigMap takes, in bytes: Kubernetes allows 1 MiB with everything. */
export const partBytes = 900 * 1024

/** How many ConfigMaps a load's archive may fill; `manifests/load/job-large.yaml` names as many. */
export const mostParts = 16

/**
 * Has k6 pack the load script with everything it imports and opens, the plan among it.
 * @throws Failure of kind `config` when k6 cannot load the script
 */
export async function archiveScript(
  { run, script, folder }: Pick<K6Options, 'run' | 'script' | 'folder'>,
  k6: string,
  plan: LoadPlan,
  signal: AbortSignal,
): Promise<Buffer> {
  const [planFile, archive] = [join(folder, 'plan.json'), join(folder, 'archive.tar')]
  await mkdir(folder, { recursive: true })
  await rm(archive, { force: true })
  await writeFile(planFile, JSON.stringify(plan))
  try {
    const env = { ...quietK6, ...plan.own?.env, HOME: folder, MLOPS_PLAN: planFile }
    const entry = await entryScript({ script, folder }, plan)
    const args = ['archive', '--no-color', '--log-format', 'json', '--include-system-env-vars', '-O', archive, entry]
    await run(k6, args, { signal, env, cwd: folder })
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error
    const errors = error.stderr
      .split('\n')
      .map(errorMessage)
      .filter((message) => message !== null)
    throw new Failure(`k6 could not pack the load script: ${errors.join(' / ') || error.message}`, {
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
    throw new Failure(`the load script with all it opens is ${Math.round(archive.length / 1024)} KiB; at most ${(most * partBytes) / 1024} KiB fit here`, {
      kind: 'config',
      remedy: most < mostParts ? 'Open less data, or use load-runner: job or host.' : 'Open less data, or use load-runner: host.',
    })
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
