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
  /** Settles when kind has created every node; rejects when it could not. */
  readonly created: Promise<void>
}

/** Address ranges of every cluster we create. */
export const podSubnet = '10.244.0.0/16'
export const serviceSubnet = '10.96.0.0/12'

/** A port of this machine that leads to a port of the control-plane node. */
export interface PortMapping {
  readonly hostPort: number
  readonly nodePort: number
}

/**
 * kind's configuration of the cluster: one control plane that carries the ingress and its host ports, and the workers.
 * Ports are opened on 127.0.0.1 alone: a test cluster is nobody else's business.
 */
export function kindConfig({ workers, ports }: { workers: number; ports: readonly PortMapping[] }): object {
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    networking: { podSubnet, serviceSubnet },
    nodes: [
      {
        role: 'control-plane',
        // A label rather than a kubeadm patch: patches that name a version break from minor to minor.
        labels: { 'ingress-ready': 'true' },
        extraPortMappings: ports.map(({ hostPort, nodePort }) => ({
          containerPort: nodePort,
          hostPort,
          listenAddress: '127.0.0.1',
          protocol: 'TCP',
        })),
      },
      ...Array.from({ length: workers }, () => ({ role: 'worker' })),
    ],
  }
}
