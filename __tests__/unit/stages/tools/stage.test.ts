import { describe, expect, test } from '@jest/globals'
import { toolChecksums } from '../../../../src/config/pins.ts'
import { type ToolsAdapters, toolStage } from '../../../../src/stages/tools/stage.ts'
import type { ToolName } from '../../../../src/stages/tools/tool.ts'

const right = toolChecksums['kind/0.33.0/linux-amd64'] as string
const wrong = 'f'.repeat(64)

/** A machine without any tool: downloads have the sum given, text files the text given. */
function machine({ sha256 = right, text, cached, more = {} }: { sha256?: string; text?: string; cached?: string; more?: Partial<ToolsAdapters> } = {}) {
  const journal: string[] = []
  const adapters: ToolsAdapters = {
    platform: { os: 'linux', arch: 'amd64' },
    cache: {
      find: async () => cached ?? null,
      store: async (name, version, file, entry) => {
        journal.push(`store ${name} ${version} from ${file}${entry === null ? '' : ` entry ${entry}`}`)
        return `/cache/${name}`
      },
    },
    download: async (url) => {
      journal.push(`download ${url}`)
      return { file: '/tmp/file', sha256 }
    },
    downloadText: async (url) => {
      journal.push(`read ${url}`)
      if (text === undefined) throw new Error(`${url} answered 404`)
      return text
    },
    discard: async (file) => {
      journal.push(`discard ${file}`)
    },
    expose: (path) => journal.push(`expose ${path}`),
    ...more,
  }
  const install = (name: ToolName = 'kind', version = '0.33.0', mirror?: string) =>
    toolStage(name, version, mirror, adapters).run({}, { signal: new AbortController().signal, progress: () => {} })
  return { journal, install }
}

describe('installing a tool', () => {
  test('takes it from the tool cache without a look at the network', async () => {
    const { journal, install } = machine({ cached: '/cache/kind' })
    expect(await install()).toEqual({ name: 'kind', version: '0.33.0', path: '/cache/kind', from: 'tool-cache' })
    expect(journal).toEqual(['expose /cache/kind'])
  })

  test('downloads and verifies it by its pinned sum, and asks for no other', async () => {
    const { journal, install } = machine()
    expect(await install()).toEqual({ name: 'kind', version: '0.33.0', path: '/cache/kind', from: 'download' })
    expect(journal).toEqual([
      'download https://kind.sigs.k8s.io/dl/v0.33.0/kind-linux-amd64',
      'store kind 0.33.0 from /tmp/file',
      'discard /tmp/file',
      'expose /cache/kind',
    ])
  })

  test('verifies what has no pinned sum by its publisher’s file, and unpacks an archive', async () => {
    const { journal, install } = machine({ sha256: wrong, text: `${wrong}  k6-v2.3.0-linux-amd64.tar.gz` })
    await install('k6', '2.3.0')
    expect(journal).toEqual([
      'download https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-linux-amd64.tar.gz',
      'read https://github.com/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-checksums.txt',
      'store k6 2.3.0 from /tmp/file entry k6-v2.3.0-linux-amd64/k6',
      'discard /tmp/file',
      'expose /cache/k6',
    ])
  })

  test.each<[string, Parameters<typeof machine>[0], string | undefined, string, string]>([
    ['the table of pins', { sha256: wrong }, undefined, right, 'the table of pins'],
    [
      'the mirror’s own file',
      { sha256: right, text: `${wrong}  kind-linux-amd64` },
      'http://mirror',
      wrong,
      'http://mirror/dl/v0.33.0/kind-linux-amd64.sha256sum',
    ],
  ])('refuses a file whose sum is not that of %s, naming both, and keeps nothing of it', async (_, given, mirror, expected, from) => {
    const { journal, install } = machine(given)
    const url = `${mirror ?? 'https://kind.sigs.k8s.io'}/dl/v0.33.0/kind-linux-amd64`
    await expect(install('kind', '0.33.0', mirror)).rejects.toMatchObject({
      kind: 'infrastructure',
      message: `${url} has the wrong checksum: expected SHA-256 ${expected} (from ${from}), got ${given?.sha256}`,
      remedy: expect.stringMatching(/^Do not use this file/),
    })
    expect(journal.filter((line) => /^(store|expose)/.test(line))).toEqual([])
    expect(journal.at(-1)).toBe('discard /tmp/file')
  })

  test.each([
    ['cannot be read', {}, 'http://mirror/dl/v0.33.0/kind-linux-amd64.sha256sum answered 404'],
    ['does not name it', { text: `${right}  another` }, 'http://mirror/dl/v0.33.0/kind-linux-amd64.sha256sum holds no SHA-256 for kind-linux-amd64'],
  ])('refuses a file when its checksum file %s, and keeps nothing of it', async (_, given, message) => {
    const { journal, install } = machine(given)
    await expect(install('kind', '0.33.0', 'http://mirror')).rejects.toThrow(message)
    expect(journal.at(-1)).toBe('discard /tmp/file')
    expect(journal.filter((line) => /^(store|expose)/.test(line))).toEqual([])
  })

  test('that cannot be downloaded says that, not what became of its checksum', async () => {
    const { install } = machine({
      more: {
        download: async () => {
          throw new Error('no route')
        },
      },
    })
    await expect(install('kind', '0.33.0', 'http://mirror')).rejects.toThrow('no route')
  })

  test('leaves no download behind when the cache cannot take it', async () => {
    const { journal, install } = machine({
      more: {
        cache: {
          find: async () => null,
          store: async () => {
            throw new Error('disk full')
          },
        },
      },
    })
    await expect(install()).rejects.toThrow('disk full')
    expect(journal.at(-1)).toBe('discard /tmp/file')
  })

  test('needs nothing, so that all tools are installed at once', () => {
    expect(toolStage('k6', '2.3.0', undefined, {} as ToolsAdapters)).toMatchObject({ name: 'k6', title: 'Install k6 2.3.0', needs: [] })
  })
})
