import { describe, expect, test } from '@jest/globals'
import { toolChecksums } from '../../../../src/config/pins.ts'
import { Failure } from '../../../../src/pipeline/failure.ts'
import type { GoToolchain } from '../../../../src/stages/tools/provider.ts'
import { type ToolsAdapters, toolStage } from '../../../../src/stages/tools/stage.ts'
import type { ToolName } from '../../../../src/stages/tools/tool.ts'

const right = toolChecksums['kind/0.33.0/linux-amd64'] as string
const wrong = 'f'.repeat(64)

interface Machine {
  sha256?: string
  text?: string
  /** Programs in the tool cache that run and are what they should be. */
  cached?: string
  onPath?: string
  /** What the programs say their version is, by path; without an entry they are the version wanted. */
  says?: Readonly<Record<string, string | null>>
  /** What GitHub's cache restores; undefined where there is no such cache. */
  restored?: { file: string; sha256: string } | null
  go?: Partial<GoToolchain>
  substitute?: string
  more?: Partial<ToolsAdapters>
}

const unreachable = new Failure('the host could not be downloaded from', { kind: 'infrastructure' })
const noRoute = async () => {
  throw unreachable
}

/** A machine without any tool: downloads have the sum given, text files the text given. */
function machine({ sha256 = right, text, cached, onPath, says = {}, restored, go, substitute, more = {} }: Machine = {}) {
  const journal: string[] = []
  const progress: string[] = []
  const toolchain: GoToolchain = {
    isThere: async () => true,
    versions: async () => [],
    fetch: async (module, version) => {
      journal.push(`fetch ${module} ${version}`)
      return true
    },
    install: async (module, version) => {
      journal.push(`go install ${module} ${version}`)
      return '/tmp/built'
    },
    ...go,
  }
  let wanted = ''
  const adapters: ToolsAdapters = {
    platform: { os: 'linux', arch: 'amd64' },
    onPath: async () => onPath ?? null,
    askVersion: async (_, file) => (file in says ? (says[file] ?? null) : wanted),
    cache: {
      find: async (_, version) => (cached && version === wanted ? cached : (Object.keys(says).find((file) => file === `/cache/${version}`) ?? null)),
      store: async (name, version, file, entry) => {
        journal.push(`store ${name} ${version} from ${file}${entry === null ? '' : ` entry ${entry}`}`)
        return `/cache/${name}`
      },
      substitute: async () => substitute ?? null,
      noteSubstitute: async (key, version) => {
        journal.push(`note ${version} for ${key}`)
      },
    },
    gitHubCache:
      restored === undefined
        ? null
        : {
            restore: async (key) => {
              journal.push(`restore ${key}`)
              return restored
            },
            keep: async (key, file) => {
              journal.push(`keep ${file} as ${key}`)
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
    isUnreachable: (error) => error === unreachable,
    go: go === undefined ? null : toolchain,
    discard: async (file) => {
      journal.push(`discard ${file}`)
    },
    expose: (path) => journal.push(`expose ${path}`),
    ...more,
  }
  const install = (name: ToolName = 'kind', version = '0.33.0', mirror?: string) => {
    wanted = version
    return toolStage(name, version, mirror, adapters).run({}, { signal: new AbortController().signal, progress: (message) => progress.push(message) })
  }
  return { journal, progress, adapters, install }
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
    const { journal, adapters, install } = machine()
    Object.assign(adapters.cache, {
      store: async () => {
        throw new Error('disk full')
      },
    })
    await expect(install()).rejects.toThrow('disk full')
    expect(journal.at(-1)).toBe('discard /tmp/file')
  })

  test.each<[ToolName, boolean, number]>([
    ['k6', true, 15],
    ['kind', true, 15],
    ['kubectl', true, 5],
    ['k6', false, 5],
  ])('%s has the time for a compiler only where one may run (%s): %i minutes', (name, go, minutes) => {
    expect(toolStage(name, '2.3.0', undefined, machine(go ? { go: {} } : {}).adapters).deadlineMs).toBe(minutes * 60_000)
  })

  test('needs nothing, so that all tools are installed at once', () => {
    expect(toolStage('k6', '2.3.0', undefined, {} as ToolsAdapters)).toMatchObject({ name: 'k6', title: 'Install k6 2.3.0', needs: [] })
  })
})

