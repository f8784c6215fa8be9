import type { PortMapping, WantedPort } from '../../config/ports.ts'
import { withDeadline } from '../../pipeline/race.ts'
import type { Stage } from '../../pipeline/stage.ts'
import { retold, stageFailure } from '../cause.ts'
import type { Kubernetes } from '../kubernetes.ts'
import type { Results } from '../results.ts'
import type { Tool } from '../tools/tool.ts'
import { firstAnswer } from './answer.ts'
import type { Cluster, Engine } from './cluster.ts'
import { createTwice } from './create.ts'
import { actualPorts } from './ports.ts'

/** A container engine that answered. */
export interface AnsweringEngine {
  readonly engine: Engine
  readonly version: string | null
}

/** A cluster that is ours, as much as another process needs to look at it or delete it. */
export interface OwnedCluster {
  readonly name: string
  readonly engine: Engine
  /** Path of kind. */
  readonly kind: string
  readonly kubeconfig: string
}

/** What the stage needs of kind. */
export interface Kind {
  readonly clusters: (signal: AbortSignal) => Promise<string[]>
  /** Creates the cluster; nodes are kept when that fails, for their logs. */
  readonly create: (options: { name: string; config: object; kubeconfig: string; onLine: (line: string) => void }, signal: AbortSignal) => Promise<void>
  /** Writes the kubeconfig as soon as the control plane has one, which is long before `create` ends; false while it has none. */
  readonly writeKubeconfig: (name: string, path: string, signal: AbortSignal) => Promise<boolean>
  /** Deletes the cluster; a cluster that does not exist is no error. */
  readonly remove: (name: string, kubeconfig: string, signal: AbortSignal) => Promise<void>
}

export interface ClusterAdapters {
  /** The engine to use; rejects with what each said when none answers. */
  readonly findEngine: (signal: AbortSignal) => Promise<AnsweringEngine>
  readonly kind: (tool: Tool, engine: Engine) => Kind
  /** Ports of 127.0.0.1 that something listens on already. */
  readonly takenPorts: (ports: readonly number[]) => Promise<number[]>
  /** Ports of 127.0.0.1 that the engine has given to a container. */
  readonly publishedPorts: (engine: Engine, container: string, signal: AbortSignal) => Promise<readonly PortMapping[]>
  /** Who listens at ports of this machine, as far as it tells. Missing where nobody can be asked. */
  readonly listeners?: (ports: readonly number[]) => Promise<ReadonlyMap<number, string>>
  /** What this machine itself has to say of a cause, a line each: free disk, free memory. Missing where nobody can be asked. */
  readonly machineEvidence?: (code: string | undefined, signal: AbortSignal) => Promise<readonly string[]>
  readonly connect: (kubeconfig: string) => Promise<Kubernetes>
  /** Remembers that the cluster is ours to delete, before it exists; null when it turned out not to be. */
  readonly claim: (cluster: OwnedCluster | null) => void
  /** Resolves to the first answer that is not false, asking again with a growing pause until the signal aborts. */
  readonly until: <T>(ask: () => Promise<T | false>, signal: AbortSignal) => Promise<T>
}

export interface ClusterOptions {
  readonly name: string
  /** Image of the control plane, for the report. */
  readonly nodeImage: string
  /** kind's configuration of the cluster, ours or the user's. */
  readonly config: { readonly nodes: readonly object[] }
  readonly kubeconfig: string
  /** The ports that the configuration opens. */
  readonly ports: readonly WantedPort[]
}

/**
 * Boots the cluster and passes as soon as its API server answers: whatever is applied then rolls
 * out while kind joins the workers. The stage `nodes` waits for the rest.
 */
