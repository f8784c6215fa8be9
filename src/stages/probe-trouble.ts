import { inOrder } from './events.ts'
import type { ContainerProbe, EventObject, PodObject } from './kubernetes.ts'
import { isPodReady } from './pods.ts'

/** What a kubelet's probe of a pod got when it failed last. */
export interface ProbeTrouble {
  readonly probe: 'readiness' | 'liveness' | 'startup'
  /** In the kubelet's words, such as `HTTP probe failed with statuscode: 500`. */
  readonly got: string
  /** What it asks, such as `GET /health on port http`; empty when its pod does not tell. */
  readonly asks: string
}

/** The kubelet says it in events alone: no status has the words. */
const unhealthy = /^(Readiness|Liveness|Startup) probe (?:failed|errored)[^:]*(?:: ?([\s\S]*))?$/

/** The last probe of a pod that failed, of the named kinds; undefined when none did. */
export function probeTrouble(
  pod: PodObject,
  events: readonly EventObject[],
  kinds: readonly ProbeTrouble['probe'][] = ['readiness', 'liveness', 'startup'],
): ProbeTrouble | undefined {
  const about = inOrder(events).filter(({ reason, involvedObject }) => reason === 'Unhealthy' && involvedObject.name === pod.metadata.name)
  const failures = about.flatMap(({ message = '' }) => {
    const [, kind, got = ''] = unhealthy.exec(message) ?? []
    const probe = kind?.toLowerCase() as ProbeTrouble['probe'] | undefined
    return probe !== undefined && kinds.includes(probe) ? [{ probe, got: got.trim() || 'no answer', asks: askedOf(pod, probe) }] : []
  })
  return failures.at(-1)
}

/** Whether the kubelet ends a pod's containers because their probe fails, so that what looks like a crash is none. */
export function endedByProbe(pod: PodObject, events: readonly EventObject[]): ProbeTrouble | undefined {
  const killed = events.some(
    ({ reason, message = '', involvedObject }) =>
      reason === 'Killing' && involvedObject.name === pod.metadata.name && /failed (?:liveness|startup) probe/.test(message),
  )
  return killed ? probeTrouble(pod, events, ['liveness', 'startup']) : undefined
}

/** Whether a pod runs, and only its readiness is missing. */
export function runsUnready(pod: PodObject): boolean {
  const statuses = pod.status?.containerStatuses ?? []
  return !isPodReady(pod) && statuses.length > 0 && statuses.every(({ state }) => state?.running !== undefined)
}

/** The failing probe in a sentence that follows the pod's name. */
export function describeProbe({ probe, got, asks }: ProbeTrouble): string {
  return `its ${probe} probe fails: ${got}${asks ? ` (${asks})` : ''}`
}

export const probeRemedy = 'Make the container answer its probe, or mend the probe in the manifest: path, port, how long it may take.'

function askedOf({ spec, status }: PodObject, probe: ProbeTrouble['probe']): string {
  const late = status?.containerStatuses?.find(({ ready }) => !ready)?.name
  const container = spec?.containers?.find(({ name }) => name === late) ?? spec?.containers?.[0]
  return describeQuestion(container?.[`${probe}Probe`])
}

function describeQuestion(probe: ContainerProbe | undefined): string {
  if (probe?.httpGet) return `GET ${probe.httpGet.path ?? '/'} on port ${probe.httpGet.port}`
  if (probe?.tcpSocket) return `a connection to port ${probe.tcpSocket.port}`
  if (probe?.grpc) return `gRPC health on port ${probe.grpc.port}`
  if (probe?.exec) return `the command ${(probe.exec.command ?? []).join(' ')}`
  return ''
}