describe('a program on PATH', () => {
  test('that fits is used where it is, and nothing else is asked', async () => {
    const { journal, install } = machine({ onPath: '/usr/bin/kind', cached: '/cache/kind', restored: null, go: {} })
    expect(await install()).toEqual({ name: 'kind', version: '0.33.0', path: '/usr/bin/kind', from: 'path' })
    expect(journal).toEqual([])
  })

  test('counts also when a mirror is given', async () => {
    const { install } = machine({ onPath: '/usr/bin/kind' })
    expect(await install('kind', '0.33.0', 'http://mirror')).toMatchObject({ from: 'path' })
  })

  test('that is kubectl may be one minor away, and is named as what it is', async () => {
    const { install } = machine({ onPath: '/usr/bin/kubectl', says: { '/usr/bin/kubectl': '1.36.4' } })
    expect(await install('kubectl', '1.37.0')).toEqual({ name: 'kubectl', version: '1.36.4', path: '/usr/bin/kubectl', from: 'path' })
  })

  test.each<[string, string | null]>([
    ['is another version', '0.32.0'],
    ['does not say its version', null],
  ])('that %s is passed over', async (_, said) => {
    const { install } = machine({ onPath: '/usr/bin/kind', says: { '/usr/bin/kind': said }, cached: '/cache/kind' })
    expect(await install()).toMatchObject({ path: '/cache/kind', from: 'tool-cache' })
  })
})

describe('a program in the tool cache', () => {
  test.each<[string, string | null, RegExp]>([
    ['does not run', null, /damaged.*\/cache\/kind does not run/],
    ['is another version', '0.32.0', /damaged.*\/cache\/kind says it is 0\.32\.0/],
  ])('that %s is said and installed again', async (_, said, words) => {
    const { journal, progress, install } = machine({ cached: '/cache/kind', says: { '/cache/kind': said } })
    expect(await install()).toMatchObject({ from: 'download' })
    expect(progress).toContainEqual(expect.stringMatching(words))
    expect(journal).toContain('store kind 0.33.0 from /tmp/file')
  })
})

describe('GitHub’s cache', () => {
  const key = 'mlops-pipeline-action-kind-0.33.0-linux-amd64'

  test('is held to the sum of a download', async () => {
    const { journal, install } = machine({ restored: { file: '/cached/file', sha256: right } })
    expect(await install()).toEqual({ name: 'kind', version: '0.33.0', path: '/cache/kind', from: 'github-cache' })
    expect(journal).toEqual([`restore ${key}`, 'store kind 0.33.0 from /cached/file', 'discard /cached/file', 'expose /cache/kind'])
  })

  test('with another file is passed over, and the file removed', async () => {
    const { journal, install } = machine({ restored: { file: '/cached/file', sha256: wrong } })
    expect(await install()).toMatchObject({ from: 'download' })
    expect(journal).toEqual(expect.arrayContaining(['discard /cached/file', 'store kind 0.33.0 from /tmp/file']))
    expect(journal).not.toContain('store kind 0.33.0 from /cached/file')
  })

  test('whose file the publisher’s checksum file cannot vouch for is passed over', async () => {
    const { journal, install } = machine({ restored: { file: '/cached/file', sha256: right }, more: { downloadText: noRoute } })
    await expect(install('kind', '0.32.0')).rejects.toThrow('GitHub’s cache: the host could not be downloaded from; download: the host')
    expect(journal.filter((line) => line.startsWith('store'))).toEqual([])
  })

  test('gets the file that was downloaded, after it is in the tool cache; a mirror’s under a key of its own', async () => {
    const { journal, install } = machine({ restored: null })
    await install()
    expect(journal.slice(-4)).toEqual(['store kind 0.33.0 from /tmp/file', `keep /tmp/file as ${key}`, 'discard /tmp/file', 'expose /cache/kind'])
    const mirrored = machine({ restored: null, text: right })
    await mirrored.install('kind', '0.33.0', 'http://mirror')
    expect(mirrored.journal[0]).toMatch(new RegExp(`^restore ${key}-[0-9a-f]{8}$`))
  })
})

