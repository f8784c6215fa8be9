/**
 * Every version this project pins. The figures stand in pins.json, each with its source, and `npm run pins`
 * renews them from their publishers; what is chosen by hand, where each image comes from, stands here.
 * A digest or a checksum is there only when its publisher was seen to state it; what has none is an exact
 * version tag, or is verified by the publisher's checksum file when downloaded.
 */
import table from './pins.json' with { type: 'json' }

/** The form of pins.json. Sums are lower-case hex; a digest is that of the multi-arch index, so that arm64 works. */
export interface PinTable {
  /** Default versions, without `v`. */
  readonly versions: { readonly kind: string; readonly k6: string }
  /** Files at a publisher's host, by `tool/version/os-arch`. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly source: string }>>
  /** Images built for that kind, by full Kubernetes version without `v`, newest first. */
  readonly nodeImages: Readonly<Record<string, { readonly digest: string; readonly source: string }>>
  readonly images: Readonly<Record<PinnedImageName, { readonly tag: string; readonly digest: string | null; readonly source: string }>>
}

/** The table as it is committed. */
export const pinTable: PinTable = table

/** Default versions of the programs; kubectl's is the cluster's. */
export const toolVersions = pinTable.versions

/** SHA-256 of a file at the publisher's host, by `tool/version/os-arch`. */
export const toolChecksums: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(pinTable.files).map(([file, { sha256 }]) => [file, sha256]))

export interface NodeImage {
  /** Full Kubernetes version, without `v`. */
  readonly kubernetes: string
  readonly image: string
}

/** Docker Hub, which throttles anonymous pulls: kind publishes its node images nowhere else. */
export const nodeRepository = 'kindest/node'

/** Node images built for the pinned kind, newest first. */
export const nodeImages: readonly NodeImage[] = Object.entries(pinTable.nodeImages).map(([kubernetes, { digest }]) => ({
  kubernetes,
  image: `${nodeRepository}:v${kubernetes}@${digest}`,
}))

/** Names that `image-overrides` takes. */
export const imageNames = ['ingress-nginx', 'traefik', 'http-echo', 'k6', 'k6-operator', 'k6-starter', 'dns-probe'] as const

export type ImageName = (typeof imageNames)[number]

/** k6's own image follows k6's version. */
export type PinnedImageName = Exclude<ImageName, 'k6'>

/** Where each image comes from: a registry that does not throttle anonymous pulls, where there is a choice. */
export const imageRepositories: Readonly<Record<PinnedImageName, string>> = {
  // Its publisher's own registry, which does not throttle.
  'ingress-nginx': 'registry.k8s.io/ingress-nginx/controller',
  // Its publisher's own copy: that on Docker Hub is throttled.
  traefik: 'ghcr.io/traefik/traefik',
  // Docker Hub throttles, but its publisher pushes nowhere else; `image-overrides` names a copy.
  'http-echo': 'hashicorp/http-echo',
  'k6-operator': 'ghcr.io/grafana/k6-operator',
  'k6-starter': 'ghcr.io/grafana/k6-operator',
  // Not Docker Hub's busybox, but the one that Kubernetes' own e2e tests use, from a registry that does not throttle.
  'dns-probe': 'registry.k8s.io/e2e-test-images/busybox',
}

/** Images the default pipeline runs. */
export const images: Readonly<Record<PinnedImageName, string>> = {
  'ingress-nginx': reference('ingress-nginx'),
  traefik: reference('traefik'),
  'http-echo': reference('http-echo'),
  'k6-operator': reference('k6-operator'),
  'k6-starter': reference('k6-starter'),
  'dns-probe': reference('dns-probe'),
}

/** k6's image of a version, from its publisher's own registry, which does not throttle. */
export function k6Image(version: string): string {
  return `ghcr.io/grafana/k6:${version}`
}

function reference(name: PinnedImageName): string {
  const { tag, digest } = pinTable.images[name]
  return `${imageRepositories[name]}:${tag}${digest === null ? '' : `@${digest}`}`
}
