import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { statFields } from './proc-stat.ts'

/** Follows how much of this machine's CPU one program uses. */
export interface CpuMeter {
  /** Its share of all cores since it began, 0 to 1; null where the system does not tell. */
  readonly share: () => number | null
  readonly end: () => void
}

/** Linux counts CPU time in hundredths of a second for programs, whatever its own clock. */
const tickMs = 10

const periodMs = 500

/** CPU time that a program has used by now, in milliseconds; null when it is gone or the system is not Linux. */
export function cpuTimeMs(pid: number): number | null {
  try {
    const fields = statFields(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return (Number(fields[11]) + Number(fields[12])) * tickMs
  } catch {
    return null
  }
}

/**
 * Begins to follow a program.
 * @param durationMs how long it counts, in milliseconds: what it does after its load is no load
 */
export function measureCpu(pid: number, durationMs: number): CpuMeter {
  const beganMs = performance.now()
  let last: { usedMs: number; atMs: number } | null = null
  const read = () => {
    const usedMs = cpuTimeMs(pid)
    // A program that has ended but was not waited for yet still tells; one that is gone keeps its last reading.
    if (usedMs !== null) last = { usedMs, atMs: performance.now() - beganMs }
    if (performance.now() - beganMs >= durationMs) clearInterval(timer)
  }
  const timer = setInterval(read, periodMs)
  return {
    share: () => (last === null || last.atMs < periodMs ? null : Math.min(1, last.usedMs / last.atMs / availableParallelism())),
    end: () => clearInterval(timer),
  }
}
