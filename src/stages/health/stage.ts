import { Failure } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'
import type { Stage, StageContext } from '../../pipeline/stage.ts'
import type { Kubernetes } from '../kubernetes.ts'
import type { Results } from '../results.ts'
import { podTrouble } from '../rollout.ts'
import type { Service } from '../services/service.ts'
import { type ProbeAdapters, probeHttp, probeTimeoutMs } from './http-probe.ts'
import type { Health, ProbeResult } from './probe.ts'

export interface HealthOptions {
  /** Failed probes of one target before it counts as unhealthy. */
  readonly retries: number
  /** Longest wait for a service's endpoints, in milliseconds. Default 60 s: its replicas were all available a moment ago. */
  readonly endpointsMs?: number
}

export interface HealthAdapters extends ProbeAdapters {
  readonly connect: (kubeconfig: string) => Promise<Kubernetes>
}

/** Successes in a row that make a target healthy. */
const streak = 5

/** Proves that requests reach each service: endpoints, NodePorts, then all the way through the ingress. */
export function healthStage(
  { retries, endpointsMs = 60_000 }: HealthOptions,
  adapters: HealthAdapters,
): Stage<Results, 'health', 'cluster' | 'ingress' | 'services'> {
  return {
    name: 'health',
    title: 'Health',
    needs: ['cluster', 'ingress', 'services'],
    // Every probe may use all its tries at their slowest: the timeout, then the longest pause.
    deadlineMs: endpointsMs + 60_000 + retries * (probeTimeoutMs + 2000),
    run: async ({ cluster, ingress, services }, context) => {
      const kubernetes = await adapters.connect(cluster.kubeconfig)
      const probes: ProbeResult[] = []
      const probeService = async (service: Service): Promise<void> => {
        const endpoints = await probeEndpoints(kubernetes, services.namespace, service, endpointsMs, context)
        probes.push(endpoints)
        if (!endpoints.healthy) return
        const targets = [
          ...(service.nodePort === null ? [] : [{ kind: 'node-port' as const, url: `http://127.0.0.1:${service.nodePort}${service.path}` }]),
          { kind: 'ingress' as const, url: `${ingress.baseUrl}${service.path}` },
        ]
        probes.push(...(await Promise.all(targets.map((target) => probeHttp(service, services.routes, target, { retries, streak }, adapters, context)))))
      }
      await Promise.all(services.routes.map(probeService))
      const unhealthy = probes.filter(({ healthy }) => !healthy)
      if (unhealthy.length > 0) throw unhealthyFailure(unhealthy, { probes })
      return { probes }
    },
    diagnose: async (failure, { cluster, services }, signal) => {
      const rollout = { namespace: services.namespace, deployments: services.routes.map(({ name }) => name) }
      const trouble = await podTrouble(await adapters.connect(cluster.kubeconfig), rollout, signal)
      if (!trouble) return failure
      return new Failure(`${failure.message}; ${trouble.message}`, { kind: trouble.kind, remedy: trouble.remedy, cause: failure.cause, data: failure.data })
    },
    data: (health) => health,
  }
}

async function probeEndpoints(
  kubernetes: Kubernetes,
  namespace: string,
  { name, replicas }: Service,
  deadlineMs: number,
  { signal, progress }: StageContext,
): Promise<ProbeResult> {
  let attempts = 0
  let ready = 0
  const watch = (own: AbortSignal) =>
    kubernetes.watch(
      'endpointslices',
      { namespace, labelSelector: `kubernetes.io/service-name=${name}` },
      (slices) => {
        attempts += 1
        ready = slices.flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length
        if (ready >= replicas) return true
        progress(`${name}: ${ready} of ${replicas} endpoints ready`)
        return undefined
      },
      own,
    )
  let healthy = true
  try {
    await withDeadline(deadlineMs, signal, watch)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Failure && error.timedOut)) throw error
    healthy = false
  }
  return {
    service: name,
    kind: 'endpoints',
    target: `${namespace}/${name}`,
    healthy,
    attempts,
    durationMs: null,
    seen: `${ready} of ${replicas} endpoints ready`,
  }
}

/** One failure that names every service that did not answer as it should, by its last unhealthy probe: the one all the way through. */
function unhealthyFailure(unhealthy: readonly ProbeResult[], health: Health): Failure {
  const names = [...new Set(unhealthy.map(({ service }) => service))]
  const sentences = names.map((name) => {
    const probe = unhealthy.findLast(({ service }) => service === name) as ProbeResult
    return `${name}: ${probe.target}: ${probe.seen}${probe.kind === 'endpoints' ? '' : ` (${probe.attempts} requests)`}`
  })
  const kinds = new Set(unhealthy.map(({ kind }) => kind))
  const remedy = kinds.has('endpoints')
    ? 'Compare the Service’s selector with the pods’ labels, and look at the pods’ readiness.'
    : kinds.has('ingress')
      ? 'Compare the Host rule of the Ingress, its Service’s port, and base-url.'
      : 'The ingress reaches it but the NodePort does not: compare the Service’s nodePort with the ports of the cluster.'
  return new Failure(sentences.join('; '), { kind: 'workload', remedy, data: health })
}
