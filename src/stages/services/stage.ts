import { addressOf } from '../../config/ports.ts'
import type { Stage } from '../../pipeline/stage.ts'
import type { Kubernetes, KubernetesObject } from '../kubernetes.ts'
import { rolloutFailure } from '../pod-failure.ts'
import type { Results } from '../results.ts'
import { rolledOut } from '../rollout.ts'
import type { Service } from './service.ts'

export interface ServicesOptions {
  readonly namespace: string
  readonly services: readonly Service[]
  /** Everything to apply: the namespace first, then each service's objects. */
  readonly objects: () => Promise<readonly KubernetesObject[]>
  /** `node-ready-timeout`: a machine that needs longer for its nodes needs longer for this. */
  readonly readyTimeoutMs: number
}

/** Applies the services and waits until every replica is available. */
export function servicesStage(
  { namespace, services, objects, readyTimeoutMs }: ServicesOptions,
  connect: (kubeconfig: string) => Promise<Kubernetes>,
): Stage<Results, 'services', 'cluster'> {
  const rollout = { namespace, deployments: services.map(({ name }) => name) }
  return {
    name: 'services',
    title: `Services (${services.map(({ name }) => name).join(', ')})`,
    needs: ['cluster'],
    deadlineMs: Math.max(6 * 60_000, readyTimeoutMs),
    run: async ({ cluster }, { signal, progress }) => {
      const kubernetes = await connect(cluster.kubeconfig)
      await kubernetes.apply(await objects(), signal)
      await rolledOut(kubernetes, rollout, cluster.created, { signal, progress })
      const routes = services.map((service) => ({ ...service, url: service.nodePort === null ? null : addressOf(cluster.ports, service.nodePort) }))
      return { namespace, routes, processes: null }
    },
    diagnose: async (failure, { cluster }, signal) => await rolloutFailure(await connect(cluster.kubeconfig), rollout, failure, signal),
    data: (result) => result,
  }
}
