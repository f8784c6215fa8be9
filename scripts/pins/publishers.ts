import { imageRepositories, nodeRepository, type PinnedImageName, type PinTable } from '../../src/config/pins.ts'
import { Failure } from '../../src/pipeline/failure.ts'
import { findChecksum, type Platform, type ToolName, toolSource } from '../../src/stages/tools/tool.ts'
import type { Ask } from './ask.ts'
import { indexDigest, listTags } from './registry.ts'
import { newestLike } from './versions.ts'

/** All versions that decide what is pinned, without `v`, but images' tags as they are. */
export interface PinnedVersions {
  readonly kind: string
  readonly k6: string
  /** Newest first. */
  readonly kubernetes: readonly string[]
  readonly images: Readonly<Record<PinnedImageName, string>>
}

/** The versions of a table. */
export function versionsOf(table: PinTable): PinnedVersions {
  const images = Object.fromEntries(imageNamesOf(table).map((name) => [name, table.images[name].tag])) as Record<PinnedImageName, string>
  return { ...table.versions, kubernetes: Object.keys(table.nodeImages), images }
}

/** A digest or checksum that a publisher states, and where. */
export interface Statement {
  /** What it is of: `kind/0.33.0/linux-amd64`, or an image's reference without digest. */
  readonly pin: string
  /** As pins.json has it; null when it has none. */
  readonly pinned: string | null
  /** As the publisher has it. Errors: Failure of kind `infrastructure`. */
  readonly published: (ask: Ask) => Promise<{ readonly sum: string; readonly source: string }>
}

const platforms: readonly Platform[] = (['linux', 'darwin'] as const).flatMap((os) => (['amd64', 'arm64'] as const).map((arch) => ({ os, arch })))

/** How many Kubernetes minors have a node image: those that Kubernetes itself supports. */
const minorsKept = 3

/** Everything that can be pinned at these versions, whether the table pins it or not. */
export function statementsOf(versions: PinnedVersions, table: PinTable): readonly Statement[] {
  const tools: readonly [ToolName, string][] = [
    ['kind', versions.kind],
    ['k6', versions.k6],
    ...versions.kubernetes.map((version): [ToolName, string] => ['kubectl', version]),
  ]
  return [
    ...tools.flatMap(([name, version]) => platforms.map((platform) => fileStatement(table, name, version, platform))),
    ...versions.kubernetes.map((version) => nodeStatement(table, versions.kind, version)),
    ...imageNamesOf(table).map((name) => imageStatement(table, name, versions.images[name])),
  ]
}

function fileStatement(table: PinTable, name: ToolName, version: string, platform: Platform): Statement {
  const pin = `${name}/${version}/${platform.os}-${platform.arch}`
  const { url, checksumUrl } = toolSource(name, version, platform)
  const published = async (ask: Ask) => {
    const sum = findChecksum((await ask(checksumUrl)).body, url.split('/').at(-1) ?? '')
    if (sum === undefined) throw new Failure(`${checksumUrl} has no SHA-256 of ${url.split('/').at(-1)}`, { kind: 'infrastructure' })
    return { sum, source: checksumUrl }
  }
  return { pin, pinned: table.files[pin]?.sha256 ?? null, published }
}

function nodeStatement(table: PinTable, kind: string, version: string): Statement {
  const published = async (ask: Ask) => {
    const { images, source } = await kindRelease(ask, kind)
    const sum = images[version]
    if (sum === undefined) throw new Failure(`${source} names no node image v${version} with a digest`, { kind: 'infrastructure' })
    return { sum, source }
  }
  return { pin: nodeReference(version), pinned: table.nodeImages[version]?.digest ?? null, published }
}

function imageStatement(table: PinTable, name: PinnedImageName, tag: string): Statement {
  const pin = `${imageRepositories[name]}:${tag}`
  const pinned = table.images[name].tag === tag ? table.images[name].digest : null
  return { pin, pinned, published: async (ask) => ({ sum: await indexDigest(ask, imageRepositories[name], tag), source: `the registry: ${pin}` }) }
}

/** Reference of a node image without its digest. */
export function nodeReference(version: string): string {
  return `${nodeRepository}:v${version}`
}

/** Names of the images, in the table's order. */
export function imageNamesOf(table: PinTable): PinnedImageName[] {
  return Object.keys(table.images) as PinnedImageName[]
}

/** A newest version, asked for one by one so that a publisher who is silent hides no other. */
export interface Newest {
  readonly what: 'kind' | 'k6' | 'kubernetes' | PinnedImageName
  /** Versions as the table has them; several for Kubernetes, newest first. */
  readonly pinned: readonly string[]
  readonly newest: (ask: Ask) => Promise<readonly string[]>
}

/** What can get newer. Kubernetes follows kind, whose release notes name the node images built for it. */
export function newestOf(table: PinTable): readonly Newest[] {
  return [
    { what: 'kind', pinned: [table.versions.kind], newest: async (ask) => [(await kindRelease(ask)).version] },
    { what: 'k6', pinned: [table.versions.k6], newest: async (ask) => [(await release(ask, 'grafana/k6')).version] },
    { what: 'kubernetes', pinned: Object.keys(table.nodeImages), newest: async (ask) => newestMinors(Object.keys((await kindRelease(ask)).images)) },
    ...imageNamesOf(table).map((what): Newest => {
      const { tag } = table.images[what]
      return { what, pinned: [tag], newest: async (ask) => [newestLike(tag, await listTags(ask, imageRepositories[what]))] }
    }),
  ]
}

/** The newest patch of the newest minors, newest first. */
function newestMinors(versions: readonly string[]): string[] {
  const sorted = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const minor = (version: string) => version.split('.').slice(0, 2).join('.')
  return sorted.filter((version, index) => sorted.findIndex((other) => minor(other) === minor(version)) === index).slice(0, minorsKept)
}

/** A release on GitHub, by version or the newest one. */
async function release(ask: Ask, repository: string, version?: string) {
  const url = `https://api.github.com/repos/${repository}/releases/${version === undefined ? 'latest' : `tags/v${version}`}`
  const { body } = await ask(url, { headers: { accept: 'application/vnd.github+json' } })
  const { tag_name: tag, body: notes } = parse(body)
  const found = typeof tag === 'string' ? /^v(\d+\.\d+\.\d+)$/.exec(tag)?.[1] : undefined
  if (found === undefined)
    throw new Failure(`${url}: expected a release with a tag like v1.2.3, got ${JSON.stringify(tag ?? null)}`, { kind: 'infrastructure' })
  return { version: found, notes: typeof notes === 'string' ? notes : '' }
}

function parse(body: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(body) }
  } catch {
    return {}
  }
}

/** A release of kind with the digests of its node images by Kubernetes version. */
async function kindRelease(ask: Ask, wanted?: string) {
  const { version, notes } = await release(ask, 'kubernetes-sigs/kind', wanted)
  const found = [...notes.matchAll(/kindest\/node:v(\d+\.\d+\.\d+)@(sha256:[0-9a-f]{64})/g)]
  const source = `https://github.com/kubernetes-sigs/kind/releases/tag/v${version}`
  if (found.length === 0) throw new Failure(`${source} names no node image with a digest`, { kind: 'infrastructure' })
  const images: Readonly<Record<string, string>> = Object.fromEntries(found.map(([, kubernetes, digest]) => [kubernetes, digest]))
  return { version, images, source }
}
