import '../../fakes/realm.ts'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type AskOptions, createAsk } from '../../../scripts/pins/ask.ts'
import { checkPins, exitCodeOf } from '../../../scripts/pins/check.ts'
import type { PinTable } from '../../../src/config/pins.ts'
import { content, status } from '../../fakes/downloads.ts'
import { digestOf, json, startPublishers, sumOf, tagOf } from '../../fakes/publishers.ts'

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
