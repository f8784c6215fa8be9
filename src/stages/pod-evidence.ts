import { describeEvent, lastWarnings } from './events.ts'
import type { ContainerStatus, EventObject, PodObject } from './kubernetes.ts'
import { memoryLimit, unfinishedContainers } from './pods.ts'

/** What is known of a pod beside itself. */
export interface PodSurroundings {
  readonly events: readonly EventObject[]
  /** Last lines of the container that explains the most, oldest first. */
  readonly log: readonly string[]
}

/** What proves a pod's trouble, a line each: its containers, their last words, the last warnings, its conditions. */
export function podEvidence(pod: PodObject, { events, log }: PodSurroundings): string[] {
  const { status, metadata, spec } = pod
  const conditions = (status?.conditions ?? []).filter(({ status: value, message }) => value === 'False' && message)
  const said = [...new Set(conditions.map(({ reason, message }) => `${reason ? `${reason}: ` : ''}${message}`))]
  return [
    ...unfinishedContainers(pod).map((container) => `pod ${metadata.name}, container ${container.name}: ${describeContainer(pod, container)}`),
    ...log.map((line) => `log: ${line}`),
    ...lastWarnings(events, metadata.name).map(describeEvent),
    ...said.map((words) => `pod ${metadata.name}${spec?.nodeName ? ` on ${spec.nodeName}` : ''}: ${words}`),
  ]
}

function describeContainer(pod: PodObject, { name, ready, state, lastState, restartCount }: ContainerStatus): string {
  const { waiting, terminated, running } = state ?? {}
  const limit = memoryLimit(pod, name)
  const before = lastState?.terminated
  const parts = [
    ...(waiting ? [`waiting (${waiting.reason ?? 'no reason given'})`] : []),
    ...(running ? [ready ? 'running and ready' : 'running, not ready'] : []),
    ...(terminated ? [describeEnd('ended', terminated)] : []),
    ...(before ? [describeEnd('the run before ended', before)] : []),
    ...(restartCount > 0 ? [`${restartCount} restart${restartCount === 1 ? '' : 's'}`] : []),
    ...(limit ? [`memory limit ${limit}`] : []),
  ]
  return parts.join(', ') || 'not there yet'
}

function describeEnd(what: string, { exitCode, reason, signal }: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>): string {
  const more = [reason, signal ? `signal ${signal}` : ''].filter(Boolean).join(', ')
  return `${what} with exit code ${exitCode}${more ? ` (${more})` : ''}`
}
