import { Failure } from '../../pipeline/failure.ts'
import type { Stage, StageContext } from '../../pipeline/stage.ts'
import type { Kubernetes } from '../kubernetes.ts'
import type { Results } from '../results.ts'
import type { Service } from '../services/service.ts'
import { answerProblem, type Health, type HttpAnswer, type ProbeResult } from './probe.ts'

export interface HealthOptions {
  /** Failed probes of one target before it counts as unhealthy. */
  readonly retries: number
  /** Successes in a row that make a target healthy. Default 5. */
  readonly streak?: number
}

export interface HealthAdapters {
  readonly connect: (kubeconfig: string) => Promise<Kubernetes>
  /** One GET on a connection of its own. Rejects when there is no answer in time. */
  readonly get: (url: string, options: { host?: string; timeoutMs: number; signal: AbortSignal }) => Promise<HttpAnswer>
  /** Calls until it resolves, at most `retries` more times, with a growing pause of at most 2 s. */
  readonly retry: <T>(attempt: () => Promise<T>, retries: number, signal: AbortSignal) => Promise<T>
}

/** Longest wait for one answer. A published port that nothing serves accepts and then hangs. */
const probeTimeoutMs = 3000

/** Proves that requests reach each service: endpoints, NodePorts, then all the way through the ingress. */
export function healthStage(options: HealthOptions, adapters: HealthAdapters): Stage<Results, 'health', 'cluster' | 'ingress' | 'services'> {
  return {
    name: 'health',
    title: 'Health',
    needs: ['cluster', 'ingress', 'services'],
    deadlineMs: 10 * 60_000,
    run: async ({ cluster, ingress, services }, context) => {
      const kubernetes = await adapters.connect(cluster.kubeconfig)
      const probes: ProbeResult[] = []
      const probeService = async (service: Service): Promise<void> => {
        probes.push(await probeEndpoints(kubernetes, services.namespace, service, context))
        const targets = [
          ...(service.nodePort === null ? [] : [{ kind: 'node-port' as const, url: `http://127.0.0.1:${service.nodePort}${service.path}` }]),
          { kind: 'ingress' as const, url: `${ingress.baseUrl}${service.path}` },
        ]
        probes.push(...(await Promise.all(targets.map((target) => probeHttp(service, services.routes, target, options, adapters, context)))))
      }
      await Promise.all(services.routes.map(probeService))
      const unhealthy = probes.filter(({ healthy }) => !healthy)
      if (unhealthy.length > 0) throw unhealthyFailure(unhealthy, { probes })
      return { probes }
    },
    data: (health) => health,
  }
}

async function probeEndpoints(
  kubernetes: Kubernetes,
  namespace: string,
  { name, replicas }: Service,
  { signal, progress }: StageContext,
): Promise<ProbeResult> {
  let attempts = 0
  const ready = await kubernetes.watch(
    'endpointslices',
    { namespace, labelSelector: `kubernetes.io/service-name=${name}` },
    (slices) => {
      attempts += 1
      const endpoints = slices.flatMap((slice) => slice.endpoints ?? [])
      const count = endpoints.filter(({ conditions }) => conditions?.ready !== false).length
      if (count >= replicas) return count
      progress(`${name}: ${count} of ${replicas} endpoints ready`)
      return undefined
    },
    signal,
  )
  return { service: name, kind: 'endpoints', target: `${namespace}/${name}`, healthy: true, attempts, durationMs: null, seen: `${ready} of ${replicas} ready` }
}

async function probeHttp(
  service: Service,
  services: readonly Service[],
  { kind, url }: { kind: 'node-port' | 'ingress'; url: string },
  { retries, streak = 5 }: HealthOptions,
  { get, retry }: HealthAdapters,
  { signal, progress }: StageContext,
): Promise<ProbeResult> {
  const target = kind === 'ingress' ? `${url} (Host: ${service.host})` : url
  let attempts = 0
  let seen = 'nothing yet'
  let durationMs: number | null = null
  const once = async () => {
    attempts += 1
    try {
      const answer = await get(url, { ...(kind === 'ingress' ? { host: service.host } : {}), timeoutMs: probeTimeoutMs, signal })
      durationMs = answer.durationMs
      const problem = answerProblem(service, answer, services)
      seen = problem ?? `${answer.status}${service.expect.body === null ? '' : ' and the expected body'}`
      if (problem !== null) throw new Error(problem)
    } catch (error) {
      signal.throwIfAborted()
      seen = error instanceof Error ? error.message : String(error)
      progress(`${service.name}: ${target}: ${seen}`)
      throw error
    }
  }
  // Ready is not yet routable: a controller's workers learn of endpoints one by one.
  const inARow = async () => {
    for (let count = 0; count < streak; count += 1) await once()
  }
  const result = (healthy: boolean): ProbeResult => ({ service: service.name, kind, target, healthy, attempts, durationMs, seen })
  try {
    await retry(inARow, retries, signal)
    return result(true)
  } catch {
    signal.throwIfAborted()
    return result(false)
  }
}

/** One failure that names every service that did not answer as it should, the ingress' answer before the NodePort's. */
function unhealthyFailure(unhealthy: readonly ProbeResult[], health: Health): Failure {
  const names = [...new Set(unhealthy.map(({ service }) => service))]
  const sentences = names.map((name) => {
    const probe = unhealthy.findLast(({ service }) => service === name) as ProbeResult
    return `${name}: ${probe.target}: ${probe.seen} (${probe.attempts} requests)`
  })
  const throughIngress = unhealthy.some(({ kind }) => kind === 'ingress')
  return new Failure(sentences.join('; '), {
    kind: 'workload',
    remedy: throughIngress
      ? 'Compare the Host rule of the Ingress, its Service’s port, and base-url.'
      : 'The ingress reaches it but the NodePort does not: compare the Service’s nodePort with the ports of the cluster.',
    data: health,
  })
}
