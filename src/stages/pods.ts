import type { FailureKind } from '../pipeline/failure.ts'
import type { CauseCode } from './cause.ts'
import { imageTrouble } from './image-trouble.ts'
import type { ContainerStatus, PodObject } from './kubernetes.ts'

/** Whether a pod serves: Ready, or done for good. */
export function isPodReady({ status }: PodObject): boolean {
  if (status?.phase === 'Succeeded') return true
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

/** What keeps a pod from serving, in the pod's own words. */
export interface PodProblem {
  readonly code: CauseCode
  readonly message: string
  readonly remedy: string
  readonly kind: FailureKind
  /** Waiting longer will not help. */
  readonly settled: boolean
  /** Container whose log explains more, and whether its previous run's log does. */
  readonly container: string | null
  readonly previousLog: boolean
}

/** Restarts after which a crash is no accident. Kubernetes waits 10 s, then 20 s between them. */
const settledRestarts = 2

/** The containers that a pod still has to do with, in their order: an init container that has ended well is done, whatever it took. */
export function unfinishedContainers({ status }: PodObject): ContainerStatus[] {
  const waitedFor = (status?.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0)
  return [...waitedFor, ...(status?.containerStatuses ?? [])]
}

/** Finds what is wrong with a pod that is not ready; undefined while it is just not there yet. */
export function podProblem(pod: PodObject): PodProblem | undefined {
  const { status } = pod
  const name = pod.metadata.name
  if (status?.phase === 'Failed' && byItsNode(status)) {
    return {
      ...problem(
        'evicted',
        `pod ${name} was ended by its node: ${[status.reason, status.message].filter(Boolean).join(': ')}`,
        'Give the machine more disk and memory.',
        {
          // Its successor may find a better place.
          settled: false,
        },
      ),
      kind: 'infrastructure',
    }
  }
  if (status?.phase === 'Failed' && (status.containerStatuses ?? []).length === 0) {
    const code = status.reason === 'Evicted' ? 'evicted' : 'container-error'
    const words = [status.reason, status.message].filter(Boolean).join(': ')
    return problem(code, `pod ${name} failed: ${words}`, 'The artifact holds the pod’s description.', { settled: true })
  }
  for (const container of unfinishedContainers(pod)) {
    const found = containerProblem(pod, container)
    if (found) return found
  }
  const unscheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False')
  if (unscheduled?.reason === 'Unschedulable') {
    const message = `pod ${name} cannot be scheduled: ${unscheduled.message}`
    // Taints of this family say what a node suffers from; nobody's pod put them there.
    const ailing = /\bnode\.kubernetes\.io\/[\w-]+/.exec(unscheduled.message ?? '')
    if (ailing)
      return {
        ...problem(ailmentCode(ailing[0]), message, 'Look at the nodes’ conditions and logs in the artifact.', { settled: false }),
        kind: 'infrastructure',
      }
    return problem('unschedulable', message, 'Lower its requests or add workers.', { settled: false })
  }
  return undefined
}

/**
 * Tells when to stop hoping: at a problem that is settled, or that lasted longer than `patienceMs`.
 * Asked at every change of the pods, which a failing pod's kubelet keeps causing.
 */
export function losePatience(
  patienceMs = 45_000,
  now: () => number = () => performance.now(),
): (pods: readonly PodObject[]) => { pod: PodObject; problem: PodProblem } | undefined {
  const since = new Map<string, number>()
  return (pods) => {
    for (const pod of pods) {
      const { name, deletionTimestamp } = pod.metadata
      const found = isPodReady(pod) || deletionTimestamp ? undefined : podProblem(pod)
      if (!found) since.delete(name)
      else if (found.settled || now() - (since.get(name) ?? now()) >= patienceMs) return { pod, problem: found }
      else if (!since.has(name)) since.set(name, now())
    }
    return undefined
  }
}

/** Whether a pod ended for want of what its node has, rather than for having exceeded a limit of its own. */
function byItsNode({ reason, message = '' }: NonNullable<PodObject['status']>): boolean {
  if (reason === 'Evicted') return /node (?:was low on resource|had condition)/i.test(message)
  return reason === 'NodeLost' || reason === 'NodeShutdown' || reason === 'Shutdown' || (reason === 'Terminated' && /node shutdown/i.test(message))
}

/** Reasons of events by which a node says that it cannot run pods at all. */
const nodeReasons: readonly string[] = [
  'FailedCreatePodSandBox',
  'NetworkNotReady',
  'NodeNotReady',
  'FailedCreatePodContainer',
  'EvictionThresholdMet',
  'FreeDiskSpaceFailed',
]

/** Whose fault a warning about a pod speaks of. */
export function eventKind(reason: string | undefined): FailureKind {
  return reason !== undefined && nodeReasons.includes(reason) ? 'infrastructure' : 'workload'
}

/** One line about a pod that is not ready. */
export function describePod(pod: PodObject): string {
  const found = podProblem(pod)
  if (found) return found.message
  const { status, metadata } = pod
  const waiting = status?.containerStatuses?.find(({ ready }) => !ready)
  const state = waiting?.state?.waiting?.reason ?? (waiting?.state?.running ? 'running, but not ready' : (status?.phase ?? 'unknown'))
  return `pod ${metadata.name} is ${state}`
}

/** What a taint of the family `node.kubernetes.io/` says of a node. */
function ailmentCode(taint: string): CauseCode {
  return taint.endsWith('-pressure') ? 'node-pressure' : 'node-down'
}

/** A container's memory limit as its pod has it. */
export function memoryLimit({ spec }: PodObject, container: string): string | undefined {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  return all.find(({ name }) => name === container)?.resources?.limits?.memory
}

function containerProblem(pod: PodObject, { name, state, lastState, restartCount, image }: ContainerStatus): PodProblem | undefined {
  const where = `pod ${pod.metadata.name}`
  const { waiting, terminated } = state ?? {}
  switch (waiting?.reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'InvalidImageName':
    case 'ErrImageNeverPull':
      return imageProblem(where, image ?? 'its image', waiting.reason, waiting.message ?? '')
    case 'CreateContainerConfigError':
      return problem('config-error', `${where}: ${waiting.reason}: ${waiting.message ?? ''}`, 'Create what it names, or mend the pod’s specification.', {
        settled: true,
        container: name,
      })
    case 'CreateContainerError':
    case 'RunContainerError':
      return problem('container-error', `${where}: ${waiting.reason}: ${waiting.message ?? ''}`, 'Mend the pod’s specification.', {
        settled: true,
        container: name,
      })
  }
  const ended = terminated ?? (waiting?.reason === 'CrashLoopBackOff' || restartCount > 0 ? lastState?.terminated : undefined)
  if (!ended || (ended.exitCode === 0 && restartCount === 0)) return undefined
  const settled = restartCount >= settledRestarts || waiting?.reason === 'CrashLoopBackOff'
  const previousLog = terminated === undefined
  if (ended.reason === 'OOMKilled') {
    const limit = memoryLimit(pod, name)
    return problem(
      'out-of-memory',
      `${where} was OOMKilled${limit ? ` (memory limit ${limit})` : ''}`,
      'Raise the memory limit, or make the service use less.',
      {
        settled,
        container: name,
        previousLog,
      },
    )
  }
  const times = restartCount > 0 ? `, ${restartCount} restart${restartCount === 1 ? '' : 's'}` : ''
  const reason = ended.reason && ended.reason !== 'Error' ? ` (${ended.reason})` : ''
  const said = ended.message ? `: ${ended.message.trim()}` : ''
  return problem(
    'crash-loop',
    `${where} crashed with exit code ${ended.exitCode}${reason}${times}${said}`,
    'Its last log lines say why; the artifact holds all of them.',
    {
      settled,
      container: name,
      previousLog,
    },
  )
}

/** A pull that the registry refused will not get better; a passing fault deserves some of the kubelet's tries after 10, 20, 40 s. */
function imageProblem(where: string, image: string, reason: string, message: string): PodProblem {
  const { words, ...trouble } = imageTrouble(image, reason, message)
  return {
    ...trouble,
    message: `${where}: image ${image} cannot be pulled (${reason}${words ? `: ${shorten(words)}` : ''})`,
    settled: trouble.kind === 'workload',
    container: null,
    previousLog: false,
  }
}

function shorten(words: string): string {
  return words.length > 300 ? `${words.slice(0, 140)} … ${words.slice(-140)}` : words
}

function problem(code: CauseCode, message: string, remedy: string, more: { settled: boolean; container?: string; previousLog?: boolean }): PodProblem {
  return { code, message, remedy, kind: 'workload', container: null, previousLog: false, ...more }
}
