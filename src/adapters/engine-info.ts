import { z } from 'zod'
import type { EngineFacts, MachineFacts } from '../doctor/facts.ts'
import { Failure } from '../pipeline/failure.ts'
import type { Engine } from '../stages/cluster/cluster.ts'
import { findEngine } from './engine.ts'
import { childEnvironment, type RunProcess } from './process.ts'

type Details = Omit<EngineFacts, 'name' | 'version' | 'remoteHost'>

const nothingKnown: Details = { rootless: null, cgroupVersion: null, missingControllers: null, storageFolder: null, memoryBytes: null, cpus: null }

/** What `docker info` says, as far as it matters here. Source: api/types/system/info.go of moby. */
const dockerInfo = z.object({
  CgroupVersion: z.string().optional(),
  SecurityOptions: z.array(z.string()).nullish(),
  MemoryLimit: z.boolean().optional(),
  PidsLimit: z.boolean().optional(),
  CpuCfsQuota: z.boolean().optional(),
  DockerRootDir: z.string().optional(),
  MemTotal: z.number().optional(),
  NCPU: z.number().optional(),
})

/** What `podman info` says, as far as it matters here. Source: libpod/define/info.go of podman. */
const podmanInfo = z.object({
  host: z.object({
    cgroupVersion: z.string().optional(),
    cgroupControllers: z.array(z.string()).nullish(),
    security: z.object({ rootless: z.boolean().optional() }).optional(),
    memTotal: z.number().optional(),
    cpus: z.number().optional(),
  }),
  store: z.object({ graphRoot: z.string().optional() }).optional(),
})

const readers: Record<Engine, { args: readonly string[]; read: (json: unknown) => Details }> = {
  docker: { args: ['info', '--format', '{{json .}}'], read: readDocker },
  podman: { args: ['info', '--format', 'json'], read: readPodman },
}

function readDocker(json: unknown): Details {
  const info = dockerInfo.parse(json)
  const limits = { cpu: info.CpuCfsQuota, memory: info.MemoryLimit, pids: info.PidsLimit }
  return {
    rootless: info.SecurityOptions?.some((option) => option.split(',').includes('name=rootless')) ?? false,
    cgroupVersion: cgroupVersion(info.CgroupVersion),
    missingControllers: Object.entries(limits).flatMap(([name, can]) => (can === false ? [name] : [])),
    storageFolder: info.DockerRootDir || null,
    memoryBytes: info.MemTotal || null,
    cpus: info.NCPU || null,
  }
}

function readPodman(json: unknown): Details {
  const { host, store } = podmanInfo.parse(json)
  const controllers = host.cgroupControllers
  return {
    rootless: host.security?.rootless ?? null,
    cgroupVersion: cgroupVersion(host.cgroupVersion),
    missingControllers: controllers ? ['cpu', 'memory', 'pids'].filter((name) => !controllers.includes(name)) : null,
    storageFolder: store?.graphRoot || null,
    memoryBytes: host.memTotal || null,
    cpus: host.cpus || null,
  }
}

function cgroupVersion(text: string | undefined): 1 | 2 | null {
  const digit = text?.replace(/^v/, '')
  return digit === '1' ? 1 : digit === '2' ? 2 : null
}

/**
 * The engine a run would use, or why there is none; null when it was not found out in time. An engine that answers but
 * does not describe itself is still one.
 * @param within bounds each question; it gives null when the question was not answered
 */
export async function describeEngine(
  run: RunProcess,
  env: Readonly<Record<string, string | undefined>>,
  within: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T | null>,
): Promise<MachineFacts['engine']> {
  const found = await within((signal) =>
    findEngine(run, env, signal).catch((error: unknown) => {
      if (error instanceof Failure) return error
      throw error
    }),
  )
  if (found === null) return null
  if (found instanceof Failure) return { failure: found.message.replace(/(docker|podman) \w+: spawn \1 ENOENT/g, 'not on PATH'), remedy: found.remedy ?? null }
  const { engine, version } = found
  const ask = (args: readonly string[]) =>
    within(async (signal) => JSON.parse((await run(engine, args, { signal, env: childEnvironment(env) })).stdout) as unknown)
  const { args, read } = readers[engine]
  const [info, address] = await Promise.all([
    ask(args).then((json) => within(async () => read(json))),
    // A context leads docker elsewhere just as DOCKER_HOST does, which this answers with, too.
    engine === 'docker' ? ask(['context', 'inspect', '--format', '{{json .Endpoints.docker.Host}}']) : null,
  ])
  const asked = typeof address === 'string' ? address : env[engine === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST']
  return { name: engine, version, ...(info ?? nothingKnown), remoteHost: remoteHost(asked ?? '') }
}

/** The host of an engine's address when it is another machine: no socket, pipe or loopback. */
function remoteHost(address: string): string | null {
  if (!/^(tcp|ssh|https?):/.test(address) || !URL.canParse(address)) return null
  const { hostname } = new URL(address)
  return /^(localhost|127\..*|\[::1\])$/.test(hostname) || hostname === '' ? null : hostname
}
