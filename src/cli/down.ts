import { kindProgram } from '../adapters/kind.ts'
import { runProcess } from '../adapters/process.ts'
import { stopProcess } from '../adapters/processes.ts'
import { messageOf } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import { exitCodes } from './exit.ts'
import { forgetStanding, readStanding } from './standing.ts'

/** Deletes what stands under a name, by what was written down about it. Nothing there is no error. */
export async function takeDown(name: string): Promise<number> {
  const found = readStanding(name, process.env)
  if (!found) {
    console.log(`nothing of ours stands under the name ${name}`)
    return 0
  }
  const { cluster, processes } = found
  try {
    if (cluster) {
      const remove = (signal: AbortSignal) => kindProgram(runProcess, cluster.kind, cluster.engine).remove(cluster.name, cluster.kubeconfig, signal)
      await withDeadline(120_000, new AbortController().signal, remove)
    }
    // Exactly those that were left: a number that has gone to another process since is not touched.
    await withDeadline(60_000, new AbortController().signal, async (signal) => {
      await Promise.all(processes.map((process) => stopProcess(process, signal)))
    })
  } catch (error) {
    console.error(`${name} could not be deleted: ${messageOf(error)}\nWhat is known about it stays, so that down can be tried again.`)
    return exitCodes.invalid
  }
  forgetStanding(name, process.env)
  console.log(`${name} is gone`)
  return 0
}
