import { Failure, type FailureOptions } from '../pipeline/failure.ts'

/** Every cause that a stage can name, and what it means. Programs may rely on the names: they are in report.json. */
export const causes = {
  // Images, of pods and of the nodes themselves
  'image-missing': 'The registry does not know the image, or its name is none.',
  'image-denied': 'The registry wants a login, or refuses the one it got; some say so of images that do not exist.',
  'image-throttled': 'The registry answers 429: too many pulls.',
  'image-unreachable': 'The registry does not answer, or its name does not resolve.',
  // Pods
  unschedulable: 'No node has the room or the labels that the pod asks for.',
  'crash-loop': 'A container ends again and again, or ended where it should stay.',
  'out-of-memory': 'A container used more memory than its limit, and was killed.',
  'probe-failing': 'A container runs, but its readiness, liveness or startup probe fails.',
  'config-error': 'A pod wants a ConfigMap, a Secret or a key that is not there.',
  'container-error': 'A container cannot be made or started, for its command or its mounts.',
  evicted: 'A pod was thrown out of its node, which ran short or shut down, or for a limit of its own.',
  'not-ready': 'Something did not get ready in time, and nothing says why.',
  rejected: 'The API server rejects an object or its pods: admission, quota, pod security, a mistake in the manifest.',
  // Nodes and the cluster
  'node-down': 'A node has stopped, or never got ready.',
  'node-pressure': 'A node is short of disk, memory or process numbers.',
  'node-not-joined': 'A node never joined the cluster.',
  'boot-deadline': 'A node did not boot, or the cluster did not get ready, in time.',
  dns: 'A name does not resolve, inside the cluster or on this machine.',
  'api-server': 'The API server does not answer, or does not know us.',
  kubeconfig: 'The kubeconfig cannot be read.',
  'create-failed': 'kind could not create the cluster, and no other code says why.',
  'kind-config': 'kind does not accept its configuration.',
  'name-taken': 'A cluster of that name exists and is somebody else’s.',
  // This machine and its container engine
  'engine-down': 'No container engine answers.',
  'engine-remote': 'The container engine runs on another machine, where its ports do not lead to this one.',
  'port-taken': 'Something else listens at a port of this machine that the cluster needs.',
  'port-unmapped': 'No port of this machine leads to where the service or the ingress listens.',
  'port-forward-broken': 'The engine’s port forwarding does not lead to the node: pods are ready, and no way in answers.',
  'disk-full': 'No space is left on a disk.',
  'tool-missing': 'A program could not be had in any way.',
  'tool-cache': 'A program could not be put into the tool cache.',
  'download-failed': 'A file could not be downloaded.',
  'checksum-mismatch': 'A download is not the file that its publisher says.',
  'invalid-setting': 'A setting has a value that cannot be.',
  // The way to a service
  'no-endpoints': 'The Service has no ready endpoint: its selector fits no pod, or there is no such Service.',
  'target-port': 'The Service leads to a port of its pods at which nothing listens, or which they do not have.',
  'ingress-no-rule': 'The ingress answers 404: none of its rules fits the host and path.',
  'ingress-no-backend': 'The ingress answers 502, 503 or 504: it has no backend that answers.',
  refused: 'The connection is refused, or closed before an answer.',
  'no-answer': 'There is no answer in time.',
  'wrong-answer': 'The answer is not the one expected, or another service gave it.',
  // Local processes
  'process-ended': 'A local process has ended, or never came up.',
  // The load
  'k6-killed': 'k6 was killed from outside, most often for want of memory.',
  'k6-hangs': 'k6 had not ended long after its load should have.',
  'k6-failed': 'k6 ended with an error that is not the script’s.',
  'k6-no-summary': 'k6 ended without its numbers, or they cannot be read.',
  'k6-not-started': 'k6 did not start in the cluster in time.',
  'script-error': 'The load script cannot be loaded, throws, or gives up.',
  'script-too-large': 'The load script with all it opens does not fit into the cluster.',
  // Any stage; the runner names these itself
  deadline: 'A stage took longer than it may, and its diagnosis found no other cause.',
  cancelled: 'Somebody stopped it.',
} as const

/** What a failure is, as a word that programs can rely on. */
export type CauseCode = keyof typeof causes

/** A failure of a stage. The code is not optional here: a stage knows what it could not do. */
export function stageFailure(code: CauseCode, message: string, options: Omit<FailureOptions, 'code'>): Failure {
  return new Failure(message, { ...options, code })
}

/** The same failure with some of it told otherwise. */
export function retold(failure: Failure, { message = failure.message, ...changes }: { readonly message?: string } & Partial<FailureOptions>): Failure {
  const { kind, code, remedy, evidence, cause, timedOut, data } = failure
  return new Failure(message, { kind, code, remedy, evidence, cause, timedOut, data, ...changes })
}
