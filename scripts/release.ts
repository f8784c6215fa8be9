/**
 * What a release needs to be right, and what it moves. The release workflow calls it before it may write anything.
 *
 *   node scripts/release.ts v1.2.3 [NOTES_FILE]
 *
 * Ends with 1 and every problem at once; else writes the version's section of CHANGELOG.md to NOTES_FILE and prints
 * `tag=`, `latest=` and `moving=`, in the form of a step's outputs. It uses nothing but Node and git, so that the job with the
 * writing token installs no packages.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is known when a release is asked for. */
export interface ReleaseFacts {
  /** The tag or version that was asked for. */
  readonly requested: string
  readonly packageVersion: string
  readonly lockVersion: string
  /** Text of CHANGELOG.md. */
  readonly changelog: string
  /** Commit of each tag that exists. */
  readonly tags: Readonly<Record<string, string>>
  /** The commit to release. */
  readonly commit: string
  /** Whether that commit is part of main. */
  readonly isOnMain: boolean
}

interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** Reads `v1.2.3` or `1.2.3`; nothing else is a release. */
export function parseVersion(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text) ?? []
  return patch === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch) }
}

/** All that stands against a release; empty when it may happen. */
export function releaseProblems({ requested, packageVersion, lockVersion, changelog, tags, commit, isOnMain }: ReleaseFacts): string[] {
  const problems: string[] = []
  const version = requested.replace(/^v/, '')
  if (!isOnMain) problems.push(`commit ${commit} is not part of main; merge it first`)
  if (!parseVersion(requested)) return [`expected a version like v1.2.3, got ${JSON.stringify(requested)}`, ...problems]
  if (packageVersion !== version) problems.push(`package.json says ${packageVersion}, not ${version}; run: npm version --no-git-tag-version ${version}`)
  if (lockVersion !== version) problems.push(`package-lock.json says ${lockVersion}, not ${version}; run: npm install --package-lock-only`)
  const section = changelogSection(changelog, version)
  if (section === undefined) problems.push(`CHANGELOG.md has no section “## [${version}] - YYYY-MM-DD”`)
  else if (!section.isDated) problems.push(`CHANGELOG.md’s section ${version} has no date; write “## [${version}] - YYYY-MM-DD”`)
  if (section?.text === '') problems.push(`CHANGELOG.md’s section ${version} is empty`)
  const existing = tags[`v${version}`]
  if (existing !== undefined && existing !== commit)
    problems.push(`tag v${version} exists and is ${existing}, not ${commit}; a released version is never moved`)
  return problems
}

/** A version's section of a changelog in the form of Keep a Changelog, without its heading. */
export function changelogSection(changelog: string, version: string): { text: string; isDated: boolean } | undefined {
  const lines = changelog.split('\n')
  const heading = `## [${version}]`
  const start = lines.findIndex((line) => line === heading || line.startsWith(`${heading} `))
  if (start < 0) return undefined
  const length = lines.slice(start + 1).findIndex((line) => /^## |^\[[^\]]+\]: /.test(line))
  const text = lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n')
  return { text: text.trim(), isDated: / - \d{4}-\d{2}-\d{2}$/.test(lines[start]?.trimEnd() ?? '') }
}

/**
 * The tags that follow a release: `v1` and `v1.2`, each only when the release is the newest of its line, so that a late
 * 1.1.5 does not take `v1` back from 1.2.0.
 */
export function movingTags(requested: string, existing: readonly string[]): string[] {
  const version = parseVersion(requested)
  if (!version) return []
  const released = existing.filter((tag) => tag.startsWith('v')).flatMap((tag) => parseVersion(tag) ?? [])
  const line = released.filter(({ major }) => major === version.major)
  const isNewest = (others: readonly Version[]) => others.every((other) => compare(version, other) >= 0)
  return [
    ...(isNewest(line) ? [`v${version.major}`] : []),
    ...(isNewest(line.filter(({ minor }) => minor === version.minor)) ? [`v${version.major}.${version.minor}`] : []),
  ]
}

/** Whether a release is the newest of all, which GitHub then shows as the latest. */
export function isLatest(requested: string, existing: readonly string[]): boolean {
  const version = parseVersion(requested)
  return version !== undefined && existing.filter((tag) => tag.startsWith('v')).every((tag) => compare(version, parseVersion(tag) ?? version) >= 0)
}

function compare(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** Reads the lines `name object peeled`, where `peeled` is the commit of an annotated tag. */
export function parseTags(text: string): Record<string, string> {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/))
  return Object.fromEntries(rows.flatMap(([name, object, peeled]) => (name && object ? [[name, peeled ?? object]] : [])))
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const [requested = '', notesFile] = process.argv.slice(2)
  const commit = git('rev-parse', 'HEAD')
  const facts: ReleaseFacts = {
    requested,
    packageVersion: JSON.parse(read('package.json')).version,
    lockVersion: JSON.parse(read('package-lock.json')).version,
    changelog: read('CHANGELOG.md'),
    tags: parseTags(git('for-each-ref', '--format=%(refname:strip=2) %(objectname) %(*objectname)', 'refs/tags')),
    commit,
    isOnMain: git('branch', '--all', '--format=%(refname)', '--contains', commit)
      .split('\n')
      .some((ref) => /^refs\/(heads|remotes\/origin)\/main$/.test(ref)),
  }
  const problems = releaseProblems(facts)
  for (const problem of problems) console.error(`error: ${problem}`)
  if (problems.length === 0) {
    const version = requested.replace(/^v/, '')
    if (notesFile) writeFileSync(notesFile, `${changelogSection(facts.changelog, version)?.text ?? ''}\n`)
    const existing = Object.keys(facts.tags)
    console.log(`tag=v${version}\nlatest=${isLatest(requested, existing)}\nmoving=${movingTags(requested, existing).join(' ')}`)
  }
  process.exitCode = problems.length > 0 ? 1 : 0
}
