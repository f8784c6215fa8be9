import { shortHash } from '../adapters/github/context.ts'

/** What every data file's name ends with. */
const ending = '.mlops-report.json'

/** How large a data file may be: a load of an hour with every second of it makes less than half of that. */
export const dataLimitBytes = 2 * 1024 * 1024

/**
 * Name of the artifact with which a run hands its report to the job that publishes it: the name of the artifact it belongs to,
 * and a hash of the comment's key, which tells it from those of other jobs of the run and is the same in the next run.
 */
export function dataFileName(artifactName: string, commentKey: string): string {
  return `${artifactName}.${shortHash(commentKey)}${ending}`
}

/** What a name says when it is that of a data file; null for all others. */
export function readDataFileName(name: string): { readonly artifact: string; readonly keyHash: string } | null {
  const [, artifact, keyHash] = /^(.{1,200})\.([0-9a-f]{12})\.mlops-report\.json$/s.exec(name) ?? []
  return artifact !== undefined && keyHash !== undefined ? { artifact, keyHash } : null
}
