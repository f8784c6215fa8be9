import { readFileSync } from 'node:fs'
import { type Readable, Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { ApiException, KubeConfig, KubernetesObjectApi, Log } from '@kubernetes/client-node'
import pRetry from 'p-retry'
import { Failure, messageOf } from '../pipeline/failure.ts'
import { raceSignal, withDeadline } from '../pipeline/race.ts'
import { stageFailure } from '../stages/cause.ts'
import type { Kubernetes, KubernetesObject, PodObject, Selection, Watched } from '../stages/kubernetes.ts'

const collections: Record<keyof Watched, { apiVersion: string; kind: string; prefix: string }> = {
  nodes: { apiVersion: 'v1', kind: 'Node', prefix: '/api/v1' },
  pods: { apiVersion: 'v1', kind: 'Pod', prefix: '/api/v1' },
  events: { apiVersion: 'v1', kind: 'Event', prefix: '/api/v1' },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', prefix: '/apis/apps/v1' },
  services: { apiVersion: 'v1', kind: 'Service', prefix: '/api/v1' },
  ingresses: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', prefix: '/apis/networking.k8s.io/v1' },
  endpointslices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', prefix: '/apis/discovery.k8s.io/v1' },
}

/** Owner of the fields we apply. */
const fieldManager = 'mlops-pipeline-action'

/**
 * Connects to the cluster of a kubeconfig. The client library is large and loads here, when it is first needed.
 * @throws Failure when the kubeconfig cannot be read
 */
export async function connectKubernetes(kubeconfig: string): Promise<Kubernetes> {
  const k8s = await import('@kubernetes/client-node')
  const config = new k8s.KubeConfig()
  try {
    config.loadFromString(readFileSync(kubeconfig, 'utf8'))
  } catch (cause) {
    throw stageFailure('kubeconfig', `the kubeconfig ${kubeconfig} cannot be read: ${messageOf(cause)}`, {
      kind: 'infrastructure',
      cause,
    })
  }
  const objects = k8s.KubernetesObjectApi.makeApiClient(config)
  const core = config.makeApiClient(k8s.CoreV1Api)

  return {
    answers: async (signal) => {
      try {
        await withDeadline(requestMs, signal, () => core.listNode({ limit: 1 }))
        return true
      } catch (error) {
        // Refused connections, and 401 and 403 until kubeadm has bound the admin's rights.
        signal.throwIfAborted()
        if (codeOf(error) === undefined || [401, 403].includes(codeOf(error) as number) || isTransient(error)) return false
        throw error
      }
    },
    apply: async (list, signal) => {
      for (const object of list) await applyOne(objects, k8s.PatchStrategy.ServerSideApply, object, signal)
    },
    list: async (kind, selection, signal) => (await listAll(objects, kind, selection, signal)).items,
    watch: async (kind, selection, done, signal) => await watchUntil({ objects, config, Watch: k8s.Watch }, kind, selection, done, signal),
    logs: async (pod, container, { previous = false, tailLines }, signal) => {
      try {
        const request = { name: pod.metadata.name, namespace: pod.metadata.namespace ?? 'default', container, previous, tailLines }
        return (await retrying(() => core.readNamespacedPodLog(request), signal)) ?? ''
      } catch (error) {
        if (codeOf(error) === 400 || codeOf(error) === 404) return '' // no log yet, or no longer
        throw error
      }
    },
    kubelet: async (name, path, signal) => {
      const answer: unknown = await retrying(() => core.connectGetNodeProxyWithPath({ name, path }), signal)
      // The client reads JSON although it was asked for a string.
      return typeof answer === 'string' ? answer : JSON.stringify(answer)
    },
    askService: async ({ namespace, service, port, path }, signal) => {
      const request = { namespace, name: `${service}:${port}`, path: path.replace(/^\//, '') }
      try {
        // Once: what it says now is what is asked.
        const answer: unknown = await withDeadline(requestMs, signal, () => core.connectGetNamespacedServiceProxyWithPath(request))
        return { status: 200, words: typeof answer === 'string' ? answer : JSON.stringify(answer) }
      } catch (error) {
        signal.throwIfAborted()
        const status = codeOf(error)
        if (status === undefined) throw error
        return { status, words: statusMessage(error) ?? plainBody(error) ?? messageOf(error) }
      }
    },
    readLog: async (pod, container, onLine, signal) => await readLines(new k8s.Log(config), pod, container, onLine, signal),
    read: async (object, signal) => {
      try {
        return (await retrying(() => objects.read(object as never), signal)) as unknown as KubernetesObject
      } catch (error) {
        // The client finds out itself that there are no objects of such a kind.
        if (codeOf(error) === 404 || /^Unrecognized API version and kind/.test(messageOf(error))) return null
        throw error
      }
    },
    version: async (signal) => {
      const api = config.makeApiClient(k8s.VersionApi)
      return (await retrying(() => api.getCode(), signal)).gitVersion
    },
    remove: async (object, signal) => {
      try {
        // Background: else the pods of a Job would stay, for reasons older than most clusters.
        await retrying(() => objects.delete(object as never, undefined, undefined, 0, undefined, 'Background'), signal)
      } catch (error) {
        if (codeOf(error) !== 404) throw error
      }
    },
  }
}

/** Longest line that is told, in characters; the rest of one that is longer is left out. */
const longestLine = 64 * 1024

/** Reads a log as a stream, so that its length does not matter. */
async function readLines(log: Log, pod: PodObject, container: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  const decoder = new TextDecoder()
  let rest = ''
  const take = (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = (lines.pop() ?? '').slice(0, longestLine)
    for (const line of lines) onLine(line.slice(0, longestLine))
  }
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      take(decoder.decode(chunk, { stream: true }))
      done()
    },
    final: (done) => {
      if (rest !== '') onLine(rest)
      done()
    },
  })
  // The client pipes the answer here without looking: one that is cut off would end nothing, and nobody would hear of it.
  sink.on('pipe', (answer: Readable) => answer.once('error', reject))
  sink.once('finish', resolve)
  ended.catch(() => {})
  const { namespace = 'default', name } = pod.metadata
  const opening = log.log(namespace, name, container, sink, {})
  opening.then((late) => signal.aborted && late.abort()).catch(() => {})
  const following = await raceSignal(opening, signal)
  try {
    await raceSignal(ended, signal)
  } finally {
    following.abort()
  }
}

