import type { ToolName } from './tool.ts'

/** How a program is asked for its version: the first way that answers counts. k6 has `--json` in newer versions only. */
export const versionQuestions: Readonly<Record<ToolName, readonly (readonly string[])[]>> = {
  kind: [['version', '--quiet']],
  kubectl: [['version', '--client', '--output', 'json']],
  k6: [['version', '--json'], ['version']],
}

/**
 * Reads a program's answer to one of its questions.
 * @returns the version without `v`, or null when the answer holds none
 */
export function readVersion(name: ToolName, answer: string): string | null {
  const text = answer.trim()
  const json = parsed(text)
  switch (name) {
    case 'kind':
      return bare(text.replace(/^kind /, ''))
    case 'kubectl':
      return bare((json as { clientVersion?: { gitVersion?: unknown } } | null)?.clientVersion?.gitVersion)
    case 'k6':
      return bare(json === null ? text.replace(/^k6(\.exe)? /, '') : (json as { version?: unknown }).version)
  }
}

/** The version at the start of a text, without `v` and without build metadata. */
function bare(text: unknown): string | null {
  return typeof text === 'string' ? (/^v?(\d+\.\d+\.\d+(?:-[\w.-]+)?)(?=$|[+\s])/.exec(text)?.[1] ?? null) : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Whether a program that is there already will do: kubectl may be one minor away from the cluster, kind and k6 are exact. */
export function fits(name: ToolName, wanted: string, found: string): boolean {
  if (name !== 'kubectl') return found === wanted
  const [a, b] = [numbersOf(wanted), numbersOf(found)]
  return a !== null && b !== null && a[0] === b[0] && Math.abs(a[1] - b[1]) <= 1
}

type Numbers = readonly [major: number, minor: number, patch: number]

/** The three numbers of a version, or null when it has not got them. */
export function numbersOf(version: string): Numbers | null {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  return patch === undefined ? null : [Number(major), Number(minor), Number(patch)]
}

/** Releases without `v`, newest first, each once; versions before a release (`-rc1`) are left out. */
export function releases(versions: readonly string[]): string[] {
  const plain = versions.map((version) => version.replace(/^v/, '')).filter((version) => /^\d+\.\d+\.\d+$/.test(version))
  return [...new Set(plain)].sort((a, b) => compare(b, a))
}

/** Below 0 when the first is older. */
function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a) ?? [0, 0, 0], numbersOf(b) ?? [0, 0, 0]]
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2]
}

/**
 * What to try in place of a version that cannot be had: the newest of the same major that is not newer, then the
 * newest that is, then the newest of the line before.
 * @param listed versions of the wanted one's module. A module proxy may hold versions it does not list, so the first
 *   release of every minor before the wanted one is tried as well.
 * @param before versions of the module that was there before the wanted one's
 */
export function nearestVersions(wanted: string, listed: readonly string[], before: readonly string[]): string[] {
  const numbers = numbersOf(wanted)
  if (numbers === null) return []
  const [major, minor] = numbers
  const unlisted = Array.from({ length: Math.min(minor + 1, 10) }, (_, back) => `${major}.${minor - back}.0`)
  const ofMajor = releases([...listed, ...unlisted]).filter((version) => numbersOf(version)?.[0] === major && version !== wanted)
  const older = ofMajor.filter((version) => compare(version, wanted) < 0)
  const newer = ofMajor.filter((version) => compare(version, wanted) > 0)
  return [...older.slice(0, 12), ...newer.slice(0, 3), ...releases(before).slice(0, 3)]
}
