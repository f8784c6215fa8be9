import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { statFields } from './proc-stat.ts'
import { childEnvironment, runProcess } from './process.ts'

/** A process as it can be told from another that has been given its number since. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it was started, in the system's own words; null when that is not known. */
  readonly startTime: string | null
}

/** How long a process may take to end after SIGTERM before SIGKILL, in milliseconds. */
const graceMs = 5000
/** How long the system may take to remove a process after SIGKILL, in milliseconds. */
const removalMs = 2000

/** When a process was started, in words to compare with and no others; null when no process of that number runs. */
export async function startTimeOf(pid: number, platform: NodeJS.Platform = process.platform): Promise<string | null> {
  if (platform !== 'linux') return await startTimeByPs(pid)
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = statFields(stat)
  const [state, startTicks] = [fields[0], fields[19]]
  // What has ended and was not waited for yet (a zombie) runs no more.
  return startTicks === undefined || state === 'Z' || state === 'X' ? null : startTicks
}

async function startTimeByPs(pid: number): Promise<string | null> {
  const env = { ...childEnvironment(process.env), LC_ALL: 'C' }
  const signal = AbortSignal.timeout(10_000)
  const { stdout } = await runProcess('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { signal, env, exitCodes: [0, 1] }).catch(() => ({
    stdout: '',
  }))
  const [, state = 'Z', startTime = ''] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout) ?? []
  return state.startsWith('Z') || startTime === '' ? null : startTime
}

/** Whether this very process still runs. One whose start is not known counts as gone: nobody can tell. */
export async function isRunning({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  return startTime !== null && (await startTimeOf(pid)) === startTime
}

/**
 * Ends a process that leads a group of its own, with its group: SIGTERM, then SIGKILL after 5 s. Never touches another
 * that has the number now. Doing it twice does no harm.
 * @returns whether there was anything to end
 * @throws Error when it does not go away, or when it cannot be told from another
 */
export async function stopProcess({ pid, startTime }: ProcessIdentity, signal: AbortSignal): Promise<boolean> {
  if (startTime === null) throw new Error(`it is not known when process ${pid} was started, so it may be another by now; end it by hand if it is still ours`)
  if (!(await isRunning({ pid, startTime }))) return false
  killGroup(pid, 'SIGTERM')
  if (await isGone({ pid, startTime }, graceMs, signal)) return true
  killGroup(pid, 'SIGKILL')
  if (await isGone({ pid, startTime }, removalMs, signal)) return true
  throw new Error(`process ${pid} still runs after SIGKILL`)
}

function killGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function isGone(identity: ProcessIdentity, budgetMs: number, signal: AbortSignal): Promise<boolean> {
  const giveUpAt = performance.now() + budgetMs
  while (await isRunning(identity)) {
    if (performance.now() > giveUpAt) return false
    await pause(20, undefined, { signal })
  }
  return true
}
