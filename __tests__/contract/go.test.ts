import '../fakes/realm.ts'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { goToolchain } from '../../src/adapters/go.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { toolsAdapters } from '../../src/adapters/tool-cache.ts'
import { toolStage } from '../../src/stages/tools/stage.ts'
import type { Tool, ToolName } from '../../src/stages/tools/tool.ts'
import { content, type DownloadHost, startDownloadHost, status } from '../fakes/downloads.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { hurried } from '../fakes/hurry.ts'
import { callsOf, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

/** A Go toolchain whose module proxy has the versions given, and whose programs say the version they were built from. */
const toolchain = (versions: readonly string[], listed = versions) => `
const versions = ${JSON.stringify(versions)}
const [command] = args
if (command === 'list') say(JSON.stringify({ Path: args.at(-1), Versions: ${JSON.stringify(listed)}.map((version) => 'v' + version) }))
if (command === 'mod') {
  const [module, version] = args.at(-1).split('@v')
  if (module !== 'go.k6.io/k6/v2' || !versions.includes(version)) {
    say(JSON.stringify({ Path: module, Error: 'not found' }))
    process.exit(1)
  }
}
if (command === 'install') {
  const [, module, version] = /require (\\S+) v(\\S+)/.exec(fs.readFileSync('go.mod', 'utf8'))
  complain('go: downloading example.test/dependency v1.0.0\\n')
  for (let index = 0; index < 250; index += 1) complain('example.test/package' + index + '\\n')
  fs.mkdirSync(process.env.GOBIN)
  fs.writeFileSync(process.env.GOBIN + '/k6', '#!/bin/sh\\necho "k6 v' + version + ' (go1.26.8, linux/amd64)"\\n', { mode: 0o755 })
}`

let folder: string
let host: DownloadHost
const before = { ...process.env }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'go-'))
  host = await startDownloadHost()
  process.env = { ...before, PATH: folder, HOME: folder, RUNNER_TOOL_CACHE: join(folder, 'cache'), RUNNER_TEMP: join(folder, 'temp') }
  delete process.env.GITHUB_ACTIONS
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  jest.restoreAllMocks()
  process.env = { ...before }
  await host.close()
  await rm(folder, { recursive: true })
})

const go = () => join(folder, 'go')
const commands = () => callsOf(go()).map(({ args }) => args[0])

async function install(version: string, { name = 'k6' as ToolName, compile }: { name?: ToolName; compile?: boolean } = {}) {
  const progress: string[] = []
  const adapters = toolsAdapters({
    temporary: join(folder, 'temp', 'run'),
    platform: { os: 'linux', arch: 'amd64' },
    expose: () => {},
    ...(compile === undefined ? {} : { compile }),
  })
  const tool: Tool = await toolStage(name, version, host.url, adapters).run(
    {},
    { signal: new AbortController().signal, progress: (message) => progress.push(message) },
  )
  return { tool, progress }
}
/** Nobody listens there any more. */
const closeHost = () => host.close().then(() => {})
const afterClose = async () => {
  host = await startDownloadHost()
}

describe('a program whose download host is not reached', () => {
  beforeEach(closeHost)
  afterEach(afterClose)

  test('is built with go into the tool cache, with progress, and found there the next time', async () => {
    await writeProgram(folder, 'go', toolchain(['2.3.0']))
    const { tool, progress } = await install('2.3.0')
    expect(tool).toEqual({ name: 'k6', version: '2.3.0', path: join(folder, 'cache', 'k6', '2.3.0', process.arch, 'k6'), from: 'go' })
    expect(progress).toEqual(expect.arrayContaining([expect.stringContaining('usually 1 to 4 minutes'), expect.stringContaining('200 packages compiled')]))
    expect(commands()).toEqual(['mod', 'install'])
    expect((await install('2.3.0')).tool.from).toBe('tool-cache')
    expect(commands()).toHaveLength(2)
    expect(await readdir(join(folder, 'temp', 'run'))).toEqual([])
  }, 30_000)

  test('in a version that cannot be had is built in the nearest; the next run finds that, and asks nobody', async () => {
    await writeProgram(folder, 'go', toolchain(['2.1.0', '2.2.5']))
    const { tool, progress } = await install('2.3.0')
    expect(tool).toMatchObject({ version: '2.2.5', from: 'go', note: 'k6 2.2.5 instead of 2.3.0: the nearest that could be had' })
    expect(progress.at(-1)).toBe(tool.note)
    const asked = callsOf(go()).length
    const again = await install('2.3.0')
    expect(again.tool).toEqual({ ...tool, from: 'tool-cache' })
    expect(again.progress).toEqual([tool.note])
    expect(callsOf(go())).toHaveLength(asked)
  }, 30_000)

  test('is built in a version that the module proxy has and does not list', async () => {
    await writeProgram(folder, 'go', toolchain(['2.2.0'], []))
    expect((await install('2.3.0')).tool).toMatchObject({ version: '2.2.0', from: 'go' })
  }, 30_000)

  test.each<[string, { compile?: boolean }, string]>([
    ['where nothing may be compiled', { compile: false }, ''],
    ['on GitHub', {}, 'true'],
  ])(
    'is not built %s',
    async (_, options, gitHubActions) => {
      process.env.GITHUB_ACTIONS = gitHubActions
      await writeProgram(folder, 'go', toolchain(['2.3.0']))
      const failure = await failureOf(hurried(() => install('2.3.0', options)))
      expect(failure.message).toMatch(/^k6 2\.3\.0 could not be had \(PATH: no k6; tool cache: no k6 2\.3\.0; download: .*ECONNREFUSED.*\)$/)
      expect(commands()).toEqual([])
    },
    60_000,
  )

  test('and that Go cannot have either says what each way said, and what to do', async () => {
    await writeProgram(folder, 'go', toolchain([]))
    const failure = await failureOf(install('2.3.0'))
    expect(failure.message).toMatch(/download: .*ECONNREFUSED.*; go install: go\.k6\.io\/k6\/v2 2\.3\.0 is not to be had\)$/)
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringMatching(/^Put k6 2\.3\.0 on PATH, set download-mirror .*, or install Go\./) })
  }, 30_000)

  test('is kubectl: no way leads through Go', async () => {
    await writeProgram(folder, 'go', toolchain([]))
    expect((await failureOf(hurried(() => install('1.37.0', { name: 'kubectl' })))).message).toMatch(/^kubectl 1\.37\.0 could not be had/)
    expect(commands()).toEqual([])
  }, 30_000)
})

