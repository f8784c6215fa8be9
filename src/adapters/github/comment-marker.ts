import { shortHash } from './context.ts'

/** GitHub's number of a workflow run, and which attempt of it. */
export interface RunNumber {
  readonly id: number
  readonly attempt: number
}

/**
 * The invisible line our comment is found by, with the run that wrote it. A hash and two numbers, so that no key can end the HTML comment.
 * @param run null where there is no workflow run
 */
export function commentMarker(key: string, run: RunNumber | null = null): string {
  return `<!-- mlops-pipeline-action ${shortHash(key)}${run ? ` ${run.id}.${run.attempt}` : ''} -->`
}

/** Who wrote a comment for a key: null when it is no comment of that key; `run` is null where the marker names none, as old ones do. */
export function readMarker(body: string | undefined, key: string): { readonly run: RunNumber | null } | null {
  const [, hash, id, attempt] = /^<!-- mlops-pipeline-action ([0-9a-f]{12})(?: (\d{1,15})\.(\d{1,6}))? -->/.exec(body ?? '') ?? []
  if (hash !== shortHash(key)) return null
  return { run: id === undefined ? null : { id: Number(id), attempt: Number(attempt) } }
}

/** Whether a run is newer than ours: of two runs the newer stands. One without a number is older than any. */
export function isNewer(other: RunNumber | null, ours: RunNumber | null): boolean {
  if (other === null || ours === null) return false
  return other.id > ours.id || (other.id === ours.id && other.attempt > ours.attempt)
}
