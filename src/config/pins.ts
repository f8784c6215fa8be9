/**
 * Every version this project pins, with where the figure comes from. A digest or a
 * checksum stands here only when its publisher's own page was seen; what has none is
 * an exact version tag, or is verified by the publisher's checksum file when downloaded.
 */

/** Default versions of the three programs. Source: the release pages of each project, November 2026. */
export const toolVersions = { kind: '0.33.0', k6: '2.3.0' } as const

/** SHA-256 of a file at the publisher's host, by `tool/version/os-arch`. */
export const toolChecksums: Readonly<Record<string, string>> = {
  // Source: kind.sigs.k8s.io/dl/v0.33.0/kind-linux-amd64.sha256sum
  'kind/0.33.0/linux-amd64': 'aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d',
}

export interface NodeImage {
  /** Full Kubernetes version, without `v`. */
  readonly kubernetes: string
  readonly image: string
}

/** Node images built for kind 0.33.0, newest first. Source: the release notes of kind v0.33.0. */
export const nodeImages: readonly NodeImage[] = [
  node('1.37.0', 'a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5'),
  node('1.36.4', '099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed'),
  node('1.35.8', '07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0'),
]

function node(kubernetes: string, sha256: string): NodeImage {
  return { kubernetes, image: `kindest/node:v${kubernetes}@sha256:${sha256}` }
}

/** Names that `image-overrides` takes. */
export const imageNames = ['ingress-nginx', 'traefik', 'http-echo', 'k6', 'dns-probe'] as const

/** Images the default pipeline runs. */
export const images: Readonly<Record<'ingress-nginx' | 'traefik' | 'http-echo' | 'dns-probe', string>> = {
  // Source: changelog/controller-1.15.1.md of kubernetes/ingress-nginx (digest of the multi-arch index).
  'ingress-nginx': 'registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:594ceea76b01c592858f803f9ff4d2cb40542cae2060410b2c95f75907d659e1',
  // The publisher's own copy on ghcr.io: the one on docker.io is throttled. No page of the publisher states the digest.
  traefik: 'ghcr.io/traefik/traefik:v3.7.15',
  // Its last tag. No page of the publisher states the digest, so none is pinned. Published on docker.io alone, which
  // throttles anonymous pulls: `image-overrides` names a mirror where that bites.
  'http-echo': 'hashicorp/http-echo:1.0.0',
  // A busybox from a registry that does not throttle anonymous pulls; the tag Kubernetes' own e2e tests use.
  'dns-probe': 'registry.k8s.io/e2e-test-images/busybox:1.36.1-1',
}
