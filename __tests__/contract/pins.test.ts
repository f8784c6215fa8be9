import '../fakes/realm.ts'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { type AskOptions, createAsk } from '../../scripts/pins/ask.ts'
import { checkPins, exitCodeOf } from '../../scripts/pins/check.ts'
import { indexDigest, listTags } from '../../scripts/pins/registry.ts'
import { renewPins } from '../../scripts/pins/renew.ts'
import { imageRepositories, type PinnedImageName, type PinTable, pinTable, toolVersions } from '../../src/config/pins.ts'
import { type Platform, type ToolName, toolSource } from '../../src/stages/tools/tool.ts'
import { content, hang, inTurn, status } from '../fakes/downloads.ts'
import { failureOf } from '../fakes/failure.ts'
import { digestOf, indexType, json, manifest, registryPath, startPublishers, sumOf, tagOf, withToken } from '../fakes/publishers.ts'

const controller = 'registry.k8s.io/ingress-nginx/controller'
const kindSum = '/kind.sigs.k8s.io/dl/v0.33.0/kind-linux-arm64.sha256sum'
const latestKind = '/api.github.com/repos/kubernetes-sigs/kind/releases/latest'

let host: Awaited<ReturnType<typeof startPublishers>>
beforeEach(async () => {
  host = await startPublishers()
})
afterEach(() => host.close())

const asking = (options: AskOptions = {}) => createAsk({ standIn: host.url, minPauseMs: 1, ...options })
const check = (table: PinTable = host.table) => checkPins(asking({ retries: 1 }), table)
const renew = (table: PinTable = host.table) => renewPins(asking({ retries: 1 }), table)
const clean = { errors: [], unanswered: [], warnings: [] }

