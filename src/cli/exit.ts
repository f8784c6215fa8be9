import type { Report } from '../report/report.ts'

/** What the program's exit code tells of a verdict. */
export const exitCodes: Readonly<Record<Report['verdict'], number>> = { passed: 0, failed: 1, invalid: 2, inconclusive: 2, cancelled: 130 }

/** A wrong call: nothing was started. */
const usageExitCode = 3

/** Says what is wrong with a call. */
export function refuse(message: string): number {
  console.error(`${message}\nTry --help.`)
  return usageExitCode
}
