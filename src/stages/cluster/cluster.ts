import type { PortMapping } from '../../config/ports.ts'

/** A container engine that kind can use. */
export type Engine = 'docker' | 'podman'

/** A cluster whose API server answers. Its workers may still be joining: see `created`. */
export interface Cluster {
  readonly name: string
  readonly engine: Engine
  /** The engine's own version, or null when it does not tell. */
  readonly engineVersion: string | null
  /** Path of the cluster's private kubeconfig. */
  readonly kubeconfig: string
  readonly nodeImage: string
  /** How many nodes it will have. */
  readonly nodeCount: number
  /** Ports of this machine that lead to it, as they are. */
  readonly ports: readonly PortMapping[]
  /** Settles when kind has created every node; rejects when it could not. */
  readonly created: Promise<void>
}

/** Address ranges of every cluster we create. */
export const podSubnet = '10.244.0.0/16'
export const serviceSubnet = '10.96.0.0/12'

/**
 * kind's configuration of a cluster of our own: one control plane that carries the ingress and its host ports, and the workers.
 * Ports are opened on 127.0.0.1 alone: a test cluster is nobody else's business.
 */
export function kindConfig({ workers, image, ports }: { workers: number; image: string; ports: readonly PortMapping[] }): { nodes: readonly object[] } {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { podSubnet, serviceSubnet },
    nodes: [
      {
        role: 'control-plane',
        image,
        // A label rather than a kubeadm patch: patches that name a version break from minor to minor.
        labels: { 'ingress-ready': 'true' },
        extraPortMappings: ports.map(({ hostPort, nodePort }) => ({
          containerPort: nodePort,
          // 0 would have kind look for a free port, which another run may take meanwhile; -1 leaves it to the engine.
          hostPort: hostPort === 0 ? -1 : hostPort,
          listenAddress: '127.0.0.1',
          protocol: 'TCP',
        })),
      },
      ...Array.from({ length: workers }, () => ({ role: 'worker', image })),
    ],
  } as { nodes: readonly object[] }
}
