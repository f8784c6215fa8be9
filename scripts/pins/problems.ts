import { messageOf } from '../../src/pipeline/failure.ts'
import { NoAnswerError } from './ask.ts'

/** What could not be asked about, and why. */
export interface Problem {
  readonly what: string
  readonly error: unknown
}

/** A line for each problem, but one line for each host that is silent: the first reason, and how much hangs on it. */
export function describeProblems(problems: readonly Problem[]): string[] {
  const sorted = problems.toSorted((a, b) => a.what.localeCompare(b.what))
  const silent = Map.groupBy(sorted, ({ error }) => (error instanceof NoAnswerError ? error.host : undefined))
  return [...silent].flatMap(([host, those]) => {
    if (host === undefined) return those.map(({ what, error }) => `${what}: ${messageOf(error)}`)
    const [first, ...others] = those
    return [`${host}: ${messageOf(first?.error)} (asked about ${first?.what}${others.length > 0 ? ` and ${others.length} more` : ''})`]
  })
}
