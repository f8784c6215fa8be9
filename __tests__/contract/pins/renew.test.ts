import '../../fakes/realm.ts'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createAsk } from '../../../scripts/pins/ask.ts'
import { checkPins } from '../../../scripts/pins/check.ts'
import { renewPins } from '../../../scripts/pins/renew.ts'
import type { PinTable } from '../../../src/config/pins.ts'
import { status } from '../../fakes/downloads.ts'
import { failureOf } from '../../fakes/failure.ts'
import { digestOf, indexType, manifest, registryPath, startPublishers, sumOf, tagOf } from '../../fakes/publishers.ts'

const kindSum = '/kind.sigs.k8s.io/dl/v0.33.0/kind-linux-arm64.sha256sum'

let host: Awaited<ReturnType<typeof startPublishers>>
beforeEach(async () => {
  host = await startPublishers()
})
afterEach(() => host.close())

const asking = () => createAsk({ standIn: host.url, minPauseMs: 1, retries: 1 })
const renew = (table: PinTable = host.table) => renewPins(asking(), table)
const clean = { errors: [], unanswered: [], warnings: [] }

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
    expect(await checkPins(asking(), table)).toEqual(clean)
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
