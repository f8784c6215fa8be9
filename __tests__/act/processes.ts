import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { statFields } from '../../src/adapters/proc-stat.ts'

/** How long the hosted runner lets a cancelled step be after SIGINT, and then after SIGTERM. */
export const SIGTERM_AFTER_MS = 7_500
const SIGKILL_AFTER_MS = 2_500

/** A process that a job started and that still runs. */
export interface Orphan {
  pid: number
  /** Program and arguments. */
  command: string
}

/**
 * Finds every process that carries the job's tracking id in its environment, the hosted runner's own way to find what
 * a job left behind, whatever its parent or session is. Linux only.
 */
export async function trackedProcesses(trackingId: string): Promise<Orphan[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      // A process may end, or belong to someone else: then there is nothing to read.
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      if (!environment.includes(`RUNNER_TRACKING_ID=${trackingId}`)) return undefined
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), command: command.split('\0').join(' ').trim() }
    }),
  )
  return found.filter((process) => process !== undefined)
}

/** Kills what a job left behind and returns what that was. */
export async function killTracked(trackingId: string): Promise<Orphan[]> {
  const orphans = await trackedProcesses(trackingId)
  for (const { pid } of orphans) sendSignal(pid, 'SIGKILL')
  return orphans
}

/** Ends a step's process as the hosted runner does on cancel: its children get no signal but the last, SIGKILL. */
export async function cancelProcess(pid: number, trackingId: string, sigtermAfterMs: number): Promise<void> {
  sendSignal(pid, 'SIGINT')
  if (await endsWithin(pid, sigtermAfterMs)) return
  sendSignal(pid, 'SIGTERM')
  if (await endsWithin(pid, SIGKILL_AFTER_MS)) return
  await killTracked(trackingId)
}

/** Sends a signal; a process that is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Whether a process runs. One that ended and that nobody has waited for yet (a zombie) does not. Linux only. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ')
  return !stat.includes(') Z ')
}

async function endsWithin(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds
  while (Date.now() < deadline) {
    if (!(await isRunning(pid))) return true
    await sleep(25)
  }
  return false
}

/** Kills a process and all that descend from it, as the hosted runner does in the end. Linux only. */
export async function killTree(pid: number): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(
    pids.map(async (child) => {
      const stat = await readFile(`/proc/${child}/stat`, 'utf8').catch(() => '')
      return [child, Number(statFields(stat)[1])] as const
    }),
  )
  const tree = [pid]
  for (const parent of tree) tree.push(...parents.filter(([, its]) => its === parent).map(([child]) => child))
  for (const one of tree) sendSignal(one, 'SIGKILL')
}
