import { statfs } from 'node:fs/promises'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { availableMemory } from 'node:process'
import type { ClusterAdapters } from '../stages/cluster/stage.ts'
import { describeEngine } from './engine-info.ts'
import { engineDisk } from './folders.ts'
import type { RunProcess } from './process.ts'

/**
 * What this machine says that bears on why there is no cluster: free disk where disks are full, free memory and CPUs
 * where nodes do not boot. Nothing for any other cause.
 */
export function machineEvidence(run: RunProcess, env: Readonly<Record<string, string | undefined>>): NonNullable<ClusterAdapters['machineEvidence']> {
  return async (code, signal) => {
    switch (code) {
      case 'disk-full':
        return await freeDisk(run, env, signal)
      case 'boot-deadline':
      case 'create-failed':
      case 'node-not-joined':
        return [`this machine: ${availableParallelism()} CPUs, ${gigabytes(availableMemory())} of ${gigabytes(totalmem())} memory free`]
      default:
        return []
    }
  }
}

async function freeDisk(run: RunProcess, env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<string[]> {
  const engine = await describeEngine(run, env, (work) => work(signal).catch(() => null))
  const [images] = engine && 'name' in engine ? await engineDisk(engine) : []
  const temporary = env.RUNNER_TEMP || tmpdir()
  const { bavail, bsize } = await statfs(temporary)
  return [
    ...(images && images.freeBytes !== null ? [`${images.folder}, the engine’s: ${gigabytes(images.freeBytes)} free`] : []),
    `${temporary}: ${gigabytes(bavail * bsize)} free`,
  ]
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
