import '../fakes/realm.ts'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { askDownload } from '../../src/adapters/download-host.ts'
import { machineFacts } from '../../src/adapters/machine.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { currentPlatform } from '../../src/adapters/tool-cache.ts'
import { diagnose } from '../../src/doctor/checks.ts'
import { renderDoctor } from '../../src/report/doctor.ts'
import { type ToolName, toolSource } from '../../src/stages/tools/tool.ts'
import { content, type DownloadHost, hang, redirect, startDownloadHost } from '../fakes/downloads.ts'
import { hurried } from '../fakes/hurry.ts'
import { callsOf, endProgram, writeProgram } from '../fakes/programs.ts'
import { type ForwardProxy, startProxy } from '../fakes/proxy.ts'
import { configOf } from '../unit/runs.ts'

// Every look starts half a dozen programs.
jest.setTimeout(30_000)

const never = new AbortController().signal
const before = { ...process.env }
let folder: string
let host: DownloadHost
let proxy: ForwardProxy | undefined
let server: Server | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-'))
  host = await startDownloadHost()
})
afterEach(async () => {
  process.env = { ...before }
  for (const name of ['docker', 'podman', 'kind', 'kubectl', 'k6', 'go']) await endProgram(join(folder, name))
  await Promise.all([host.close(), proxy?.close(), new Promise((resolve) => (server ? server.close(resolve) : resolve(null)))])
  proxy = server = undefined
  await rm(folder, { recursive: true })
})

/** Answers of the real programs, as fixtures. */
const dockerInfo = {
  CgroupVersion: '2',
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless', 'name=cgroupns'],
  MemoryLimit: true,
  PidsLimit: true,
  CpuCfsQuota: false,
  DockerRootDir: '/',
  MemTotal: 4_100_000_000,
  NCPU: 3,
}
const docker = (info: object, context = `process.exit(1)`) => `
if (args[0] === 'version') say('{"Version":"29.4.0"}')
else if (args[0] === 'info') say(${JSON.stringify(JSON.stringify(info))})
else { ${context} }`
const dockerWithoutDaemon = `complain('Cannot connect to the Docker daemon at unix:///var/run/docker.sock.'); process.exit(1)`
const podman = (host: object) => `say(${JSON.stringify(JSON.stringify({ host, store: { graphRoot: '/nowhere/storage' }, version: { Version: '5.7.0' } }))})`
const programs = {
  kind: `say(args[0] === 'get' ? 'mlops-test-cluster\\nanother\\n' : 'kind v0.33.0 go1.26.8 linux/amd64\\n')`,
  kubectl: `say('{"clientVersion":{"major":"1","minor":"37","gitVersion":"v1.37.1-eks-1"}}')`,
  k6: `say('k6 v2.0.0 (go1.26.8, linux/amd64)\\n')`,
  go: `say('go version go1.26 linux/amd64\\n')`,
}

