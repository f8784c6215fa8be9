import { createHash } from 'node:crypto'
import { imageRepositories, type PinnedImageName, type PinTable, pinTable } from '../../src/config/pins.ts'
import { content, type Serve, startDownloadHost } from './downloads.ts'

/** Sixty-four hex digits that are the same for the same text. */
export const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex')
export const digestOf = (text: string): string => `sha256:${sumOf(text)}`

export const indexType = 'application/vnd.oci.image.index.v1+json'

/** A manifest's headers, as a registry gives them for HEAD. */
export const manifest =
  (headers: Readonly<Record<string, string>>): Serve =>
  (response, { method }) =>
    response.writeHead(method === 'HEAD' ? 200 : 405, headers).end()

/** Answers 401 until the request brings the token that the realm gives. */
export const withToken =
  (challenge: string, serve: Serve): Serve =>
  (response, request) => {
    if (request.headers.authorization === 'Bearer anonymous') return serve(response, request)
    response.writeHead(401, { 'www-authenticate': challenge, 'content-length': 0 }).end()
  }

export const json = (value: unknown): Serve => content(JSON.stringify(value))

const imageNames = Object.keys(imageRepositories) as PinnedImageName[]

/** The tag that is really pinned. */
export const tagOf = (name: PinnedImageName): string => pinTable.images[name].tag

/** A table in which every sum that the fake publishers state is pinned. */
export function pinnedTable(): PinTable {
  const files = ['kind/0.33.0', 'k6/2.3.0', 'kubectl/1.37.0', 'kubectl/1.36.4'].flatMap((tool) =>
    ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64'].map((platform) => `${tool}/${platform}`),
  )
  return {
    versions: { kind: '0.33.0', k6: '2.3.0' },
    files: Object.fromEntries(files.map((file) => [file, { sha256: sumOf(file), source: 'a test' }])),
    nodeImages: {
      '1.37.0': { digest: digestOf('node 1.37.0'), source: 'a test' },
      '1.36.4': { digest: digestOf('node 1.36.4'), source: 'a test' },
    },
    images: Object.fromEntries(
      imageNames.map((name) => [name, { tag: tagOf(name), digest: digestOf(`${name}:${tagOf(name)}`), source: 'a test' }]),
    ) as PinTable['images'],
  }
}

/** Starts one host that stands in for every publisher, with all that `pinnedTable` pins and nothing newer. */
export async function startPublishers() {
  const host = await startDownloadHost()
  const table = pinnedTable()

  const publishKind = (version: string, kubernetes: readonly string[], { latest = true } = {}) => {
    const notes = kubernetes.map((node) => `- v${node}: \`kindest/node:v${node}@${digestOf(`node ${node}`)}\``)
    const release = json({ tag_name: `v${version}`, body: `# Images\n${notes.join('\r\n')}\n` })
    host.put(`/api.github.com/repos/kubernetes-sigs/kind/releases/tags/v${version}`, release)
    if (latest) host.put('/api.github.com/repos/kubernetes-sigs/kind/releases/latest', release)
    for (const platform of ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64']) {
      const file = `kind-${platform}`
      host.put(`/kind.sigs.k8s.io/dl/v${version}/${file}.sha256sum`, content(`${sumOf(`kind/${version}/${platform}`)}  ${file}\n`))
    }
    for (const node of kubernetes) {
      for (const platform of ['linux/amd64', 'linux/arm64', 'darwin/amd64', 'darwin/arm64']) {
        host.put(`/dl.k8s.io/release/v${node}/bin/${platform}/kubectl.sha256`, content(sumOf(`kubectl/${node}/${platform.replace('/', '-')}`)))
      }
    }
  }
  const publishK6 = (version: string) => {
    host.put('/api.github.com/repos/grafana/k6/releases/latest', json({ tag_name: `v${version}`, body: '' }))
    const files = {
      'linux-amd64': 'linux-amd64.tar.gz',
      'linux-arm64': 'linux-arm64.tar.gz',
      'darwin-amd64': 'macos-amd64.zip',
      'darwin-arm64': 'macos-arm64.zip',
    }
    const lines = Object.entries(files).map(([platform, name]) => `${sumOf(`k6/${version}/${platform}`)}  k6-v${version}-${name}`)
    host.put(`/github.com/grafana/k6/releases/download/v${version}/k6-v${version}-checksums.txt`, content(lines.join('\n')))
  }
  /** Publishes an image's tags; on Docker Hub, for those who fetched a token. */
  const publishImage = (name: PinnedImageName, tags: readonly string[]) => {
    const repository = imageRepositories[name]
    const isHub = registryPath(name).startsWith('/registry-1.docker.io/')
    const scope = `repository:${repository}:pull`
    const challenge = `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="${scope}"`
    const guarded = (serve: Serve) => (isHub ? withToken(challenge, serve) : serve)
    host.put(`/auth.docker.io/token?${new URLSearchParams({ service: 'registry.docker.io', scope })}`, json({ token: 'anonymous' }))
    host.put(`${registryPath(name)}/tags/list?n=1000`, guarded(json({ name: repository, tags })))
    for (const tag of tags) {
      const headers = { 'content-type': indexType, 'docker-content-digest': digestOf(`${name}:${tag}`) }
      host.put(`${registryPath(name)}/manifests/${tag}`, guarded(manifest(headers)))
    }
  }

  publishKind(table.versions.kind, ['1.37.0', '1.36.4'])
  publishK6(table.versions.k6)
  for (const name of imageNames) publishImage(name, [`${tagOf(name)}-beta.1`, 'latest', tagOf(name)])
  return { ...host, table, publishKind, publishK6, publishImage }
}

/** Where the registry API of an image begins on the stand-in. */
export function registryPath(name: PinnedImageName): string {
  const [first = '', ...rest] = imageRepositories[name].split('/')
  return first.includes('.') ? `/${first}/v2/${rest.join('/')}` : `/registry-1.docker.io/v2/${rest.length === 0 ? `library/${first}` : imageRepositories[name]}`
}
