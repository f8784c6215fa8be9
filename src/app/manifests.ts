import { readManifest } from '../adapters/manifests.ts'
import type { Config } from '../config/config.ts'
import { dnsName } from '../stages/cluster/nodes.ts'
import type { Controller } from '../stages/ingress/stage.ts'
import type { KubernetesObject } from '../stages/kubernetes.ts'
import { type Service, servicesNamespace } from '../stages/services/service.ts'

/** Everything a run applies to its cluster, read and filled in when asked for. */
export interface ClusterManifests {
  readonly ingress: (controller: Controller) => Promise<readonly KubernetesObject[]>
  /** The namespace first, then each service's objects; Ingresses only where a controller takes them. */
  readonly services: () => Promise<readonly KubernetesObject[]>
  readonly dnsProbe: () => Promise<KubernetesObject>
}

/** @param root the action's own folder, which holds `manifests` */
export function clusterManifests(root: string, { images }: Config, services: readonly Service[], controller: Controller | null): ClusterManifests {
  const echo = ({ name, image, replicas, host, nodePort }: Service) =>
    readManifest(root, 'services/echo.yaml', {
      name,
      namespace: servicesNamespace,
      image: image ?? '',
      replicas,
      host,
      nodePort: nodePort ?? 0,
      text: name,
      ingressClass: controller?.className ?? '',
    })
  return {
    ingress: ({ name, imageName }) => readManifest(root, `ingress/${name}/controller.yaml`, { image: images[imageName] }),
    services: async () => {
      const namespace = readManifest(root, 'services/namespace.yaml', { namespace: servicesNamespace })
      const objects = (await Promise.all([namespace, ...services.map(echo)])).flat()
      return controller ? objects : objects.filter(({ kind }) => kind !== 'Ingress')
    },
    dnsProbe: async () => (await readManifest(root, 'dns-probe.yaml', { image: images['dns-probe'], dnsName }))[0] as KubernetesObject,
  }
}