interface Given {
  readonly programs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

async function look({ programs: scripts = {}, env = {}, inputs = {}, signal = never }: Given = {}) {
  for (const [name, script] of Object.entries(scripts)) await writeProgram(folder, name, script)
  const config = configOf({ 'download-mirror': host.url, ...inputs })
  const facts = await machineFacts(config, { run: runProcess, env: { PATH: folder, HOME: join(folder, 'home'), ...env }, signal })
  return { facts, config }
}

describe('the engine', () => {
  test('docker is described by its own words', async () => {
    const { facts } = await look({ programs: { docker: docker(dockerInfo) } })
    expect(facts.engine).toEqual({
      name: 'docker',
      version: '29.4.0',
      rootless: true,
      cgroupVersion: 2,
      missingControllers: ['cpu'],
      storageFolder: '/',
      memoryBytes: 4_100_000_000,
      cpus: 3,
      remoteHost: null,
    })
    expect(facts.disks.find(({ use }) => use === 'engine')).toEqual({ use: 'engine', folder: '/', freeBytes: expect.any(Number) })
  })

  test('podman is described by its own words', async () => {
    const said = { cgroupVersion: 'v1', cgroupControllers: ['cpu', 'memory'], security: { rootless: false }, memTotal: 8e9, cpus: 2 }
    const { facts } = await look({ programs: { podman: podman(said) } })
    expect(facts.engine).toEqual({
      name: 'podman',
      version: '5.7.0',
      rootless: false,
      cgroupVersion: 1,
      missingControllers: ['pids'],
      storageFolder: '/nowhere/storage',
      memoryBytes: 8e9,
      cpus: 2,
      remoteHost: null,
    })
    expect(facts.disks.find(({ use }) => use === 'engine')).toMatchObject({ folder: '/nowhere/storage', freeBytes: null })
  })

  test('that answers and does not describe itself is one all the same', async () => {
    const { facts } = await look({ programs: { docker: `args[0] === 'version' ? say('{"Version":"29.4.0"}') : say('no json')` } })
    expect(facts.engine).toMatchObject({ name: 'docker', version: '29.4.0', rootless: null, cgroupVersion: null, missingControllers: null, remoteHost: null })
  })

  test('that is not there is told in the words of each', async () => {
    const { facts } = await look({ programs: { docker: dockerWithoutDaemon } })
    expect(facts.engine).toMatchObject({
      failure: expect.stringMatching(/^no container engine answers \(docker: .*Cannot connect to the Docker daemon.*; podman: not on PATH\)$/),
      remedy: expect.stringContaining('Start Docker or podman'),
    })
    expect(facts.clusters).toBeNull()
  })

  test.each<[string | null, string, string]>([
    ['build.example', 'tcp://me:secret@build.example:2376', ''],
    ['build.example', '', 'ssh://me@build.example'],
    [null, 'unix:///run/user/1000/docker.sock', ''],
    [null, 'tcp://127.0.0.1:2375', ''],
    [null, '', 'npipe:////./pipe/docker_engine'],
  ])('is on %s for DOCKER_HOST “%s” or a context that says “%s”', async (remoteHost, address, context) => {
    const { facts } = await look({
      programs: { docker: docker({}, context ? `say('"${context}"')` : undefined) },
      env: address ? { DOCKER_HOST: address } : {},
    })
    expect(facts.engine).toMatchObject({ remoteHost })
  })
})

describe('programs', () => {
  test('on PATH tell where they are and which they are', async () => {
    const { facts } = await look({ programs })
    expect(facts.programs).toEqual({
      kind: { path: join(folder, 'kind'), version: '0.33.0', cached: false },
      kubectl: { path: join(folder, 'kubectl'), version: '1.37.1-eks-1', cached: false },
      k6: { path: join(folder, 'k6'), version: '2.0.0', cached: false },
      go: { path: join(folder, 'go'), version: '1.26', cached: false },
    })
    expect(callsOf(join(folder, 'go'))).toMatchObject([{ env: { GOTOOLCHAIN: 'local' } }])
  })

  test('that fail have no version, and a file that is no program is none', async () => {
    writeFileSync(join(folder, 'k6'), 'notes about k6')
    mkdirSync(join(folder, 'go'))
    const { facts } = await look({ programs: { kind: 'process.exit(1)', kubectl: `say('hello')` } })
    expect(facts.programs.kind).toEqual({ path: join(folder, 'kind'), version: null, cached: false })
    expect(facts.programs.kubectl).toEqual({ path: join(folder, 'kubectl'), version: null, cached: false })
    expect(facts.programs.k6.path).toBeNull()
    expect(facts.programs.go.path).toBeNull()
    await rm(join(folder, 'go'), { recursive: true })
  })

  test('in the tool cache count when they are whole', async () => {
    const { k6Version, kindVersion } = configOf()
    for (const [name, version] of [
      ['k6', k6Version],
      ['kind', kindVersion],
    ] as const) {
      mkdirSync(join(folder, 'cache', name, version, process.arch), { recursive: true })
      writeFileSync(join(folder, 'cache', name, version, process.arch, name), '')
    }
    writeFileSync(join(folder, 'cache', 'k6', k6Version, `${process.arch}.complete`), '')
    const { facts } = await look({ env: { RUNNER_TOOL_CACHE: join(folder, 'cache') } })
    expect(facts.toolCache).toEqual({ folder: join(folder, 'cache'), trouble: null })
    expect([facts.programs.k6.cached, facts.programs.kind.cached]).toEqual([true, false])
  })
})

test('the tool cache whose place is taken by a file is told', async () => {
  writeFileSync(join(folder, 'home'), 'not a folder')
  const { facts } = await look()
  expect(facts.toolCache).toEqual({ folder: join(folder, 'home/.cache/mlops-pipeline-action'), trouble: `${join(folder, 'home')} is not a folder` })
})

describe('ports', () => {
  test('that are taken are told, with who listens', async () => {
    server = createServer()
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { facts } = await look({ inputs: { 'http-port': String(port) } })
    const listener = process.platform === 'linux' ? expect.stringMatching(new RegExp(`^\\S+ \\(pid ${process.pid}\\)$`)) : null
    expect(facts.takenPorts?.filter((taken) => taken.port === port)).toEqual([{ port, listener }])
  })
})

describe('clusters', () => {
  test('of the engine that answers are named', async () => {
    const { facts } = await look({ programs: { podman: podman({}), kind: programs.kind } })
    expect(facts.clusters).toEqual(['mlops-test-cluster', 'another'])
    expect(callsOf(join(folder, 'kind')).at(-1)).toMatchObject({ args: ['get', 'clusters', '--quiet'], env: { KIND_EXPERIMENTAL_PROVIDER: 'podman' } })
  })
})

const platform = currentPlatform()
/** Path of a program's download. */
const pathOf = (name: ToolName, version: string) => new URL(toolSource(name, version, platform ?? { os: 'linux', arch: 'amd64' }, 'http://x').url).pathname

describe('downloads', () => {
  const { kindVersion, kubectlVersion, k6Version } = configOf()

  test('are asked for by their headers alone', async () => {
    host.put(pathOf('kind', kindVersion), content('kind'))
    host.put(pathOf('k6', k6Version), redirect('https://elsewhere.test/k6'))
    const { facts } = await look()
    const at = new URL(host.url).host
    expect(facts.downloads).toEqual({
      kind: { host: at, status: 200, trouble: null },
      kubectl: { host: at, status: 404, trouble: null },
      k6: { host: at, status: 302, trouble: null },
    })
    expect([...host.requests].sort()).toEqual([pathOf('kind', kindVersion), pathOf('kubectl', kubectlVersion), pathOf('k6', k6Version)].sort())
  })

  test('whose host refuses say so', async () => {
    const { url } = host
    await host.close()
    expect(await askDownload('k6', k6Version, url, never, 5000)).toEqual({ host: new URL(url).host, status: null, trouble: 'connection refused' })
    host = await startDownloadHost()
  })

  test('whose host never answers are given up', async () => {
    host.put(pathOf('k6', k6Version), hang)
    expect(await askDownload('k6', k6Version, host.url, never, 50)).toMatchObject({ status: null, trouble: 'no answer within 0.05 s' })
  })

  test('go through the proxy', async () => {
    proxy = await startProxy(host.url)
    process.env.http_proxy = proxy.url
    host.put(pathOf('k6', k6Version), content('k6'))
    expect(await askDownload('k6', k6Version, 'http://downloads.test', never, 5000)).toEqual({ host: 'downloads.test', status: 200, trouble: null })
    expect(proxy.tunnels).toEqual(['downloads.test:80'])
  })
})

describe('looking', () => {
  test('starts nothing and writes nothing', async () => {
    await look({ programs: { ...programs, docker: docker(dockerInfo) } })
    const calls = ['docker', 'kind', 'kubectl', 'k6', 'go'].flatMap((name) =>
      callsOf(join(folder, name)).map(({ args }) => [name, ...args.slice(0, 2)].join(' ')),
    )
    expect(calls.sort()).toEqual([
      'docker context inspect',
      'docker info --format',
      'docker version --format',
      'go version',
      'k6 version',
      'kind get clusters',
      'kind version',
      'kubectl version --client',
    ])
    expect(existsSync(join(folder, 'home'))).toBe(false)
    expect(
      readdirSync(folder)
        .filter((name) => !name.endsWith('.calls') && name !== '.node')
        .sort(),
    ).toEqual(['docker', 'go', 'k6', 'kind', 'kubectl'])
  })

  test('ends although every program hangs', async () => {
    for (const name of ['docker', 'podman', 'kind', 'kubectl', 'k6', 'go']) await writeProgram(folder, name, 'forever()')
    const { facts, config } = await hurried(() => look(), 50)
    expect(facts.engine).toMatchObject({ failure: expect.stringMatching(/docker: no answer within 15 s; podman: no answer within 15 s/) })
    expect(facts.programs.k6).toEqual({ path: join(folder, 'k6'), version: null, cached: false })
    expect(diagnose(facts, config)).not.toEqual([])
  })

  test('is done without a throw when it is cancelled', async () => {
    const { facts } = await look({ programs, signal: AbortSignal.abort(new Error('Ctrl-C')) })
    expect(facts).toMatchObject({ engine: null, takenPorts: null, clusters: null })
  })

  test('finds out everything on a real machine', async () => {
    const config = configOf({ 'download-mirror': host.url })
    const facts = await machineFacts(config, { run: runProcess, env: process.env, signal: never })
    const missing = Object.entries(facts).flatMap(([name, fact]) => (fact === null ? [name] : []))
    // What a machine may well be without: an engine with kind on PATH, and what only Linux has.
    const optional = ['provider', 'clusters', ...(process.platform === 'linux' ? [] : ['unprivilegedPortStart', 'inotify', 'cgroupVersion'])]
    expect(missing.filter((name) => !optional.includes(name))).toEqual([])
    const unanswered = diagnose(facts, config).filter(({ status, seen }) => status === 'unknown' && !/no engine to ask|kind is not here|cannot look/.test(seen))
    expect(unanswered).toEqual([])
    expect(facts.disks.filter(({ use, freeBytes }) => use !== 'engine' && freeBytes === null)).toEqual([])
  })
})

describe('a proxy’s password', () => {
  test.each([
    ['http://me:hunter2%21@proxy.example:3128', ['hunter2%21', 'hunter2!']],
    ['me:hunter2!@proxy.example:3128', ['hunter2!']],
    ['http://me:hunt/er2@proxy.example:3128', ['hunt/er2']],
    ['http://me:h@nter2@proxy.example:3128', ['h@nter2']],
  ])('is never shown: %s', async (address, secrets) => {
    const docker = `complain('proxyconnect ${address}: me said ${secrets.join(' ')} ' + Buffer.from('me:${secrets.at(-1)}').toString('base64')); process.exit(1)`
    const env = { HTTPS_PROXY: address, http_proxy: address }
    const { facts, config } = await look({ programs: { docker }, env })
    const shown = JSON.stringify(facts) + renderDoctor(diagnose(facts, config), { color: true })
    expect(shown).toContain('proxyconnect')
    expect(shown).toContain('HTTPS_PROXY')
    for (const secret of [address, ...secrets, Buffer.from(`me:${secrets.at(-1)}`).toString('base64')]) expect(shown).not.toContain(secret)
  })

  test('leaves the proxy’s own address to be read', async () => {
    const { facts } = await look({ env: { HTTPS_PROXY: 'http://me:hunter2@proxy.example:3128', NO_PROXY: 'localhost, 10.0.0.0/8' } })
    expect(facts.proxy).toEqual({ hosts: { HTTPS_PROXY: 'proxy.example:3128' }, noProxy: ['localhost', '10.0.0.0/8'] })
  })
})

test('PATH is searched as a shell does: the first that can be started', async () => {
  const second = join(folder, 'second')
  mkdirSync(second)
  writeFileSync(join(folder, 'k6'), 'not executable')
  const path = await writeProgram(second, 'k6', programs.k6)
  const { facts } = await look({ env: { PATH: `relative:${folder}:${dirname(path)}` } })
  expect(facts.programs.k6).toMatchObject({ path, version: '2.0.0' })
})
