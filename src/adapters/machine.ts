import { readFile } from 'node:fs/promises'
import { availableParallelism, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { DoctorConfig, EngineFacts, MachineFacts, ProgramFacts, ProgramName } from '../doctor/facts.ts'
import { wantedPorts } from '../doctor/network.ts'
import { wantedVersion } from '../doctor/programs.ts'
import { withDeadline } from '../pipeline/race.ts'
import type { ToolName } from '../stages/tools/tool.ts'
import { askDownload } from './download-host.ts'
import { takenPorts } from './engine.ts'
import { describeEngine } from './engine-info.ts'
import { diskFacts, engineDisk, exists, toolCacheFacts, toolCacheFolder } from './folders.ts'
import { listenersOf } from './listeners.ts'
import { childEnvironment, type RunProcess } from './process.ts'
import { findOnPath, programVersion } from './program.ts'
import { proxyFacts, secretsOf, withoutSecrets } from './proxy.ts'

export interface MachineOptions {
  readonly run: RunProcess
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

type Environment = MachineOptions['env']

/** How long one question may take, in milliseconds; an engine that is just waking up needs longer. */
const deadlineMs = 5000
const engineDeadlineMs = 16_000

/**
 * Finds out everything at the same time, each within its own deadline: 5 s, an engine three times that. Starts no
 * container, writes nothing, asks the download hosts for headers alone. Proxies are those of this process's environment.
 * Never rejects: what could not be found out is null.
 */
export async function machineFacts(config: DoctorConfig, { run, env, signal }: MachineOptions): Promise<MachineFacts> {
  const within = <T>(work: (signal: AbortSignal) => Promise<T>, limitMs = deadlineMs): Promise<T | null> =>
    withDeadline(limitMs, signal, work).catch(() => null)
  const cacheFolder = toolCacheFolder(env)

  const program = (name: ProgramName) => findProgram(name, config, { run, env, cacheFolder, within })
  const [kind, engine] = [program('kind'), describeEngine(run, env, (work) => within(work, engineDeadlineMs))]
  const download = (name: ToolName) => within((inner) => askDownload(name, wantedVersion(name, config), config.downloadMirror, inner, deadlineMs))
  const found = {
    kind,
    kubectl: program('kubectl'),
    k6: program('k6'),
    go: program('go'),
    engine,
    disks: within(() => diskFacts(env, cacheFolder)),
    engineDisk: engine.then((answering) => (answering && 'name' in answering ? within(() => engineDisk(answering)) : null)),
    toolCache: within(() => toolCacheFacts(cacheFolder)),
    downloads: Promise.all([download('kind'), download('kubectl'), download('k6')]),
    takenPorts: within(() => portFacts(config)),
    unprivilegedPortStart: within(() => kernelNumber('/proc/sys/net/ipv4/ip_unprivileged_port_start')),
    inotify: within(async () => ({
      watches: await kernelNumber('/proc/sys/fs/inotify/max_user_watches'),
      instances: await kernelNumber('/proc/sys/fs/inotify/max_user_instances'),
    })),
    cgroupVersion: within(machineCgroupVersion),
    clusters: Promise.all([kind, engine]).then(([{ path }, answering]) =>
      path !== null && answering && 'name' in answering ? within((inner) => clusterNames(run, path, answering, env, inner)) : null,
    ),
    container: within(async () => (await exists('/.dockerenv')) || (await exists('/run/.containerenv'))),
  }
  const all = await settleAll(found)
  const [kindDownload, kubectlDownload, k6Download] = all.downloads
  const facts: MachineFacts = {
    platform: { os: process.platform, arch: process.arch, release: release() },
    nodeVersion: process.versions.node,
    provider: env.KIND_EXPERIMENTAL_PROVIDER || null,
    engine: all.engine,
    programs: { kind: all.kind, kubectl: all.kubectl, k6: all.k6, go: all.go },
    toolCache: all.toolCache,
    downloads: { kind: kindDownload, kubectl: kubectlDownload, k6: k6Download },
    takenPorts: all.takenPorts,
    unprivilegedPortStart: all.unprivilegedPortStart,
    disks: [...(all.disks ?? []), ...(all.engineDisk ?? [])],
    // On macOS what is free says little: the kernel gives what it caches to whoever asks.
    memory: { totalBytes: totalmem(), availableBytes: process.platform === 'linux' ? process.availableMemory() : null },
    cpus: availableParallelism(),
    inotify: all.inotify,
    cgroupVersion: all.cgroupVersion,
    proxy: proxyFacts(env),
    clusters: all.clusters,
    surroundings: { wsl: /microsoft/i.test(release()), container: all.container ?? false },
  }
  return withoutSecrets(facts, secretsOf(env))
}

type Settled<T> = { -readonly [K in keyof T]: Awaited<T[K]> }

async function settleAll<T extends Record<string, Promise<unknown>>>(work: T): Promise<Settled<T>> {
  const entries = await Promise.all(Object.entries(work).map(async ([name, value]) => [name, await value] as const))
  return Object.fromEntries(entries) as Settled<T>
}

interface ProgramOptions extends Pick<MachineOptions, 'run' | 'env'> {
  readonly cacheFolder: string
  readonly within: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T | null>
}

async function findProgram(name: ProgramName, config: DoctorConfig, { run, env, cacheFolder, within }: ProgramOptions): Promise<ProgramFacts> {
  const path = await within(() => findOnPath(name, env))
  const [version, cached] = await Promise.all([
    path === null ? null : within((signal) => programVersion(run, name, path, childEnvironment(env), signal)),
    name === 'go' ? false : within(() => isCached(cacheFolder, name, wantedVersion(name, config))),
  ])
  return { path, version, cached: cached ?? false }
}

/** As @actions/tool-cache lays it out; it would log to stdout if it were asked. */
async function isCached(cacheFolder: string, name: ToolName, version: string): Promise<boolean> {
  const folder = join(cacheFolder, name, version, process.arch)
  return (await exists(`${folder}.complete`)) && (await exists(join(folder, name)))
}

async function portFacts(config: DoctorConfig): Promise<MachineFacts['takenPorts']> {
  const taken = await takenPorts(wantedPorts(config).map(({ port }) => port))
  if (taken.length === 0) return []
  const listeners = await listenersOf(taken)
  return taken.map((port) => ({ port, listener: listeners.get(port) ?? null }))
}

async function clusterNames(run: RunProcess, path: string, engine: EngineFacts, env: Environment, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await run(path, ['get', 'clusters', '--quiet'], { signal, env: childEnvironment(env, { KIND_EXPERIMENTAL_PROVIDER: engine.name }) })
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

async function machineCgroupVersion(): Promise<1 | 2 | null> {
  if (process.platform !== 'linux') return null
  return (await exists('/sys/fs/cgroup/cgroup.controllers')) ? 2 : 1
}

async function kernelNumber(file: string): Promise<number> {
  return Number.parseInt(await readFile(file, 'utf8'), 10)
}