describe('go install', () => {
  test('is the last way, for a host that is not reached', async () => {
    const { journal, install } = machine({ go: {}, more: { download: noRoute } })
    expect(await install()).toEqual({ name: 'kind', version: '0.33.0', path: '/cache/kind', from: 'go' })
    expect(journal).toEqual([
      'fetch sigs.k8s.io/kind 0.33.0',
      'go install sigs.k8s.io/kind 0.33.0',
      'store kind 0.33.0 from /tmp/built',
      'discard /tmp/built',
      'expose /cache/kind',
    ])
  })

  test.each([
    ['2.3.0', 'go.k6.io/k6/v2'],
    ['1.8.1', 'go.k6.io/k6'],
    ['0.52.0', 'go.k6.io/k6'],
  ])('of k6 %s is that of %s', async (version, module) => {
    const { journal, install } = machine({ go: {}, more: { download: noRoute } })
    await install('k6', version)
    expect(journal).toContain(`go install ${module} ${version}`)
  })

  test('never hides a wrong checksum', async () => {
    const { journal, install } = machine({ sha256: wrong, go: {} })
    await expect(install()).rejects.toThrow('has the wrong checksum')
    expect(journal.some((line) => line.startsWith('go'))).toBe(false)
  })

  test('nor a version that its host does not know', async () => {
    const { install } = machine({
      go: {},
      more: {
        download: async (url) => {
          throw new Failure(`${url} answered 404`, { kind: 'infrastructure' })
        },
      },
    })
    await expect(install()).rejects.toThrow('answered 404')
  })

  test('makes the download give up early, and only where there is a go', async () => {
    const asked: unknown[] = []
    const download: ToolsAdapters['download'] = async (_url, _signal, retries) => {
      asked.push(retries)
      throw unreachable
    }
    await machine({ go: {}, more: { download } }).install()
    await expect(machine({ go: { isThere: async () => false }, more: { download } }).install()).rejects.toThrow('go install: no go on PATH')
    await expect(machine({ go: {}, more: { download } }).install('kubectl', '1.37.0')).rejects.toThrow(Failure)
    expect(asked).toEqual([1, undefined, undefined])
  })

  test('of a version that cannot be had takes the nearest, says so, and notes it for the next run', async () => {
    const { journal, progress, install } = machine({
      go: { fetch: async (_, version) => version === '2.2.0' },
      says: { '/tmp/built': '2.2.0' },
      more: { download: noRoute },
    })
    const note = 'k6 2.2.0 instead of 2.3.0: the nearest that could be had'
    expect(await install('k6', '2.3.0')).toEqual({ name: 'k6', version: '2.2.0', path: '/cache/k6', from: 'go', note })
    expect(journal.slice(1)).toEqual([
      'go install go.k6.io/k6/v2 2.2.0',
      'store k6 2.2.0 from /tmp/built',
      'discard /tmp/built',
      'note 2.2.0 for mlops-pipeline-action-k6-2.3.0-linux-amd64',
      'expose /cache/k6',
    ])
    expect(progress.at(-1)).toBe(note)
  })

  test('goes to the line before when no version of the major can be had', async () => {
    const { install } = machine({
      go: { fetch: async (module) => module === 'go.k6.io/k6', versions: async (module) => (module === 'go.k6.io/k6' ? ['v1.7.0', 'v1.8.1'] : []) },
      says: { '/tmp/built': '1.8.1' },
      more: { download: noRoute },
    })
    expect(await install('k6', '2.3.0')).toMatchObject({ version: '1.8.1', from: 'go' })
  })

  test('is not needed for a version in the cache that it would choose', async () => {
    const { journal, install } = machine({ go: { fetch: async () => false }, says: { '/cache/2.2.0': '2.2.0' }, more: { download: noRoute } })
    expect(await install('k6', '2.3.0')).toMatchObject({ version: '2.2.0', path: '/cache/2.2.0', from: 'tool-cache' })
    expect(journal.filter((line) => line.startsWith('go'))).toEqual([])
  })

  test('is not needed a second time: what was taken instead is in the cache, and nobody is asked', async () => {
    const { journal, install } = machine({ go: {}, substitute: '2.2.0', says: { '/cache/2.2.0': '2.2.0' } })
    expect(await install('k6', '2.3.0')).toMatchObject({ version: '2.2.0', from: 'tool-cache', note: expect.stringContaining('instead of 2.3.0') })
    expect(journal).toEqual(['expose /cache/2.2.0'])
  })

  test('that fails for one version goes on with the next, and tells of the one that was asked for', async () => {
    const { install } = machine({
      go: {
        install: async (_, version) => {
          throw new Error(`${version} does not compile`)
        },
      },
      more: { download: noRoute },
    })
    await expect(install('k6', '2.1.0')).rejects.toThrow('go install: go.k6.io/k6/v2 2.1.0 cannot be built: 2.1.0 does not compile')
  })

  test('whose module proxy does not answer is not asked for the next version', async () => {
    let asked = 0
    const fetch = async () => {
      asked += 1
      throw new Error('the Go module proxy does not answer')
    }
    const { install } = machine({ go: { fetch }, more: { download: noRoute } })
    await expect(install('k6', '2.3.0')).rejects.toThrow('go install: the Go module proxy does not answer')
    expect(asked).toBe(1)
  })
})

test('a program that no way leads to is one failure with what each said and what to do', async () => {
  const { install } = machine({
    onPath: '/usr/bin/k6',
    says: { '/usr/bin/k6': '1.0.0' },
    restored: null,
    go: { isThere: async () => false },
    more: { download: noRoute },
  })
  await expect(install('k6', '2.3.0')).rejects.toMatchObject({
    kind: 'infrastructure',
    message:
      'k6 2.3.0 could not be had (PATH: /usr/bin/k6 is 1.0.0; tool cache: no k6 2.3.0; GitHub’s cache: no k6 2.3.0; download: the host could not be downloaded from; go install: no go on PATH)',
    remedy: 'Put k6 2.3.0 on PATH, set download-mirror to a host this machine can reach, or install Go. If it worked before, run the job again.',
  })
})
