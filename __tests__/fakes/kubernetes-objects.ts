import type { FakeObject } from './kubernetes-store.ts'

/** Objects as a cluster reports them, as short as our stages need them. */

export function namespace(name: string): FakeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

export function node(name: string, ready: boolean, message = ready ? 'kubelet is posting ready status' : 'container runtime network not ready'): FakeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', reason: ready ? 'KubeletReady' : 'KubeletNotReady', message }],
      nodeInfo: { kubeletVersion: 'v1.37.0', containerRuntimeVersion: 'containerd://2.2.0', osImage: 'Debian GNU/Linux 13', architecture: 'amd64' },
    },
  }
}

interface PodOptions {
  namespace?: string
  labels?: Record<string, string>
  /** Status of the one container; `ready` pods run. */
  container?: { name?: string; restartCount?: number; state?: object; lastState?: object; image?: string }
  phase?: string
  conditions?: readonly object[]
}

/** A pod with one container, Ready unless its container's state or its phase says otherwise. */
export function pod(name: string, { namespace: space = 'apps', labels = {}, container, phase, conditions }: PodOptions = {}): FakeObject {
  const ready = container?.state === undefined && (phase === undefined || phase === 'Running') && conditions === undefined
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: space, labels },
    spec: {
      containers: [{ name: container?.name ?? 'echo', image: container?.image ?? 'hashicorp/http-echo:1.0.0', resources: { limits: { memory: '64Mi' } } }],
    },
    status: {
      phase: phase ?? (ready ? 'Running' : 'Pending'),
      conditions: conditions ?? [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      ...(conditions === undefined && {
        containerStatuses: [
          { name: 'echo', ready, restartCount: 0, image: 'hashicorp/http-echo:1.0.0', state: { running: { startedAt: '2026-11-22T08:00:00Z' } }, ...container },
        ],
      }),
    },
  }
}

/** A pod whose image the registry does not have. */
export function podWithoutImage(name: string, image = 'registry.example/gone:1.0.0'): FakeObject {
  const message = `Back-off pulling image "${image}": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "${image}": ${image}: not found`
  return pod(name, { container: { image, state: { waiting: { reason: 'ImagePullBackOff', message } } } })
}

/** A pod whose container ended again and again. */
export function crashingPod(name: string, exitCode = 1, reason = 'Error'): FakeObject {
  const terminated = { exitCode, reason, startedAt: '2026-11-22T08:00:00Z', finishedAt: '2026-11-22T08:00:01Z' }
  return pod(name, {
    container: {
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
      lastState: { terminated },
    },
  })
}

/** A deployment with so many replicas available, as its controller saw it last at generation `observed`. */
export function deployment(name: string, available: number, { namespace: space = 'apps', replicas = 2, generation = 1, observed = 1 } = {}): FakeObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'echo', image: 'hashicorp/http-echo:1.0.0' }] } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: space, generation },
    spec: { replicas, selector: { matchLabels: { app: name } }, template },
    status: { observedGeneration: observed, updatedReplicas: replicas, availableReplicas: available, readyReplicas: available },
  }
}

/** The endpoints of a service, so many of them ready. */
export function endpointSlice(service: string, ready: number, { namespace: space = 'apps', total = 2 } = {}): FakeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-x7k2p`, namespace: space, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: total }, (_, index) => ({ addresses: [`10.244.1.${index + 2}`], conditions: { ready: index < ready } })),
  }
}

/** A warning about a pod. */
export function warning(podName: string, reason: string, message: string, space = 'apps'): FakeObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${podName}.${reason.toLowerCase()}`, namespace: space },
    involvedObject: { kind: 'Pod', name: podName, namespace: space },
    type: 'Warning',
    reason,
    message,
    count: 3,
  }
}
