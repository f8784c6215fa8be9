/**
 * Checks that every package that ships in dist has a licence we may ship under: `npm run licences`.
 * Ends with 1 and every problem at once.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A production dependency. */
export interface Dependency {
  readonly name: string
  readonly version: string
  /** SPDX expression; null when the package states none. */
  readonly licence: string | null
}

const allowed: ReadonlySet<string> = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Python-2.0',
])

/** Packages whose words are not in the list, and why they may be shipped all the same. Other words are looked at again. */
const exceptions: Readonly<Record<string, { readonly licence: string | null; readonly why: string }>> = {
  argparse: { licence: 'PSF-2.0', why: 'a port of Python’s module, under Python’s own licence' },
  buffers: { licence: null, why: 'states none; @actions/artifact brings it in by way of unzip-stream, for downloads that we never make' },
  chainsaw: { licence: 'MIT/X11', why: 'an old name of MIT' },
}

interface LockedPackage {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly link?: boolean
}

/**
 * The production dependencies of a package-lock.json, each version once.
 * @param installedLicence looks a licence up where the lock file has none, by folder such as `node_modules/execa`
 */
export function productionDependencies(
  lock: { packages: Readonly<Record<string, LockedPackage>> },
  installedLicence: (folder: string) => string | null,
): Dependency[] {
  const found = Object.entries(lock.packages)
    .filter(([folder, { dev, devOptional, link }]) => folder !== '' && !dev && !devOptional && !link)
    .map(([folder, { name, version = '', license }]): [string, Dependency] => {
      const title = name ?? folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return [`${title}@${version}`, { name: title, version, licence: license ?? installedLicence(folder) }]
    })
  return [...new Map(found).values()].toSorted((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version))
}

/** Whether a licence is allowed: one of the list, an `OR` of which one is, or an `AND` of which all are. Nothing deeper is understood. */
export function isAllowed(licence: string): boolean {
  const words = licence.replace(/^\((.*)\)$/, '$1')
  const alternatives = words.split(' OR ')
  return alternatives.length > 1 ? alternatives.some((part) => allowed.has(part)) : words.split(' AND ').every((part) => allowed.has(part))
}

/** What stands against shipping these dependencies, and exceptions that no dependency needs any more. */
export function licenceProblems(dependencies: readonly Dependency[], named: typeof exceptions = exceptions): string[] {
  const refused = dependencies.filter(({ name, licence }) => {
    const exception = named[name]
    return exception ? exception.licence !== licence : licence === null || !isAllowed(licence)
  })
  const names = new Set(dependencies.map(({ name }) => name))
  return [
    ...refused.map(
      ({ name, version, licence }) =>
        `${name}@${version} has ${licence === null ? 'no licence' : `the licence ${licence}`}; expected one of ${[...allowed].join(', ')}, or an exception in scripts/licences.ts`,
    ),
    ...Object.keys(named)
      .filter((name) => !names.has(name))
      .map((name) => `${name} is named as an exception in scripts/licences.ts and is no dependency; remove it`),
  ]
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const dependencies = productionDependencies(lock, (folder) => {
    try {
      const { license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      return typeof license === 'string' ? license : null
    } catch {
      return null
    }
  })
  const problems = licenceProblems(dependencies)
  for (const problem of problems) console.error(`error: ${problem}`)
  if (problems.length === 0) console.log(`${dependencies.length} production dependencies have a licence that may be shipped`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