describe('a check against the publishers', () => {
  test('finds nothing when they say what is pinned', async () => {
    expect(await check()).toEqual(clean)
  })

  test.each([
    [
      'a file',
      (table: PinTable) => ({ ...table, files: { ...table.files, 'kind/0.33.0/linux-arm64': { sha256: sumOf('old'), source: '' } } }),
      'kind/0.33.0/linux-arm64',
      sumOf('old'),
    ],
    [
      'a node image',
      (table: PinTable) => ({ ...table, nodeImages: { ...table.nodeImages, '1.36.4': { digest: digestOf('old'), source: '' } } }),
      'kindest/node:v1.36.4',
      digestOf('old'),
    ],
    [
      'an image',
      (table: PinTable) => ({ ...table, images: { ...table.images, 'ingress-nginx': { tag: tagOf('ingress-nginx'), digest: digestOf('old'), source: '' } } }),
      `${controller}:${tagOf('ingress-nginx')}`,
      digestOf('old'),
    ],
  ])('is an error when the same version of %s has other bytes', async (_, change, pin, old) => {
    const found = await check(change(host.table))
    expect(found).toEqual({ ...clean, errors: [expect.stringContaining(`${pin} has other bytes: pinned is ${old}, `)] })
    expect(exitCodeOf(found)).toBe(1)
  })

  test('only warns of what is newer, and takes no beta and no other form of tag for it', async () => {
    host.publishKind('0.34.0', ['1.38.0', '1.37.2', '1.36.4', '1.35.9'])
    host.publishK6('2.4.0')
    host.publishImage('ingress-nginx', [tagOf('ingress-nginx'), 'v1.15.10', 'v1.9.99', 'v1.16.0-beta.0', '2.0.0', 'v2'])
    const found = await check()
    // k6's old checksum file still stands.
    expect(found).toEqual({
      ...clean,
      warnings: [
        `ingress-nginx v1.15.10 is out; pinned is ${tagOf('ingress-nginx')}; run: npm run pins`,
        'k6 2.4.0 is out; pinned is 2.3.0; run: npm run pins',
        'kind 0.34.0 is out; pinned is 0.33.0; run: npm run pins',
        'kubernetes 1.38.0, 1.37.2 is out; pinned is 1.37.0, 1.36.4; run: npm run pins',
      ],
    })
    expect(exitCodeOf(found)).toBe(0)
  })

  test('warns of what has no digest yet, and says the digest', async () => {
    const tag = tagOf('http-echo')
    const found = await check({ ...host.table, images: { ...host.table.images, 'http-echo': { tag, digest: null, source: '' } } })
    expect(found.warnings).toEqual([
      `hashicorp/http-echo:${tag} is not pinned; the registry: hashicorp/http-echo:${tag} says ${digestOf(`http-echo:${tag}`)}; run: npm run pins`,
    ])
    expect(exitCodeOf(found)).toBe(0)
  })

  test('says which publisher does not answer, and still compares the others', async () => {
    host.put(kindSum, status(503))
    host.put(latestKind, status(403))
    const table = { ...host.table, nodeImages: { ...host.table.nodeImages, '1.36.4': { digest: digestOf('old'), source: '' } } }
    const found = await check(table)
    expect(found.unanswered).toEqual([
      'kind/0.33.0/linux-arm64: https://kind.sigs.k8s.io/dl/v0.33.0/kind-linux-arm64.sha256sum answered 503',
      'newest kind: https://api.github.com/repos/kubernetes-sigs/kind/releases/latest answered 403',
      'newest kubernetes: https://api.github.com/repos/kubernetes-sigs/kind/releases/latest answered 403',
    ])
    expect(found.errors).toHaveLength(1)
    expect(exitCodeOf(found)).toBe(1)
    expect(exitCodeOf({ ...found, errors: [] })).toBe(2)
  })

  test('says a host that cannot be reached once, however much hangs on it', async () => {
    await host.close()
    const found = await check()
    expect(found.unanswered.map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['api.github.com', 'dl.k8s.io', 'registry.k8s.io']))
    expect(found.unanswered.filter((line) => line.startsWith('dl.k8s.io'))).toEqual([
      expect.stringMatching(/gave no answer: .*ECONNREFUSED.* \(asked about kubectl\/.* and 7 more\)$/),
    ])
    expect(exitCodeOf(found)).toBe(2)
  })

  test.each([
    ['a page instead of a checksum', kindSum, content('<html>Sign in</html>'), /kind-linux-arm64\.sha256sum has no SHA-256 of kind-linux-arm64$/],
    ['a checksum of something else', kindSum, content(`${sumOf('x')}  kind-linux-amd64\n`), /has no SHA-256 of kind-linux-arm64$/],
    [
      'notes without digests',
      '/api.github.com/repos/kubernetes-sigs/kind/releases/tags/v0.33.0',
      json({ tag_name: 'v0.33.0', body: 'kindest/node:v1.37.0' }),
      /names no node image with a digest$/,
    ],
    ['a page instead of a release', latestKind, content('<html>'), /expected a release with a tag like v1\.2\.3, got null$/],
    ['a release of something else', latestKind, json({ tag_name: 'nightly' }), /got "nightly"$/],
  ])('takes %s for no answer', async (_, path, serve, message) => {
    host.put(path, serve)
    const found = await check()
    expect(found.unanswered).not.toEqual([])
    for (const line of found.unanswered) expect(line).toMatch(message)
    expect(exitCodeOf(found)).toBe(2)
  })
})

describe('a question to a publisher', () => {
  test.each([408, 429, 500, 503])('is asked again after %i', async (code) => {
    host.put(kindSum, inTurn(status(code), status(code), content('at last')))
    expect((await asking()(`https:/${kindSum}`)).body).toBe('at last')
    expect(host.requests).toHaveLength(3)
  })

  test.each([400, 403, 404])('is not asked again after %i', async (code) => {
    host.put(kindSum, inTurn(status(code), content('too late')))
    expect((await failureOf(asking()(`https:/${kindSum}`))).message).toBe(`https:/${kindSum} answered ${code}`)
    expect(host.requests).toHaveLength(1)
  })

  test('is given up when nobody answers', async () => {
    host.put(kindSum, hang)
    const failure = await failureOf(asking({ retries: 1, timeoutMs: 50 })(`https:/${kindSum}`))
    expect(failure.message).toContain('kind-linux-arm64.sha256sum gave no answer: ')
    expect(host.requests).toHaveLength(2)
  })

  test('is asked once, however often it is put', async () => {
    const ask = asking()
    await Promise.all([ask(`https:/${kindSum}`), ask(`https:/${kindSum}`)])
    await ask(`https:/${kindSum}`)
    expect(host.requests).toEqual([kindSum])
  })

  test('carries the GitHub token to api.github.com and nowhere else', async () => {
    const seen: Record<string, string | undefined> = {}
    for (const path of [latestKind, kindSum]) {
      host.put(path, (response, request) => {
        seen[path] = request.headers.authorization
        response.end('{}')
      })
    }
    const ask = asking({ githubToken: 'canary' })
    await Promise.all([ask(`https:/${latestKind}`), ask(`https:/${kindSum}`)])
    expect(seen).toEqual({ [latestKind]: 'Bearer canary', [kindSum]: undefined })
  })
})

