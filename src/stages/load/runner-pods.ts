import type { Failure } from '../../pipeline/failure.ts'
import { stageFailure } from '../cause.ts'
import type { PodObject } from '../kubernetes.ts'
import { podEvidence } from '../pod-evidence.ts'
import { describePod, isPodReady, losePatience, type PodProblem } from '../pods.ts'
import { asInfrastructure } from '../rollout.ts'

/** Name of the container that runs k6. */
export const k6Container = 'k6'

/** A pod whose k6 has ended. */
export interface EndedPod {
  readonly pod: PodObject
  readonly exitCode: number
}

/** Where the pods of a load are. */
export type RunnerPods = { readonly running: number; readonly waiting: string } | { readonly ended: readonly EndedPod[] }

/** k6's exit code for thresholds that were crossed: the load itself ended as it should. */
const thresholdsCrossed = 99

/**
 * Follows the pods of a load. Asked at every change of theirs; it remembers which were there.
 * @param wanted how many there are to be
 * @param patienceMs how long a pod's trouble may last
 * @throws Failure for what keeps k6 from running or ends it from outside: never the workload's
 */
export function followRunners(wanted: number, patienceMs = 15_000, now: () => number = () => performance.now()): (pods: readonly PodObject[]) => RunnerPods {
  const known = new Map<string, EndedPod | null>()
  const hopeless = losePatience(patienceMs, now)
  return (pods) => {
    for (const pod of pods) {
      const exitCode = endOf(pod)
      known.set(pod.metadata.name, exitCode === undefined ? null : { pod, exitCode })
    }
    const open = pods.filter((pod) => known.get(pod.metadata.name) === null)
    const trouble = hopeless(open)
    if (trouble) throw asInfrastructure(keptFromRunning(trouble))
    for (const [name, end] of known) {
      if (end === null && !pods.some(({ metadata }) => metadata.name === name)) throw lost(name)
    }
    const ended = [...known.values()].filter((end) => end !== null)
    const failed = ended.filter(({ exitCode }) => exitCode !== 0 && exitCode !== thresholdsCrossed)
    if (failed.length > 0) return { ended: failed }
    if (ended.length >= wanted) return { ended }
    const late = open.filter((pod) => !isRunning(pod))
    const waiting = [...late.map(describePod), ...(known.size < wanted ? [`${known.size} of ${wanted} pods are there`] : [])]
    return { running: ended.length + open.length - late.length, waiting: waiting.join('; ') }
  }
}

function keptFromRunning({ pod, problem }: { pod: PodObject; problem: PodProblem }): Failure {
  const { code, message, kind, remedy } = problem
  return stageFailure(code, message, { kind, remedy, evidence: podEvidence(pod, { events: [], log: [] }) })
}

function isRunning(pod: PodObject): boolean {
  return isPodReady(pod) || (pod.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) ?? false)
}

/**
 * The exit code of a pod's k6, or undefined while it runs or has not begun.
 * @throws Failure when something else ended it
 */
function endOf(pod: PodObject): number | undefined {
  const { metadata, spec, status } = pod
  const container = status?.containerStatuses?.find(({ name }) => name === k6Container)
  const end = container?.state?.terminated
  if (end?.reason === 'OOMKilled') {
    const limit = spec?.containers?.find(({ name }) => name === k6Container)?.resources?.limits?.memory
    throw stageFailure('out-of-memory', `pod ${metadata.name}, which sent the load, was OOMKilled${limit ? ` (memory limit ${limit})` : ''}`, {
      kind: 'measurement',
      remedy: 'Lower the number of users, or spread the load over more pods with load-runner: distributed.',
    })
  }
  // Evicted, preempted, or with its node: the container's own exit code, if it has one, is only the signal's.
  if (status?.phase === 'Failed' && status.reason) {
    throw stageFailure(
      'evicted',
      `pod ${metadata.name}, which sent the load, was ended by the cluster: ${[status.reason, status.message].filter(Boolean).join(': ')}`,
      {
        kind: 'infrastructure',
        remedy: 'Run the job again; give the machine more memory and disk if it was short of them.',
      },
    )
  }
  return end?.exitCode
}

function lost(name: string): Failure {
  return stageFailure('k6-killed', `pod ${name}, which sent the load, was removed before it had ended`, {
    kind: 'infrastructure',
    remedy: 'Run the job again; look at the nodes’ conditions in the artifact.',
  })
}
