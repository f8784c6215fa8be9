import { imageRepositories, type PinnedImageName, type PinTable } from '../../src/config/pins.ts'
import { Failure } from '../../src/pipeline/failure.ts'
import type { Ask } from './ask.ts'
import { describeProblems, type Problem } from './problems.ts'
import { imageNamesOf, newestOf, nodeReference, type PinnedVersions, statementsOf, versionsOf } from './publishers.ts'

/**
 * The table with the newest versions and every digest and checksum that their publishers state.
 * @throws Failure of kind `infrastructure` that names everything nobody answered for: a table is renewed whole or not at all
 */
export async function renewPins(ask: Ask, table: PinTable): Promise<PinTable> {
  const versions = await newestVersions(ask, table)
  const statements = statementsOf(versions, table)
  const found = await all(
    statements,
    ({ pin }) => pin,
    async ({ pin, published }) => [pin, await published(ask)] as const,
  )
  const stated = new Map(found)
  const of = (pin: string) => {
    const statement = stated.get(pin)
    if (statement === undefined) throw new Error(`nothing was asked about ${pin}`)
    return statement
  }
  const digestOf = (pin: string) => ({ digest: of(pin).sum, source: of(pin).source })
  return {
    versions: { kind: versions.kind, k6: versions.k6 },
    files: Object.fromEntries(found.filter(([pin]) => /^(kind|kubectl|k6)\//.test(pin)).map(([pin, { sum, source }]) => [pin, { sha256: sum, source }])),
    nodeImages: Object.fromEntries(versions.kubernetes.map((version) => [version, digestOf(nodeReference(version))])),
    images: Object.fromEntries(
      imageNamesOf(table).map((name) => [name, { tag: versions.images[name], ...digestOf(`${imageRepositories[name]}:${versions.images[name]}`) }]),
    ) as PinTable['images'],
  }
}

async function newestVersions(ask: Ask, table: PinTable): Promise<PinnedVersions> {
  const found = await all(
    newestOf(table),
    ({ what }) => `newest ${what}`,
    async ({ what, newest }) => [what, await newest(ask)] as const,
  )
  const newest = new Map<string, readonly string[]>(found)
  const before = versionsOf(table)
  const one = (what: 'kind' | 'k6' | PinnedImageName, old: string) => newest.get(what)?.[0] ?? old
  return {
    kind: one('kind', before.kind),
    k6: one('k6', before.k6),
    kubernetes: newest.get('kubernetes') ?? before.kubernetes,
    images: Object.fromEntries(imageNamesOf(table).map((name) => [name, one(name, before.images[name])])) as PinnedVersions['images'],
  }
}

/** Does all at once, and fails with every failure at once. */
async function all<T, R>(items: readonly T[], nameOf: (item: T) => string, work: (item: T) => Promise<R>): Promise<R[]> {
  const problems: Problem[] = []
  const results = await Promise.all(items.map((item) => work(item).catch((error: unknown) => void problems.push({ what: nameOf(item), error }))))
  if (problems.length > 0) throw new Failure(describeProblems(problems).join('\n'), { kind: 'infrastructure' })
  return results.filter((result) => result !== undefined) as R[]
}
