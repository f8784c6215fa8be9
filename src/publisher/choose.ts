import type { Artifact } from '../adapters/github/artifacts.ts'
import type { OpenPullRequest } from '../adapters/github/pulls.ts'
import { dataLimitBytes, readDataFileName } from './data-file.ts'
import type { FinishedRun } from './event.ts'

/** The most comments that one run can have. */
export const maxDataFiles = 20

/** A data file to publish. */
export interface DataFile {
  readonly id: number
  readonly name: string
  /** Tells its comment from those of the run's other data files. */
  readonly keyHash: string
  /** The artifact with the whole report; null when there is none of that name. */
  readonly wholeId: number | null
}

/** Picks the data files among a run's artifacts, by name; of several with one key the newest, since a run may have been started again. */
export function chooseDataFiles(artifacts: readonly Artifact[]): { readonly files: readonly DataFile[]; readonly problems: readonly string[] } {
  const problems: string[] = []
  const newest = artifacts.toSorted((a, b) => b.id - a.id)
  const byKey = new Map<string, DataFile>()
  for (const { id, name, expired, sizeBytes } of newest) {
    const named = readDataFileName(name)
    if (named === null || byKey.has(named.keyHash)) continue
    if (expired) problems.push(`${name} has expired`)
    else if (sizeBytes > dataLimitBytes) problems.push(`${name} has ${sizeBytes} bytes; at most ${dataLimitBytes} are read`)
    else {
      const whole = newest.find((artifact) => artifact.name === named.artifact && !artifact.expired)
      byKey.set(named.keyHash, { id, name, keyHash: named.keyHash, wholeId: whole?.id ?? null })
    }
  }
  const files = [...byKey.values()].sort((a, b) => a.id - b.id)
  const more = files.length - maxDataFiles
  if (more > 0) problems.push(`${files.length} reports in one run; the first ${maxDataFiles} are published, ${more} are not`)
  return { files: files.slice(0, maxDataFiles), problems }
}

/**
 * Finds the pull request that a run belongs to among the open ones of its branch. The event names none for forks, and what the
 * run says of itself cannot be trusted.
 */
export function choosePullRequest(pulls: readonly OpenPullRequest[], run: FinishedRun): { readonly number: number } | { readonly problem: string } {
  const ofBranch = pulls.filter(({ headRepository }) => run.head !== null && headRepository?.toLowerCase() === run.head.repository.toLowerCase())
  const commit = run.headSha.slice(0, 7)
  if (ofBranch.length === 0) return { problem: 'there is no open pull request of the run’s branch' }
  const [match, another] = ofBranch.filter(({ headSha }) => headSha === run.headSha)
  if (match === undefined) return { problem: `the pull request has moved on from ${commit}, which the run was for` }
  if (another !== undefined) return { problem: `more than one open pull request has ${commit} as its head, so nobody can tell which one the run was for` }
  return { number: match.number }
}
