import '../fakes/realm.ts'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { toolsAdapters } from '../../src/adapters/tool-cache.ts'
import { toolChecksums } from '../../src/config/pins.ts'
import { toolStage } from '../../src/stages/tools/stage.ts'
import type { Platform, Tool, ToolName } from '../../src/stages/tools/tool.ts'
import { content, type DownloadHost, hang, type Serve, stall, startDownloadHost, status } from '../fakes/downloads.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'

const platform: Platform = { os: 'linux', arch: 'amd64' }
const versions: Record<ToolName, string> = { kind: '0.33.0', kubectl: '1.37.0', k6: '2.3.0' }
const paths: Record<ToolName, { file: string; sums: string }> = {
  kind: { file: '/dl/v0.33.0/kind-linux-amd64', sums: '/dl/v0.33.0/kind-linux-amd64.sha256sum' },
  kubectl: { file: '/release/v1.37.0/bin/linux/amd64/kubectl', sums: '/release/v1.37.0/bin/linux/amd64/kubectl.sha256' },
  k6: {
    file: '/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-linux-amd64.tar.gz',
    sums: '/grafana/k6/releases/download/v2.3.0/k6-v2.3.0-checksums.txt',
  },
}
const names = Object.keys(versions) as ToolName[]

let folder: string
let host: DownloadHost
const before = { ...process.env }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tools-'))
  for (const name of ['cache', 'temp', 'archive', 'bin']) mkdirSync(join(folder, name))
  // Of this machine's programs only those that unpack k6 count.
  for (const program of ['tar', 'gzip'])
    await symlink(execFileSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim(), join(folder, 'bin', program))
  process.env.PATH = join(folder, 'bin')
  process.env.RUNNER_TOOL_CACHE = join(folder, 'cache')
  process.env.RUNNER_TEMP = join(folder, 'temp')
  host = await startDownloadHost()
  // The toolkit logs to the job's log.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  jest.restoreAllMocks()
  process.env = { ...before }
  await host.close()
  await rm(folder, { recursive: true })
})

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
/** What a program says when it is asked for its version, as the real one does. */
const answers: Record<ToolName, string> = {
  kind: versions.kind,
  kubectl: JSON.stringify({ clientVersion: { gitVersion: `v${versions.kubectl}` } }),
  k6: JSON.stringify({ version: `v${versions.k6}` }),
}
const programText = (name: ToolName) => `#!/bin/sh\necho '${answers[name]}'\n`

/** What a publisher offers for a program: its bytes, and its checksum file in the publisher's own form. */
function release(name: ToolName): { bytes: Buffer; sums: string } {
  const bytes = name === 'k6' ? archive() : Buffer.from(programText(name))
  const sum = sha256(bytes)
  switch (name) {
    case 'kubectl':
      return { bytes, sums: sum }
    case 'kind':
      return { bytes, sums: `${sum}  kind-linux-amd64\n` }
    case 'k6': {
      const others = ['k6-v2.3.0-linux-arm64.tar.gz', 'k6-v2.3.0-macos-arm64.zip'].map((file) => `${sha256(file)}  ${file}\n`)
      return { bytes, sums: `${others[0]}${sum}  k6-v2.3.0-linux-amd64.tar.gz\n${others[1]}` }
    }
  }
}

/** k6's archive: one top folder, the program inside. Made once: its bytes hold the time. */
let packed: Buffer | undefined
function archive(): Buffer {
  packed ??= pack()
  return packed
}

function pack(): Buffer {
  const top = join(folder, 'archive', 'k6-v2.3.0-linux-amd64')
  mkdirSync(top, { recursive: true })
  writeFileSync(join(top, 'k6'), programText('k6'))
  chmodSync(join(top, 'k6'), 0o755)
  return execFileSync('tar', ['-czf', '-', '-C', join(folder, 'archive'), basename(top)])
}

function publish(name: ToolName, change: { file?: Serve; sums?: Serve } = {}): void {
  const { bytes, sums } = release(name)
  host.put(paths[name].file, change.file ?? content(bytes))
  host.put(paths[name].sums, change.sums ?? content(sums))
}

interface Installation {
  tool: Tool
  exposed: string[]
}

async function install(name: ToolName, { signal = new AbortController().signal, mirrored = true } = {}): Promise<Installation> {
  const exposed: string[] = []
  const adapters = toolsAdapters({ temporary: join(folder, 'temp', 'run'), platform, expose: (path) => exposed.push(path) })
  // Without a mirror the publisher's own address is asked for; the test's host stands in for it.
  const here = (url: string) => url.replace(/^https:\/\/[^/]+/, host.url)
  const stage = toolStage(name, versions[name], mirrored ? host.url : undefined, {
    ...adapters,
    download: (url, own) => adapters.download(here(url), own),
    downloadText: (url, own) => adapters.downloadText(here(url), own),
  })
  const tool = await stage.run({}, { signal, progress: () => {} })
  return { tool, exposed }
}