async function applyOne(objects: KubernetesObjectApi, strategy: string, object: KubernetesObject, signal: AbortSignal): Promise<void> {
  try {
    const known = object.kind === 'CustomResourceDefinition' ? asClientNames(object) : object
    await retrying(() => objects.patch(known as never, undefined, undefined, fieldManager, true, strategy as never), signal)
  } catch (error) {
    signal.throwIfAborted()
    const name = `${object.kind} ${object.metadata.namespace ? `${object.metadata.namespace}/` : ''}${object.metadata.name}`
    const code = codeOf(error) ?? 500
    // 401, and a 403 for want of rights, say nothing about the object: the server does not know us, or not well enough.
    const aboutUs = code === 401 || lacksRights(error)
    const refused = code < 500 && !aboutUs
    throw stageFailure(refused ? 'rejected' : 'api-server', `${name} could not be applied: ${serverWords(error)}`, {
      kind: refused ? 'workload' : 'infrastructure',
      remedy: refused ? 'Mend the manifest.' : 'Run the job again; the artifact holds the API server’s log.',
      cause: error,
    })
  }
}

/** The client sends of a schema only what it knows, and knows `x-kubernetes-…` by names with underscores alone. */
function asClientNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asClientNames)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, item]) => [key.startsWith('x-kubernetes-') ? key.replaceAll('-', '_') : key, asClientNames(item)])
  return Object.fromEntries(entries)
}

async function listAll<K extends keyof Watched>(objects: KubernetesObjectApi, kind: K, { namespace, labelSelector }: Selection, signal: AbortSignal) {
  const collection = collections[kind]
  const ask = () => objects.list(collection.apiVersion, collection.kind, namespace, undefined, undefined, undefined, undefined, labelSelector)
  const list = await retrying(ask, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw stageFailure('api-server', `the API server does not list its ${kind}: ${serverWords(error)}`, {
      kind: 'infrastructure',
      remedy: 'Run the job again; the artifact holds the API server’s log.',
      cause: error,
    })
  })
  return { items: list.items as unknown as Watched[K][], resourceVersion: list.metadata?.resourceVersion }
}

/**
 * Lists, then follows the changes, and lists again whenever the watch ends: the client ends one
 * that has been silent for 30 s, the server one whose version is too old.
 */
