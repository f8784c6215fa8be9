import { addressOf, ingressPorts } from '../../config/ports.ts'
import type { Failure } from '../../pipeline/failure.ts'
import type { Stage } from '../../pipeline/stage.ts'
import { stageFailure } from '../cause.ts'
import type { Kubernetes, KubernetesObject } from '../kubernetes.ts'
import { rolloutFailure } from '../pod-failure.ts'
import type { Results } from '../results.ts'
import { asInfrastructure, rolledOut } from '../rollout.ts'

/** An ingress controller: one of these in `controllers`, and one folder in `manifests/ingress`. */
export interface Controller {
  /** The value of the input `ingress`. */
  readonly name: string
  /** The image's name in `image-overrides`. */
  readonly imageName: 'ingress-nginx' | 'traefik'
  readonly className: string
  readonly namespace: string
  readonly deployment: string
  /** Its Service inside the cluster, on port 80. */
  readonly service: string
  readonly note: string | null
}

export interface IngressOptions {
  readonly controller: Controller
  readonly image: string
  readonly objects: () => Promise<readonly KubernetesObject[]>
  /** Where it answers, when somebody said so; null where the cluster's own port leads to it. */
  readonly baseUrl: string | null
  /** `node-ready-timeout`: a machine that needs longer for its nodes needs longer for this. */
  readonly readyTimeoutMs: number
}

/** Installs the ingress controller and waits until it is available. */
export function ingressStage(options: IngressOptions, connect: (kubeconfig: string) => Promise<Kubernetes>): Stage<Results, 'ingress', 'cluster'> {
  const { controller, image } = options
  const rollout = { namespace: controller.namespace, deployments: [controller.deployment] }
  return {
    name: 'ingress',
    title: `Ingress (${controller.name})`,
    needs: ['cluster'],
    deadlineMs: Math.max(6 * 60_000, options.readyTimeoutMs),
    run: async ({ cluster }, { signal, progress }) => {
      const kubernetes = await connect(cluster.kubeconfig)
      try {
        await kubernetes.apply(await options.objects(), signal)
        await rolledOut(kubernetes, rollout, cluster.created, { signal, progress })
      } catch (error) {
        throw asInfrastructure(error)
      }
      const baseUrl = options.baseUrl ?? addressOf(cluster.ports, ingressPorts.http)
      if (baseUrl === null) throw unreachable()
      return { controller: controller.name, image, className: controller.className, baseUrl, note: controller.note, process: null }
    },
    diagnose: async (failure, { cluster }, signal) => {
      const kubernetes = await connect(cluster.kubeconfig)
      return asInfrastructure(await rolloutFailure(kubernetes, rollout, failure, signal))
    },
    data: (ingress) => ingress,
  }
}

function unreachable(): Failure {
  return stageFailure('port-unmapped', `no port of this machine leads to port ${ingressPorts.http} of a node, where the ingress listens`, {
    kind: 'config',
    remedy: 'Map it in your kind-config, or set base-url.',
  })
}
