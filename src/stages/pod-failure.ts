import type { Failure } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import { retold, stageFailure } from './cause.ts'
import { lastWarnings } from './events.ts'
import type { EventObject, Kubernetes, PodObject } from './kubernetes.ts'
import { nodeTrouble } from './node-trouble.ts'
import { podEvidence } from './pod-evidence.ts'
import { describePod, eventKind, isPodReady, type PodProblem, podProblem } from './pods.ts'
import { describeProbe, endedByProbe, probeRemedy, probeTrouble, runsUnready } from './probe-trouble.ts'
import type { Rollout } from './rollout.ts'

/** Makes a timeout say what the pods say; other failures speak for themselves. */
export async function rolloutFailure(kubernetes: Kubernetes, rollout: Rollout, failure: Failure, signal: AbortSignal): Promise<Failure> {
  if (!failure.timedOut) return failure
  const ofNodes = await nodeTrouble(kubernetes, 'not-ready', signal)
  if (ofNodes) return ofNodes
  return (await podTrouble(kubernetes, rollout, signal)) ?? (await latePods(kubernetes, rollout, failure, signal)) ?? failure
}

/** What is wrong with the nodes, or else with the pods, right now, in their own words; undefined when nothing is that they could name. */
export async function podTrouble(kubernetes: Kubernetes, rollout: Rollout, signal: AbortSignal): Promise<Failure | undefined> {
  const ofNodes = await nodeTrouble(kubernetes, 'stopped', signal)
  if (ofNodes) return ofNodes
  const pods = await kubernetes.list('pods', { namespace: rollout.namespace }, signal)
  for (const pod of pods) {
    const problem = isPodReady(pod) ? undefined : podProblem(pod)
    if (problem) return await podFailure(kubernetes, rollout, pod, problem, signal)
  }
  return undefined
}

/** A pod that runs and whose probe fails, as a failure; undefined when there is none. */
export async function unreadyPod(kubernetes: Kubernetes, { namespace, deployments }: Rollout, signal: AbortSignal): Promise<Failure | undefined> {
  const pods = await kubernetes.list('pods', { namespace }, signal)
  const late = pods.filter(runsUnready)
  if (late.length === 0) return undefined
  const events = await kubernetes.list('events', { namespace }, signal)
  for (const pod of late) {
    const trouble = probeTrouble(pod, events)
    if (!trouble) continue
    const [{ name: container = '' } = {}] = pod.status?.containerStatuses?.filter(({ ready }) => !ready) ?? []
    const log = await lastLines(kubernetes, pod, container, false, signal)
    return stageFailure('probe-failing', `${counted(deployments, pod, pods)}pod ${pod.metadata.name} runs, but ${describeProbe(trouble)}`, {
      kind: 'workload',
      remedy: probeRemedy,
      evidence: podEvidence(pod, { events, log }),
    })
  }
  return undefined
}

/** What there is to say of pods that are late without a trouble that has a name. */
async function latePods(kubernetes: Kubernetes, rollout: Rollout, failure: Failure, signal: AbortSignal): Promise<Failure | undefined> {
  const unready = await unreadyPod(kubernetes, rollout, signal)
  if (unready) return retold(unready, { cause: failure })
  const { namespace } = rollout
  const [pods, events] = await Promise.all([kubernetes.list('pods', { namespace }, signal), kubernetes.list('events', { namespace }, signal)])
  const late = pods.filter((pod) => !isPodReady(pod))
  if (late.length === 0) return undefined
  const last = late.flatMap(({ metadata }) => lastWarnings(events, metadata.name)).at(-1)
  return stageFailure('not-ready', `${late.map(describePod).join('; ')}${last ? `; last event: ${last.reason}: ${last.message}` : ''} (${failure.message})`, {
    kind: eventKind(last?.reason),
    remedy: 'Look at the pods’ descriptions and logs in the artifact.',
    evidence: late.flatMap((pod) => podEvidence(pod, { events, log: [] })),
    cause: failure,
  })
}

/** How long may be spent on gathering what explains a failure, in milliseconds: it must not hide that there is one. */
const gatherMs = 5000

/** A pod's problem as a failure, with all that explains it and can be read. */
export async function podFailure(
  kubernetes: Kubernetes,
  { namespace, deployments }: Rollout,
  pod: PodObject,
  problem: PodProblem,
  signal: AbortSignal,
): Promise<Failure> {
  const { container, previousLog } = problem
  const gather = async <T>(work: (own: AbortSignal) => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await withDeadline(gatherMs, signal, work)
    } catch {
      return otherwise
    }
  }
  const [pods, events, log] = await Promise.all([
    gather<readonly PodObject[]>((own) => kubernetes.list('pods', { namespace }, own), []),
    gather<readonly EventObject[]>((own) => kubernetes.list('events', { namespace }, own), []),
    container === null ? [] : gather((own) => lastLines(kubernetes, pod, container, previousLog, own), []),
  ])
  const count = counted(deployments, pod, pods)
  const evidence = podEvidence(pod, { events, log })
  // A pod that never got to run may have nothing to do with it.
  const ofNodes = problem.kind === 'workload' && container === null ? await gather((own) => nodeTrouble(kubernetes, 'not-ready', own), undefined) : undefined
  if (ofNodes) return retold(ofNodes, { message: `${count}${problem.message}; ${ofNodes.message}`, evidence: [...ofNodes.evidence, ...evidence] })
  const killer = problem.code === 'crash-loop' ? endedByProbe(pod, events) : undefined
  if (killer) {
    const message = `${count}pod ${pod.metadata.name} is restarted again and again, for ${describeProbe(killer)}`
    return stageFailure('probe-failing', message, { kind: problem.kind, remedy: probeRemedy, evidence })
  }
  const last = log.at(-1)
  return stageFailure(problem.code, `${count}${problem.message}${last ? `, last log line: ${last.slice(0, 300)}` : ''}`, {
    kind: problem.kind,
    remedy: problem.remedy,
    evidence,
  })
}

/** How many pods of the same deployment are ready, to begin a sentence with; empty when that is not known. */
function counted(deployments: readonly string[], { metadata }: PodObject, pods: readonly PodObject[]): string {
  const owner = deployments.find((name) => metadata.name.startsWith(`${name}-`))
  const siblings = pods.filter(({ metadata: { name } }) => owner !== undefined && name.startsWith(`${owner}-`))
  return siblings.length > 0 ? `${owner}: ${siblings.filter(isPodReady).length} of ${siblings.length} pods ready; ` : ''
}

/** The last lines a container wrote, oldest first; falls back to its other run's log. Empty when none can be read. */
async function lastLines(kubernetes: Kubernetes, pod: PodObject, container: string, previous: boolean, signal: AbortSignal): Promise<string[]> {
  for (const which of [previous, !previous]) {
    try {
      const log = await kubernetes.logs(pod, container, { previous: which, tailLines: 5 }, signal)
      const lines = log.split('\n').filter((line) => line.trim() !== '')
      if (lines.length > 0) return lines.map((line) => line.trimEnd())
    } catch {
      // A log that cannot be read must not hide the failure it would explain.
    }
  }
  return []
}