describe('the digest of an image', () => {
  const path = `${registryPath('ingress-nginx')}/manifests/v9`
  const digest = digestOf('nine')
  const ask = () => indexDigest(asking({ retries: 0 }), controller, 'v9')

  test.each([indexType, 'application/vnd.docker.distribution.manifest.list.v2+json', `${indexType}; charset=utf-8`])(
    'is the index’s, of type %s',
    async (type) => {
      host.put(path, manifest({ 'content-type': type, 'docker-content-digest': digest }))
      expect(await ask()).toBe(digest)
    },
  )

  test.each([
    [
      'one image’s manifest',
      { 'content-type': 'application/vnd.oci.image.manifest.v1+json', 'docker-content-digest': digest },
      'expected an image index, got application/vnd.oci.image.manifest.v1+json',
    ],
    ['a page', { 'content-type': 'text/html', 'docker-content-digest': digest }, 'expected an image index, got text/html'],
    ['nothing', {}, 'expected an image index, got nothing'],
    ['an index without digest', { 'content-type': indexType }, 'expected the header docker-content-digest with a SHA-256, got none'],
    [
      'another hash',
      { 'content-type': indexType, 'docker-content-digest': 'sha512:ab' },
      'expected the header docker-content-digest with a SHA-256, got sha512:ab',
    ],
  ])('is not taken from %s', async (_, headers, message) => {
    host.put(path, manifest(headers))
    expect((await failureOf(ask())).message).toBe(`https:/${path}: ${message}`)
  })

  test('that the registry does not have is told with its address', async () => {
    expect((await failureOf(ask())).message).toBe(`https:/${path} answered 404`)
  })

  const index = manifest({ 'content-type': indexType, 'docker-content-digest': digest })
  const realm = 'Bearer realm="https://auth.example/token",service="r"'
  test('comes with an anonymous token where the registry wants one, under either name', async () => {
    host.put(path, withToken(realm, index))
    for (const name of ['token', 'access_token']) {
      host.put('/auth.example/token?service=r', json({ [name]: 'anonymous' }))
      expect(await ask()).toBe(digest)
    }
  })

  test.each([
    ['a challenge that names no realm', 'Bearer service="r"', json({}), `https:/${path} answered 401 and does not say where an anonymous token is given`],
    [
      'a challenge for a password',
      'Basic realm="https://auth.example/token"',
      json({}),
      `https:/${path} answered 401 and does not say where an anonymous token is given`,
    ],
    ['an answer without a token', realm, json({ token: '' }), 'https://auth.example/token: expected JSON with a token'],
    ['a page for a token', realm, content('<html>'), 'https://auth.example/token: expected JSON, got "<html>"'],
    ['a token that does not help', realm, json({ token: 'wrong' }), `https:/${path} answered 401`],
  ])('fails clearly for %s', async (_, challenge, token, message) => {
    host.put(path, withToken(challenge, index))
    host.put('/auth.example/token?service=r', token)
    expect((await failureOf(ask())).message).toBe(message)
  })
})

describe('the tags of an image', () => {
  test('are those of all pages', async () => {
    const path = `${registryPath('ingress-nginx')}/tags/list`
    host.put(`${path}?n=1000`, (response) => {
      response.writeHead(200, { link: `<${path.replace('/registry.k8s.io', '')}?n=1000&last=b>; rel="next"` }).end(JSON.stringify({ tags: ['a', 'b'] }))
    })
    host.put(`${path}?n=1000&last=b`, json({ tags: ['c'] }))
    expect(await listTags(asking(), controller)).toEqual(['a', 'b', 'c'])
  })

  test('must be a list', async () => {
    host.put(`${registryPath('ingress-nginx')}/tags/list?n=1000`, json({ errors: [] }))
    expect((await failureOf(listTags(asking(), controller))).message).toContain('expected JSON with a list of tags')
  })
})