describe('a download that was answered', () => {
  const release = '/grafana/k6/releases/download/v2.3.0'

  test('with a wrong checksum is never replaced by a build', async () => {
    await writeProgram(folder, 'go', toolchain(['2.3.0']))
    host.put(`${release}/k6-v2.3.0-linux-amd64.tar.gz`, content('something else'))
    host.put(`${release}/k6-v2.3.0-checksums.txt`, content(`${'0'.repeat(64)}  k6-v2.3.0-linux-amd64.tar.gz\n`))
    expect((await failureOf(install('2.3.0'))).message).toContain('has the wrong checksum')
    expect(commands()).toEqual([])
  })

  test('with 404 is not either; with 403, as a proxy does that lets nobody out, it is', async () => {
    await writeProgram(folder, 'go', toolchain(['2.3.0']))
    expect((await failureOf(install('2.3.0'))).message).toContain('answered 404')
    expect(commands()).toEqual([])
    host.put(`${release}/k6-v2.3.0-linux-amd64.tar.gz`, status(403))
    expect((await install('2.3.0')).tool.from).toBe('go')
  }, 30_000)
})

describe('the toolchain', () => {
  const never = new AbortController().signal
  const toolchainOf = (env: Record<string, string | undefined> = {}, answerTimeoutMs?: number) =>
    goToolchain({
      run: runProcess,
      temporary: join(folder, 'temp'),
      env: { PATH: folder, HOME: folder, ...env },
      ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
    })

  test('gets the user’s module settings, and neither secrets nor what would build for another machine', async () => {
    await writeProgram(folder, 'go', toolchain(['2.3.0']))
    const secrets = { GITHUB_TOKEN: 'ghs_1', GOFLAGS: '-mod=vendor', GOOS: 'windows', GOARCH: 'arm64', GOBIN: '/usr/bin' }
    await toolchainOf({ ...secrets, GOPROXY: 'http://proxy.test', GOPRIVATE: 'x.test', HTTPS_PROXY: 'http://proxy:1' }).fetch('go.k6.io/k6/v2', '2.3.0', never)
    const env = callsOf(go())[0]?.env ?? {}
    expect(env).toMatchObject({ GOPROXY: 'http://proxy.test', GOPRIVATE: 'x.test', HTTPS_PROXY: 'http://proxy:1', GOWORK: 'off', CGO_ENABLED: '0' })
    for (const name of Object.keys(secrets)) expect(env).not.toHaveProperty(name)
  })

  test('works in a folder of its own, of which nothing stays', async () => {
    await writeProgram(folder, 'go', toolchain(['2.3.0']))
    await toolchainOf().fetch('go.k6.io/k6/v2', '2.3.0', never)
    const cwd = callsOf(go())[0]?.cwd ?? ''
    expect(cwd).toContain(join(folder, 'temp'))
    expect(existsSync(cwd)).toBe(false)
  })

  test('whose proxy does not answer is given up, and its process ended', async () => {
    await writeProgram(folder, 'go', 'forever()')
    expect((await failureOf(toolchainOf({}, 1500).fetch('m', '1.0.0', never))).message).toBe('the Go module proxy does not answer within 1.5 s')
    expect(await toolchainOf({}, 1500).versions('m', never)).toEqual([])
    for (const { pid } of callsOf(go())) await eventually('it has ended', async () => !(await isAlive(pid)))
    await endProgram(go())
  }, 30_000)

  test('is ended by an abort in the middle of a build, and nothing of it stays', async () => {
    await writeProgram(folder, 'go', 'forever()')
    const controller = new AbortController()
    const building = toolchainOf().install('go.k6.io/k6/v2', '2.3.0', controller.signal, () => {})
    await eventually('it builds', () => callsOf(go()).length > 0)
    controller.abort(new Error('the run is over'))
    await expect(building).rejects.toThrow('the run is over')
    expect(await readdir(join(folder, 'temp'))).toEqual([])
    await endProgram(go())
  }, 30_000)
})
