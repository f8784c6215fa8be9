import { Failure } from '../../src/pipeline/failure.ts'
import type { Answer, Ask, Question } from './ask.ts'

/** Media types of an index, which leads to the image of each architecture; a single image's manifest is not asked for. */
const indexTypes = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json']

const tagPagesMax = 100

/**
 * The digest of a tag's multi-arch index, asked by HEAD, which no registry counts as a pull.
 * @param repository as in an image's reference, such as `registry.k8s.io/pause` or `hashicorp/http-echo`
 * @throws Failure of kind `infrastructure` when there is no such tag, no index or no digest
 */
export async function indexDigest(ask: Ask, repository: string, tag: string): Promise<string> {
  const url = `${registryAddress(repository)}/manifests/${tag}`
  const { headers } = await askRegistry(ask, url, { method: 'HEAD', headers: { accept: indexTypes.join(', ') } })
  const type = headers.get('content-type')?.split(';')[0]?.trim() ?? 'nothing'
  if (!indexTypes.includes(type)) throw unusable(`${url}: expected an image index, got ${type}`)
  const digest = headers.get('docker-content-digest')
  if (digest === null || !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw unusable(`${url}: expected the header docker-content-digest with a SHA-256, got ${digest ?? 'none'}`)
  }
  return digest
}

/** All tags of a repository. Errors as for `indexDigest`. */
export async function listTags(ask: Ask, repository: string): Promise<string[]> {
  const tags: string[] = []
  let url: string | undefined = `${registryAddress(repository)}/tags/list?n=1000`
  for (let page = 0; url !== undefined && page < tagPagesMax; page += 1) {
    const { headers, body }: Answer = await askRegistry(ask, url, {})
    tags.push(...tagsOf(body, url))
    const next: string | undefined = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1]
    url = next === undefined ? undefined : new URL(next, url).href
  }
  return tags
}

/** Docker Hub's registry has another address than its name. */
function registryAddress(repository: string): string {
  const [first = '', ...rest] = repository.split('/')
  if (rest.length === 0) return `https://registry-1.docker.io/v2/library/${repository}`
  return /[.:]/.test(first) ? `https://${first}/v2/${rest.join('/')}` : `https://registry-1.docker.io/v2/${repository}`
}

/** Asks, and asks again with an anonymous token where the registry wants one. */
async function askRegistry(ask: Ask, url: string, question: Question): Promise<Answer> {
  const first = await ask(url, { ...question, expect: [200, 401] })
  if (first.status === 200) return first
  const challenge = first.headers.get('www-authenticate') ?? ''
  const { realm, ...scope } = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]))
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm)) {
    throw unusable(`${url} answered 401 and does not say where an anonymous token is given`)
  }
  const address = new URL(realm)
  for (const key of ['service', 'scope']) if (scope[key] !== undefined) address.searchParams.set(key, scope[key])
  const { body } = await ask(address.href)
  return await ask(url, { ...question, headers: { ...question.headers, authorization: `Bearer ${tokenOf(body, realm)}` } })
}

function tokenOf(body: string, realm: string): string {
  const { token, access_token: accessToken } = object(body, realm)
  const value = token ?? accessToken
  if (typeof value !== 'string' || value === '') throw unusable(`${realm}: expected JSON with a token`)
  return value
}

function tagsOf(body: string, url: string): string[] {
  const { tags } = object(body, url)
  if (!Array.isArray(tags)) throw unusable(`${url}: expected JSON with a list of tags`)
  return tags.map(String)
}

function object(body: string, url: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(body) }
  } catch (cause) {
    throw unusable(`${url}: expected JSON, got ${JSON.stringify(body.slice(0, 40))}`, cause)
  }
}

function unusable(message: string, cause?: unknown): Failure {
  return new Failure(message, { kind: 'infrastructure', cause })
}