export function clusterStage(options: ClusterOptions, adapters: ClusterAdapters): Stage<Results, 'cluster', 'kind'> {
  const { name, kubeconfig } = options
  let owned: Kind | undefined
  // Outlives the stage, since workers still join when it has passed; ends when the run fails or is cancelled.
  const creation = new AbortController()
  let created: Promise<void> | undefined

  return {
    name: 'cluster',
    title: 'Boot the cluster',
    needs: ['kind'],
    // kind gives up on a node's boot by itself; most of this is for pulling the node image.
    deadlineMs: 15 * 60_000,
    run: async ({ kind: tool }, { signal, progress, warn = () => {} }) => {
      signal.addEventListener('abort', () => creation.abort(signal.reason), { once: true })
      progress('looking for a container engine')
      const { engine, version } = await adapters.findEngine(signal)
      const kind = adapters.kind(tool, engine)
      await preflight(options, kind, adapters, signal)

      adapters.claim({ name, engine, kind: tool.path, kubeconfig })
      owned = kind
      const answers = firstAnswer(options, kind, adapters)
      const create = createTwice(options, kind, {
        signal: creation.signal,
        progress,
        // Once it answers it is used, and what was applied would be gone with it.
        mayRemove: () => !answers.came(),
        onRemoval: answers.startAgainAfter,
        warn,
      })
      created = create.then((trouble) => {
        if (trouble === null) return
        if (trouble.notOurs) {
          owned = undefined
          adapters.claim(null)
        }
        throw trouble.failure
      })
      created.catch(() => {})

      // Once kind is done the API server must answer soon; when it does not, it is somewhere else than here.
      const answered = new AbortController()
      const unreachable = created.then(() => tooLate(AbortSignal.any([signal, answered.signal])))
      await Promise.race([answers.wait(signal), unreachable]).finally(() => answered.abort())
      const ports = await actualPorts(options, engine, adapters, signal)
      const nodeCount = options.config.nodes.length
      return { name, engine, engineVersion: version, kubeconfig, nodeImage: options.nodeImage, nodeCount, ports, created } satisfies Cluster
    },
    diagnose: async (failure, _needs, signal) => {
      const seen = (await adapters.machineEvidence?.(failure.code, signal)) ?? []
      return seen.length === 0 ? failure : retold(failure, { evidence: [...seen, ...failure.evidence] })
    },
    teardown: async (signal) => {
      creation.abort(stageFailure('cancelled', 'the run is over', { kind: 'cancelled' }))
      await created?.catch(() => {})
      await owned?.remove(name, kubeconfig, signal)
      if (owned) adapters.claim(null)
    },
    data: ({ created: _, kubeconfig: __, ...data }) => data,
  }
}

/** Longest wait for the API server once kind has finished, in milliseconds. */
const answerMs = 60_000

async function tooLate(signal: AbortSignal): Promise<never> {
  const never = () => new Promise<never>(() => {})
  return await withDeadline(answerMs, signal, never, () => {
    return stageFailure('engine-remote', `kind has created the cluster, but its API server does not answer on 127.0.0.1 within ${answerMs / 1000} s`, {
      kind: 'infrastructure',
      remedy: 'The container engine must run on this very machine: leave out the job’s container, and DOCKER_HOST.',
    })
  })
}

/** Refuses before anything exists: a cluster of that name is not ours, and a taken port would fail late and dimly. */
async function preflight({ name, ports }: ClusterOptions, kind: Kind, adapters: ClusterAdapters, signal: AbortSignal): Promise<void> {
  const [clusters, taken] = await Promise.all([kind.clusters(signal), adapters.takenPorts(ports.map(({ hostPort }) => hostPort).filter((port) => port !== 0))])
  if (clusters.includes(name)) {
    throw stageFailure('name-taken', `a kind cluster named ${name} exists already and was not created by this run, so it is left alone`, {
      kind: 'config',
      remedy: `Choose another cluster-name, or delete it: kind delete cluster --name ${name}`,
    })
  }
  if (taken.length === 0) return
  const listeners = await adapters.listeners?.(taken)
  const by = (port: number) => (listeners?.has(port) ? ` by ${listeners.get(port)}` : '')
  const named = taken.map((port) => `${port} (${ports.find(({ hostPort }) => hostPort === port)?.input})`)
  const users = taken.map((port) => `port ${port} is used${by(port)}`)
  throw stageFailure('port-taken', `port ${named.join(' and port ')} of this machine is already in use${taken.map(by).join('')}`, {
    kind: 'infrastructure',
    evidence: users,
    remedy: ports.some(({ input }) => input === 'kind-config')
      ? 'Stop what listens there, or change hostPort in your kind-config; 0 takes a free one.'
      : 'Stop what listens there, or set http-port: 0, which takes free ports. Else the NodePorts 30080 and 30081 must be free, whatever http-port and https-port say.',
  })
}