/** Every file below the tool cache and the temporary folder. */
async function filesLeft(): Promise<string[]> {
  const found = await Promise.all(
    ['cache', 'temp'].map(async (name) => {
      const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true })
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    }),
  )
  return found.flat()
}

describe('an installation', () => {
  test.each(names)('of %s is verified by its publisher’s checksum file, runs, and is offered to later steps', async (name) => {
    publish(name)
    const { tool, exposed } = await install(name)
    expect(tool).toMatchObject({ name, version: versions[name], from: 'download' })
    expect(execFileSync(tool.path, { encoding: 'utf8' })).toBe(`${answers[name]}\n`)
    expect(exposed).toEqual([tool.path])
    expect([...host.requests].sort()).toEqual([paths[name].file, paths[name].sums].sort())
    // In the cache there is the program alone, and on the way there nothing stays.
    expect((await filesLeft()).filter((file) => !file.endsWith('.complete'))).toEqual([tool.path])
  })

  test.each(names)('of %s a second time asks nobody', async (name) => {
    publish(name)
    const { tool } = await install(name)
    const asked = host.requests.length
    await host.close()
    expect((await install(name)).tool).toEqual({ ...tool, from: 'tool-cache' })
    expect(host.requests).toHaveLength(asked)
    host = await startDownloadHost()
  })

  test('of all three at the same time works as one by one', async () => {
    for (const name of names) publish(name)
    const installed = await Promise.all(names.map((name) => install(name)))
    for (const { tool } of installed) expect(execFileSync(tool.path, { encoding: 'utf8' })).toBe(`${answers[tool.name]}\n`)
  })

  test('of another version is another entry of the cache', async () => {
    publish('kubectl')
    await install('kubectl')
    const adapters = toolsAdapters({ temporary: folder, platform, expose: () => {} })
    expect(await adapters.cache.find('kubectl', '1.36.4')).toBeNull()
    expect(await adapters.cache.find('kubectl', '1.37.0')).not.toBeNull()
  })

  test('whose cached program has vanished downloads it again', async () => {
    publish('kubectl')
    const { tool } = await install('kubectl')
    await rm(tool.path)
    expect((await install('kubectl')).tool).toMatchObject({ from: 'download', path: tool.path })
    expect(await readFile(tool.path, 'utf8')).toBe(programText('kubectl'))
  })

  test.each<[string, string]>([
    ['is empty', ''],
    ['is cut off', programText('kind').slice(0, -8)],
    ['is for another machine', '\x7fELF\x02\x01\x01'],
    ['is another version', '#!/bin/sh\necho 0.32.0\n'],
    ['breaks', '#!/bin/sh\necho 0.33.0\nexit 1\n'],
  ])(
    'whose cached program %s mends the cache, and the run goes on',
    async (_, damaged) => {
      publish('kind')
      const { tool } = await install('kind')
      writeFileSync(tool.path, damaged)
      expect((await install('kind')).tool).toMatchObject({ from: 'download', path: tool.path })
      expect(await readFile(tool.path, 'utf8')).toBe(programText('kind'))
      expect((await install('kind')).tool.from).toBe('tool-cache')
    },
    20_000,
  )
})

describe('two runs at once', () => {
  test('may store the same program while others start it: it is there and whole at every moment', async () => {
    publish('kind')
    const { tool } = await install('kind')
    const adapters = toolsAdapters({ temporary: join(folder, 'temp', 'run'), platform, expose: () => {} })
    const file = join(folder, 'again')
    // Long, so that a copy into its very place would be seen half done.
    const text = `${programText('kind')}# ${'x'.repeat(4 * 1024 * 1024)}\n`
    writeFileSync(file, text)
    let storing = true
    const stores = Promise.all(Array.from({ length: 20 }, () => adapters.cache.store('kind', '0.33.0', file, null))).then(() => {
      storing = false
    })
    const sizes = new Set<number | null>()
    while (storing) {
      const found = await adapters.cache.find('kind', '0.33.0')
      sizes.add(found === null ? null : (await readFile(found)).length)
    }
    await stores
    const whole = [programText('kind').length, text.length]
    for (const size of sizes) expect(whole).toContain(size)
    expect(await adapters.askVersion('kind', tool.path, new AbortController().signal)).toBe('0.33.0')
    expect((await readdir(join(tool.path, '..'))).filter((name) => name !== 'kind')).toEqual([])
  }, 20_000)
})

describe('a pin', () => {
  const key = 'kubectl/1.37.0/linux-amd64'
  const pins = toolChecksums as Record<string, string>
  afterEach(() => {
    delete pins[key]
  })

  test('verifies without the publisher’s checksum file', async () => {
    pins[key] = sha256(programText('kubectl'))
    publish('kubectl', { sums: status(404) })
    expect((await install('kubectl', { mirrored: false })).tool.from).toBe('download')
    expect(host.requests).toEqual([paths.kubectl.file])
  })

  test('wins over a publisher’s checksum file that says otherwise', async () => {
    publish('kind')
    const failure = await failureOf(install('kind', { mirrored: false }))
    expect(failure.message).toBe(
      `https://kind.sigs.k8s.io${paths.kind.file} has the wrong checksum: expected SHA-256 ${pins['kind/0.33.0/linux-amd64']} (from the table of pins), got ${sha256(programText('kind'))}`,
    )
    expect(await filesLeft()).toEqual([])
  })

  test('does not bind a mirror, which may hold builds of its own', async () => {
    publish('kind')
    expect((await install('kind')).tool.from).toBe('download')
  })
})

