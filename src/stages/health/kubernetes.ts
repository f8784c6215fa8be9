import { Failure } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'
import type { StageContext } from '../../pipeline/stage.ts'
import type { Kubernetes } from '../kubernetes.ts'
import { type Service, servicesNamespace } from '../services/service.ts'
import { diagnoseHealth } from './diagnosis.ts'
import type { ProbeResult } from './probe.ts'
import type { Inside } from './stage.ts'

/**
 * A cluster, asked by its API: endpoints, NodePorts, and what its pods say when a service does not answer.
 * @param endpointsMs longest wait for a service's endpoints, in milliseconds; its replicas were all available a moment ago
 */
export function insideCluster(connect: () => Promise<Kubernetes>, endpointsMs = 60_000): Inside {
  return {
    readyMs: endpointsMs,
    ready: async (service, { namespace }, context) => await probeEndpoints(await connect(), namespace ?? servicesNamespace, service, endpointsMs, context),
    direct: ({ url, path }) => (url === null ? [] : [{ kind: 'node-port', url: `${url}${path}` }]),
    diagnose: async (failure, needs, signal) => await diagnoseHealth(await connect(), failure, needs, signal),
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
    ...(healthy ? {} : { code: ready === 0 ? 'no-endpoints' : 'not-ready' }),
  }
}
