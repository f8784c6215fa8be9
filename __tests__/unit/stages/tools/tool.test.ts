import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { toolChecksums } from '../../../../src/config/pins.ts'
import { findChecksum, type Platform, type ToolName, toolSource } from '../../../../src/stages/tools/tool.ts'

const platforms: readonly Platform[] = (['linux', 'darwin'] as const).flatMap((os) => (['amd64', 'arm64'] as const).map((arch) => ({ os, arch })))

describe('where a tool comes from', () => {
  test.each<[ToolName, string, Platform, string, string, string | null]>([
    [
      'kind',
      '0.33.0',
      { os: 'linux', arch: 'amd64' },
      'https://kind.sigs.k8s.io/dl/v0.33.0/kind-linux-amd64',
      'https://kind.sigs.k8s.io/dl/v0.33.0/kind-linux-amd64.sha256sum',
      null,
    ],
    [
      'kind',
      '0.32.0',
      { os: 'darwin', arch: 'arm64' },
      'https://kind.sigs.k8s.io/dl/v0.32.0/kind-darwin-arm64',
      'https://kind.sigs.k8s.io/dl/v0.32.0/kind-darwin-arm64.sha256sum',
      null,
    ],
    [
      'kubectl',
      '1.37.0',
      { os: 'linux', arch: 'arm64' },
      'https://dl.k8s.io/release/v1.37.0/bin/linux/arm64/kubectl',
      'https://dl.k8s.io/release/v1.37.0/bin/linux/arm64/kubectl.sha256',
      null,
    ],
    [
      'kubectl',
      '1.37.0',
      { os: 'darwin', arch: 'amd64' },
      'https://dl.k8s.io/release/v1.37.0/bin/darwin/amd64/kubectl',
      'https://dl.k8s.io/release/v1.37.0/bin/darwin/amd64/kubectl.sha256',
      null,
    ],
    [
      'k6',
      '2.3.0',
      { os: 'linux', arch: 'amd64' },
      'https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-linux-amd64.tar.gz',
      'https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-checksums.txt',
      'k6-v2.3.0-linux-amd64/k6',
    ],
    [
      'k6',
      '2.3.0',
      { os: 'darwin', arch: 'arm64' },
      'https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-macos-arm64.zip',
      'https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-checksums.txt',
      'k6-v2.3.0-macos-arm64/k6',
    ],
  ])('%s %s for %j', (name, version, platform, url, checksumUrl, archiveEntry) => {
    expect(toolSource(name, version, platform)).toEqual({
      url,
      checksumUrl,
      archiveEntry,
      pinnedSha256: toolChecksums[`${name}/${version}/${platform.os}-${platform.arch}`] ?? null,
    })
  })

  test.each(['kind', 'kubectl', 'k6'] as const)('a mirror of %s replaces the host and keeps the paths, on every platform', (name) => {
    for (const platform of platforms) {
      const upstream = toolSource(name, '1.2.3', platform)
      const mirrored = toolSource(name, '1.2.3', platform, 'http://127.0.0.1:8000/mirror')
      const moved = (url: string) => `http://127.0.0.1:8000/mirror${new URL(url).pathname}`
      expect(mirrored).toEqual({ ...upstream, url: moved(upstream.url), checksumUrl: moved(upstream.checksumUrl) })
    }
  })

  test('a pinned sum belongs to the publisher’s own file; a mirror’s is verified by the mirror’s', () => {
    const linux: Platform = { os: 'linux', arch: 'amd64' }
    expect(toolSource('kind', '0.33.0', linux).pinnedSha256).toBe('aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d')
    expect(toolSource('kind', '0.33.0', linux, 'http://mirror').pinnedSha256).toBeNull()
    expect(toolSource('kind', '0.33.1', linux).pinnedSha256).toBeNull()
  })
})

describe('a checksum', () => {
  const sum = 'aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d'
  const other = '0'.repeat(64)

  test.each([
    ['kind’s: sum and name', `${sum}  kind-linux-amd64\n`, 'kind-linux-amd64'],
    ['kubectl’s: a bare sum', sum, 'kubectl'],
    ['kubectl’s with a line end', `${sum}\n`, 'kubectl'],
    ['k6’s: many files', `${other}  k6-v2.3.0-linux-arm64.tar.gz\n${sum}  k6-v2.3.0-linux-amd64.tar.gz\n`, 'k6-v2.3.0-linux-amd64.tar.gz'],
    ['a binary mark', `${sum} *kind`, 'kind'],
    ['a path before the name', `${sum}  ./dist/kind`, 'kind'],
    ['capitals', `${sum.toUpperCase()}  kind`, 'kind'],
    ['lines from Windows', `${other}  x\r\n${sum}  kind\r\n`, 'kind'],
  ])('is found in %s', (_, text, name) => {
    expect(findChecksum(text, name)).toBe(sum)
  })

  test.each([
    ['an empty file', ''],
    ['another file’s', `${sum}  kind-linux-arm64`],
    ['a file whose name only begins alike', `${sum}  kind.exe`],
    ['a file whose name only ends alike', `${sum}  evil-kind`],
    ['a page instead of a file', `<html><body>${sum}  kind</body></html>`],
    ['a shorter sum', `${sum.slice(1)}  kind`],
    ['a longer sum, such as SHA-512', `${sum}${sum}  kind`],
    ['no hex', `${sum.replace('a', 'g')}  kind`],
    ['a comment', `# ${sum}  kind`],
    ['words after the name', `${sum}  kind of`],
    ['name and sum the other way round', `kind  ${sum}`],
  ])('is not found in %s', (_, text) => {
    expect(findChecksum(text, 'kind')).toBeUndefined()
  })

  test('among those of many files is never that of another', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/)
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9._-]{1,20}$/), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(names, fc.array(hex, { minLength: 8, maxLength: 8 }), fc.nat(), (files, sums, pick) => {
        const text = files.map((file, index) => `${sums[index]}  ${file}`).join('\n')
        const index = pick % files.length
        return findChecksum(text, files[index] as string) === sums[index] && findChecksum(text, 'a name that nobody has') === undefined
      }),
    )
  })
})
