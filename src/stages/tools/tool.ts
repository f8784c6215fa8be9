import { toolChecksums } from '../../config/pins.ts'

export type ToolName = 'kind' | 'kubectl' | 'k6'

/** Where a program came from; they are tried in this order. */
export type ToolOrigin = 'path' | 'tool-cache' | 'github-cache' | 'download' | 'go'

/** An installed program. */
export interface Tool {
  readonly name: ToolName
  /** The version it really is, without `v`. */
  readonly version: string
  /** Absolute path of the executable. */
  readonly path: string
  readonly from: ToolOrigin
  /** What people should know, for example that it is another version than the one asked for. */
  readonly note?: string
}

/** The machine a program must run on, in Go's words. */
export interface Platform {
  readonly os: 'linux' | 'darwin'
  readonly arch: 'amd64' | 'arm64'
}

/** Where a program is downloaded from and how its bytes are verified. */
export interface ToolSource {
  readonly url: string
  /** The publisher's checksum file: one bare sum, or lines of sum and file name. */
  readonly checksumUrl: string
  /** A sum known beforehand, which wins over the publisher's file. */
  readonly pinnedSha256: string | null
  /** Path of the executable inside the archive; null when the download is the executable itself. */
  readonly archiveEntry: string | null
}

const hosts: Record<ToolName, string> = { kind: 'https://kind.sigs.k8s.io', kubectl: 'https://dl.k8s.io', k6: 'https://github.com' }

/** The Go modules of the programs that can be compiled from one; kubectl's needs the whole of Kubernetes' source tree. */
export const goModules: Readonly<Partial<Record<ToolName, (major: number) => string>>> = {
  kind: () => 'sigs.k8s.io/kind',
  k6: (major) => (major < 2 ? 'go.k6.io/k6' : `go.k6.io/k6/v${major}`),
}

/**
 * The publisher's addresses for a program.
 * @param mirror replaces the host; the paths stay. A mirror is trusted as the publisher is, so what
 * binds then is its own checksum file: a mirror may hold builds of its own.
 */
export function toolSource(name: ToolName, version: string, { os, arch }: Platform, mirror?: string): ToolSource {
  const host = mirror ?? hosts[name]
  const pinnedSha256 = mirror === undefined ? (toolChecksums[`${name}/${version}/${os}-${arch}`] ?? null) : null
  switch (name) {
    case 'kind': {
      const url = `${host}/dl/v${version}/kind-${os}-${arch}`
      return { url, checksumUrl: `${url}.sha256sum`, pinnedSha256, archiveEntry: null }
    }
    case 'kubectl': {
      const url = `${host}/release/v${version}/bin/${os}/${arch}/kubectl`
      return { url, checksumUrl: `${url}.sha256`, pinnedSha256, archiveEntry: null }
    }
    case 'k6': {
      const folder = `k6-v${version}-${os === 'darwin' ? 'macos' : os}-${arch}`
      const release = `${host}/grafana/k6/releases/download/v${version}`
      const url = `${release}/${folder}.${os === 'darwin' ? 'zip' : 'tar.gz'}`
      return { url, checksumUrl: `${release}/k6-v${version}-checksums.txt`, pinnedSha256, archiveEntry: `${folder}/k6` }
    }
  }
}

/**
 * Finds a file's sum in a publisher's checksum file.
 * @param text one bare sum, or lines `sum  name` (`sum *name`)
 * @returns 64 lower-case hex digits, or undefined when the file does not tell
 */
export function findChecksum(text: string, fileName: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  for (const line of lines) {
    const [, sum, name] = /^([0-9a-fA-F]{64})(?:\s+\*?(\S+))?$/.exec(line) ?? []
    if (sum && (name === undefined || name.split('/').at(-1) === fileName)) return sum.toLowerCase()
  }
  return undefined
}
