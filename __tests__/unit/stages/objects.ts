import type { ContainerStatus, DeploymentObject, EndpointSliceObject, NodeObject, PodObject } from '../../../src/stages/kubernetes.ts'

/** Objects as the API server shows them, the parts we read. */

export const image = 'docker.io/hashicorp/http-echo:1.0.0'

export function containerOf(more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'echo', ready: false, restartCount: 0, image, ...more }
}

export function podOf(name: string, status: PodObject['status'] = {}, memory?: string): PodObject {
  return {
    metadata: { name, namespace: 'mlops-services' },
    spec: { containers: [{ name: 'echo', image, ...(memory === undefined ? {} : { resources: { limits: { memory } } }) }] },
    status,
  }
}

const ready = { type: 'Ready', status: 'True' }

export function readyPod(name: string): PodObject {
  return podOf(name, { phase: 'Running', conditions: [ready], containerStatuses: [containerOf({ ready: true, state: { running: {} } })] })
}

/** A pod with one container that waits for `reason`. */
export function waitingPod(name: string, reason: string, message?: string): PodObject {
  return podOf(name, {
    phase: 'Pending',
    containerStatuses: [containerOf({ state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } })],
  })
}

/** A pod that has crashed `restartCount` times and waits to crash again. */
export function crashingPod(name: string, restartCount: number, exitCode = 1): PodObject {
  return podOf(name, {
    phase: 'Running',
    containerStatuses: [
      containerOf({
        restartCount,
        state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=echo pod=${name}` } },
        lastState: { terminated: { exitCode, reason: 'Error' } },
      }),
    ],
  })
}

export function pendingPod(name: string, message: string): PodObject {
  return podOf(name, { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] })
}

export function deploymentOf(
  name: string,
  availableReplicas: number,
  replicas = 2,
  more: Partial<NonNullable<DeploymentObject['status']>> = {},
): DeploymentObject {
  return {
    metadata: { name, generation: 1 },
    spec: { replicas },
    status: { observedGeneration: 1, updatedReplicas: replicas, availableReplicas, ...more },
  }
}

export function nodeOf(name: string, isReady = true, message?: string): NodeObject {
  const condition = { type: 'Ready', status: isReady ? 'True' : 'False', ...(message === undefined ? {} : { message }) }
  return {
    metadata: { name },
    status: {
      conditions: [condition],
      nodeInfo: { kubeletVersion: 'v1.37.0', containerRuntimeVersion: 'containerd://2.2.0', architecture: 'amd64' },
    },
  }
}

export function sliceOf(ready: readonly (boolean | undefined)[]): EndpointSliceObject {
  return { metadata: { name: 's' }, endpoints: ready.map((each) => ({ conditions: each === undefined ? {} : { ready: each } })) }
}