describe('a renewal', () => {
  test('changes no figure when nothing is newer', async () => {
    const { versions, files, nodeImages, images } = await renew()
    expect(versions).toEqual(host.table.versions)
    const sums = (entries: Readonly<Record<string, { sha256?: string; digest?: string | null }>>) =>
      Object.fromEntries(Object.entries(entries).map(([name, { sha256, digest }]) => [name, sha256 ?? digest]))
    expect(sums(files)).toEqual(sums(host.table.files))
    expect(sums(nodeImages)).toEqual(sums(host.table.nodeImages))
    expect(sums(images)).toEqual(sums(host.table.images))
  })

  test('takes what is newest, with its sums and their sources, and keeps the newest patch of three minors', async () => {
    host.publishKind('0.34.0', ['1.35.9', '1.37.2', '1.37.10', '1.38.0', '1.36.4'])
    host.publishK6('2.4.0')
    host.publishImage('http-echo', [tagOf('http-echo'), '1.0.10'])
    const table = await renew()
    expect(table.versions).toEqual({ kind: '0.34.0', k6: '2.4.0' })
    expect(Object.keys(table.nodeImages)).toEqual(['1.38.0', '1.37.10', '1.36.4'])
    expect(table.nodeImages['1.38.0']).toEqual({ digest: digestOf('node 1.38.0'), source: 'https://github.com/kubernetes-sigs/kind/releases/tag/v0.34.0' })
    expect(table.images['http-echo']).toEqual({ tag: '1.0.10', digest: digestOf('http-echo:1.0.10'), source: 'the registry: hashicorp/http-echo:1.0.10' })
    expect(table.files['k6/2.4.0/darwin-arm64']).toEqual({
      sha256: sumOf('k6/2.4.0/darwin-arm64'),
      source: 'https://github.com/grafana/k6/releases/download/v2.4.0/k6-v2.4.0-checksums.txt',
    })
    expect(Object.keys(table.files).filter((file) => file.includes('0.33.0') || file.includes('2.3.0') || file.includes('1.37.0'))).toEqual([])
    expect(await check(table)).toEqual(clean)
  })

  test('is whole or not at all: everything that nobody answered for is named', async () => {
    host.put(kindSum, status(404))
    host.put(`${registryPath('ingress-nginx')}/manifests/${tagOf('ingress-nginx')}`, manifest({ 'content-type': indexType }))
    const failure = await failureOf(renew())
    expect(failure.message.split('\n')).toEqual([
      expect.stringMatching(/^kind\/0\.33\.0\/linux-arm64: .* answered 404$/),
      expect.stringMatching(/^registry\.k8s\.io\/ingress-nginx\/controller:.* got none$/),
    ])
  })
})

describe('the commands', () => {
  const script = join(import.meta.dirname, '../../scripts/pins.ts')
  const run = (args: readonly string[]) => execa(process.execPath, [script, ...args], { env: { PINS_STAND_IN: host.url }, reject: false })

  // They read the real table, whose figures are not what the fake publishers state.
  beforeEach(() => {
    host.publishKind(toolVersions.kind, Object.keys(pinTable.nodeImages))
    host.publishK6(toolVersions.k6)
  })

  test('pins:check ends with 1 for other bytes, a line each', async () => {
    const { exitCode, stderr } = await run(['--check'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^error: kind\/\d+\.\d+\.\d+\/linux-amd64 has other bytes: pinned is [0-9a-f]{64}, /m)
  }, 30_000)

  test.each([
    ['pins:check', ['--check'], 'Not every pin could be compared.'],
    ['pins', [], 'Nothing was changed.'],
  ])(
    '%s ends with 2 when a publisher has no answer',
    async (_, args, message) => {
      for (const release of ['latest', `tags/v${toolVersions.kind}`]) host.put(`/api.github.com/repos/kubernetes-sigs/kind/releases/${release}`, status(404))
      for (const file of Object.keys(pinTable.files)) host.put(checksumPath(file), status(404))
      for (const name of Object.keys(imageRepositories) as PinnedImageName[]) host.put(`${registryPath(name)}/manifests/${tagOf(name)}`, status(404))
      const { exitCode, stderr } = await run(args)
      expect(exitCode).toBe(2)
      expect(stderr).toContain('releases/latest answered 404')
      expect(stderr).toContain(message)
    },
    30_000,
  )
})

/** Where the stand-in has the checksum of a file of the table. */
function checksumPath(file: string): string {
  const [name, version = '', platform = ''] = file.split('/')
  const [os, arch] = platform.split('-')
  const { checksumUrl } = toolSource(name as ToolName, version, { os, arch } as Platform)
  return checksumUrl.replace('https:/', '')
}