describe('a download that cannot be trusted', () => {
  test.each(names)('of %s is refused with both sums, and nothing of it stays', async (name) => {
    const { bytes } = release(name)
    publish(name, { file: content('something else') })
    const failure = await failureOf(install(name))
    expect(failure.message).toBe(
      `${host.url}${paths[name].file} has the wrong checksum: expected SHA-256 ${sha256(bytes)} (from ${host.url}${paths[name].sums}), got ${sha256('something else')}`,
    )
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringContaining('Do not use this file') })
    expect(await filesLeft()).toEqual([])
  })

  test.each<[string, Serve, RegExp]>([
    ['is missing', status(404), /\.sha256sum could not be downloaded: .*404/],
    ['does not name it', content(`${sha256('x')}  kind-linux-arm64\n`), /\.sha256sum holds no SHA-256 for kind-linux-amd64$/],
    ['is a page in HTML', content('<html><body>Please log in</body></html>'), /holds no SHA-256 for kind-linux-amd64$/],
    ['is empty', content(''), /holds no SHA-256 for kind-linux-amd64$/],
    ['has a sum that is too short', content(`${sha256('x').slice(1)}  kind-linux-amd64\n`), /holds no SHA-256 for kind-linux-amd64$/],
  ])('because its checksum file %s is refused, and nothing of it stays', async (_, sums, words) => {
    publish('kind', { sums })
    const failure = await failureOf(install('kind'))
    expect(failure.message).toMatch(words)
    expect(failure.kind).toBe('infrastructure')
    expect(await filesLeft()).toEqual([])
  })

  test('because it is missing itself is named', async () => {
    publish('kubectl', { file: status(404) })
    expect((await failureOf(install('kubectl'))).message).toContain(`${paths.kubectl.file} answered 404`)
    expect(await filesLeft()).toEqual([])
  })

  test('because it is no archive says so, and nothing of it stays', async () => {
    const bytes = 'no archive'
    publish('k6', { file: content(bytes), sums: content(`${sha256(bytes)}  k6-v2.3.0-linux-amd64.tar.gz\n`) })
    const failure = await failureOf(install('k6'))
    expect(failure.message).toMatch(/^k6 2\.3\.0 could not be put into the tool cache: /)
    expect(failure.kind).toBe('infrastructure')
    expect(await filesLeft()).toEqual([])
  })

  test('because its archive lacks the program says so, and nothing of it stays', async () => {
    const bytes = execFileSync('tar', ['-czf', '-', '-C', folder, 'archive'])
    publish('k6', { file: content(bytes), sums: content(`${sha256(bytes)}  k6-v2.3.0-linux-amd64.tar.gz\n`) })
    expect((await failureOf(install('k6'))).message).toMatch(/could not be put into the tool cache: .*ENOENT/)
    expect(await filesLeft()).toEqual([])
  })
})

describe('checksum files', () => {
  const sum = sha256(programText('kind'))
  test.each([
    ['a bare sum', sum],
    ['a bare sum with white space around', `  ${sum} \r\n`],
    ['upper case', `${sum.toUpperCase()}  kind-linux-amd64`],
    ['a star before the name', `${sum} *kind-linux-amd64\n`],
    ['a path before the name', `${sum}  ./bin/kind-linux-amd64\n`],
    ['Windows’ line ends', `${sha256('x')}  other\r\n${sum}  kind-linux-amd64\r\n`],
  ])('may hold %s', async (_, sums) => {
    publish('kind', { sums: content(sums) })
    expect((await install('kind')).tool.from).toBe('download')
  })
})

describe('an abort', () => {
  const reason = new Error('the run is over')
  test.each<[string, { file?: Serve; sums?: Serve }]>([
    ['in the middle of a program', { file: stall('half of a program') }],
    ['while the host has not answered', { file: hang }],
    ['while the checksum file does not come', { sums: hang }],
    ['in the middle of the checksum file', { sums: stall('half') }],
  ])('%s ends the installation and leaves nothing', async (_, change) => {
    publish('kind', change)
    const controller = new AbortController()
    let outcome: unknown
    install('kind', { signal: controller.signal }).then(
      () => {
        outcome = 'it went on'
      },
      (error: unknown) => {
        outcome = error
      },
    )
    await eventually('both files were asked for', () => host.requests.length === 2)
    controller.abort(reason)
    expect(await eventually('the installation has ended', () => outcome, 2000)).toBe(reason)
    expect(await filesLeft()).toEqual([])
  })
})
