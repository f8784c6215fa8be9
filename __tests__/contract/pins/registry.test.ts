import '../../fakes/realm.ts'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type AskOptions, createAsk } from '../../../scripts/pins/ask.ts'
import { indexDigest, listTags } from '../../../scripts/pins/registry.ts'
import { content } from '../../fakes/downloads.ts'
import { failureOf } from '../../fakes/failure.ts'
import { digestOf, indexType, json, manifest, registryPath, startPublishers, withToken } from '../../fakes/publishers.ts'

const controller = 'registry.k8s.io/ingress-nginx/controller'

let host: Awaited<ReturnType<typeof startPublishers>>
beforeEach(async () => {
  host = await startPublishers()
})
afterEach(() => host.close())

const asking = (options: AskOptions = {}) => createAsk({ standIn: host.url, minPauseMs: 1, ...options })

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
