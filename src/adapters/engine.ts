import { connect, createServer } from 'node:net'
import type { PortMapping } from '../config/ports.ts'
import { withDeadline } from '../pipeline/race.ts'
import { stageFailure } from '../stages/cause.ts'
import type { Engine } from '../stages/cluster/cluster.ts'
import type { AnsweringEngine } from '../stages/cluster/stage.ts'
import { childEnvironment, type RunProcess } from './process.ts'

const probes: Record<Engine, { args: readonly string[]; version: (json: unknown) => string | undefined }> = {
  docker: { args: ['version', '--format', '{{json .Server}}'], version: (json) => (json as { Version?: string } | null)?.Version },
  podman: { args: ['info', '--format', 'json'], version: (json) => (json as { version?: { Version?: string } } | null)?.version?.Version },
}

/**
 * Finds the engine that answers: a client without a daemon does not count. Asks docker and podman
 * at the same time and prefers docker, as kind does; `KIND_EXPERIMENTAL_PROVIDER` settles it.
 * @throws Failure naming what each engine said when none answers
 */
export async function findEngine(run: RunProcess, env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<AnsweringEngine> {
  const asked = env.KIND_EXPERIMENTAL_PROVIDER
  if (asked && asked !== 'docker' && asked !== 'podman') {
    throw stageFailure('invalid-setting', `KIND_EXPERIMENTAL_PROVIDER is ${asked}; this action knows docker and podman`, {
      kind: 'config',
      remedy: 'Unset it or set it to one of the two.',
    })
  }
  const engines: readonly Engine[] = asked ? [asked as Engine] : ['docker', 'podman']
  // Asked at the same time, heard in the order of preference: a slow podman must not delay a docker that answers.
  const found = new AbortController()
  const both = AbortSignal.any([signal, found.signal])
  const answers = engines.map((engine) => ask(run, engine, env, both).catch((error: Error) => error))
  const said: string[] = []
  for (const [index, answering] of answers.entries()) {
    const answer = await answering
    if (!(answer instanceof Error)) {
      found.abort()
      return answer
    }
    said.push(`${engines[index]}: ${answer.message.slice(0, 200)}`)
  }
  signal.throwIfAborted()
  throw stageFailure('engine-down', `no container engine answers (${said.join('; ')})`, {
    kind: 'infrastructure',
    remedy: 'Start Docker or podman. On GitHub, use an ubuntu runner: hosted macOS and Windows runners have no engine.',
  })
}

async function ask(run: RunProcess, engine: Engine, env: Readonly<Record<string, string | undefined>>, outer: AbortSignal): Promise<AnsweringEngine> {
  return await withDeadline(
    15_000,
    outer,
    async (signal) => {
      const { args, version } = probes[engine]
      const { stdout } = await run(engine, args, { signal, env: childEnvironment(env) })
      const found = version(JSON.parse(stdout))
      if (found === undefined) throw new Error('the client answers, its daemon does not')
      return { engine, version: found }
    },
    () => stageFailure('engine-down', 'no answer within 15 s', { kind: 'infrastructure' }),
  )
}

/**
 * The ports of 127.0.0.1 that lead to a running container, as the engine chose or took them.
 * @throws ProcessError when there is no such container
 */
export async function publishedPorts(run: RunProcess, engine: Engine, container: string, signal: AbortSignal): Promise<PortMapping[]> {
  const { stdout } = await run(engine, ['container', 'inspect', container], { signal, env: childEnvironment(process.env) })
  const [inspected] = JSON.parse(stdout) as readonly InspectedContainer[]
  return Object.entries(inspected?.NetworkSettings?.Ports ?? {}).flatMap(([key, bindings]) => {
    const nodePort = Number(/^(\d+)\/tcp$/.exec(key)?.[1])
    const binding = (bindings ?? []).find(({ HostIp }) => ['', '0.0.0.0', '127.0.0.1'].includes(HostIp))
    const hostPort = Number(binding?.HostPort)
    return nodePort > 0 && hostPort > 0 ? [{ hostPort, nodePort }] : []
  })
}

/** What `inspect` says, the part we read; docker and podman agree on it. */
interface InspectedContainer {
  /** By container port such as `80/tcp`; null for one that is not published. */
  readonly NetworkSettings?: { readonly Ports?: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null }
}

/** The ports of 127.0.0.1 that cannot be listened on because something does already. */
export async function takenPorts(ports: readonly number[]): Promise<number[]> {
  const taken = await Promise.all(ports.map(async (port) => ((await isTaken(port)) ? port : null)))
  return taken.filter((port) => port !== null)
}

async function isTaken(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EADDRINUSE') resolve(true)
    // Without the right to open a low port, asking whether somebody answers there is the next best thing.
    else resolve(answers(port))
  })
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(false)))
  return await promise
}

async function answers(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host: '127.0.0.1', timeout: 1000 })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  socket.once('timeout', () => resolve(false))
  return await promise.finally(() => socket.destroy())
}