async function watchUntil<K extends keyof Watched, T>(
  client: { objects: KubernetesObjectApi; config: KubeConfig; Watch: typeof import('@kubernetes/client-node').Watch },
  kind: K,
  selection: Selection,
  done: (items: readonly Watched[K][]) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const { items, resourceVersion } = await listAll(client.objects, kind, selection, signal)
    const current = new Map(items.map((item) => [item.metadata.name, item]))
    const answer = done([...current.values()])
    if (answer !== undefined) return answer

    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>()
    const onChange = (phase: string, item: Watched[K]) => {
      if (phase === 'ERROR' || phase === 'BOOKMARK') return
      if (phase === 'DELETED') current.delete(item.metadata.name)
      else current.set(item.metadata.name, item)
      try {
        const now = done([...current.values()])
        if (now !== undefined) resolve(now)
      } catch (error) {
        reject(error)
      }
    }
    const watch = new client.Watch(client.config)
    const began = performance.now()
    const path = `${collections[kind].prefix}${selection.namespace ? `/namespaces/${selection.namespace}` : ''}/${kind}`
    const opening = watch.watch(path, { resourceVersion, labelSelector: selection.labelSelector }, onChange, () => resolve(undefined))
    // One that opens only after the abort would follow for ever.
    opening.then((late) => signal.aborted && late.abort()).catch(() => {})
    const following = await raceSignal(opening, signal)
    try {
      const found = await raceSignal(promise, signal)
      if (found !== undefined) return found
    } finally {
      following.abort()
    }
    // A watch that the server refuses ends at once; asking again without a pause would be a storm.
    if (performance.now() - began < 1000) await raceSignal(setTimeout(500), signal)
  }
}

/** Longest wait for one answer of the API server, in milliseconds. */
const requestMs = 10_000

/** An error worth another try. p-retry would refuse some of them by their class, so they travel inside one of ours. */
class Transient extends Error {
  override name = 'Transient'
}

/** Tries again while errors are transient, with growing pauses of at most 2 s; the caller's deadline is the budget. */
async function retrying<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let refusals = 0
  const attempt = async () => {
    try {
      return await withDeadline(requestMs, signal, call)
    } catch (error) {
      if (signal.aborted) throw error
      const again = isTransient(error) || (lacksRights(error) && refusals++ < toleratedRefusals)
      throw again ? new Transient(String(error), { cause: error }) : error
    }
  }
  try {
    const shouldRetry = ({ error }: { error: Error }) => error instanceof Transient
    return await pRetry(attempt, { retries: 60, minTimeout: 100, maxTimeout: 2000, randomize: true, signal, shouldRetry })
  } catch (error) {
    throw error instanceof Transient ? error.cause : error
  }
}

/**
 * An API server that has just restarted answers before it has read who may do what, and refuses even the administrator
 * then. With pauses that grow to 2 s these are some 20 s.
 */
const toleratedRefusals = 12

/** Whether the server refuses us for want of rights, which says nothing about the object. */
function lacksRights(error: unknown): boolean {
  return codeOf(error) === 403 && / cannot \w+ resource /.test(serverWords(error))
}

/** The HTTP status of a client error, or undefined when no answer came. */
function codeOf(error: unknown): number | undefined {
  const { code } = error as Partial<ApiException<unknown>>
  return typeof code === 'number' ? code : undefined
}

function isTransient(error: unknown): boolean {
  const code = codeOf(error)
  if (code !== undefined) return code === 429 || code >= 500 || isRace(error, code)
  return (error instanceof Failure && error.timedOut) || isNetworkError(error)
}

/** Whether an error, or what caused it, is a connection that was refused, reset or cut off. */
function isNetworkError(error: unknown): boolean {
  for (let cause = error, depth = 0; cause !== null && typeof cause === 'object' && depth < 6; depth += 1) {
    const { message, code, cause: next } = cause as { message?: unknown; code?: unknown; cause?: unknown }
    if (/fetch failed|terminated|socket|other side closed|ECONN|EPIPE|ETIMEDOUT|UND_ERR/i.test(`${String(message)} ${String(code)}`)) return true
    cause = next
  }
  return false
}

/** Things a young cluster lacks for a moment: a namespace's default account, the rights kubeadm is still binding. */
function isRace(error: unknown, code: number): boolean {
  return code === 403 && /serviceaccount .* not found|no API token found/i.test(serverWords(error))
}

/** The server's own words: the `message` of its Status, else the client's. */
function serverWords(error: unknown): string {
  return statusMessage(error) ?? messageOf(error)
}

/** The body of an answer that is no Status, as services give it. */
function plainBody(error: unknown): string | undefined {
  const { body } = error as { body?: unknown }
  return typeof body === 'string' ? body.trim() : undefined
}

function statusMessage(error: unknown): string | undefined {
  const { body } = error as { body?: unknown }
  try {
    const status = typeof body === 'string' ? (JSON.parse(body) as unknown) : body
    const message = (status as { message?: unknown } | undefined)?.message
    if (typeof message === 'string') return message
  } catch {
    // Not a Status.
  }
  return undefined
}
