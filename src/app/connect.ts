import type { Kubernetes } from '../stages/kubernetes.ts'

/** One client for each kubeconfig, made when first asked for. */
export function connectOnce(): (kubeconfig: string) => Promise<Kubernetes> {
  const clients = new Map<string, Promise<Kubernetes>>()
  return (kubeconfig) => {
    const known = clients.get(kubeconfig) ?? import('../adapters/kubernetes.ts').then(({ connectKubernetes }) => connectKubernetes(kubeconfig))
    clients.set(kubeconfig, known)
    known.catch(() => clients.delete(kubeconfig))
    return known
  }
}
