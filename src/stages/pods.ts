import type { FailureKind } from '../pipeline/failure.ts'
import type { ContainerStatus, PodObject } from './kubernetes.ts'

/** Whether a pod serves: Ready, or done for good. */
export function isPodReady({ status }: PodObject): boolean {
  if (status?.phase === 'Succeeded') return true
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

/** What keeps a pod from serving, in the pod's own words. */
export interface PodProblem {
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

/** Finds what is wrong with a pod that is not ready; undefined while it is just not there yet. */
export function podProblem(pod: PodObject): PodProblem | undefined {
  const { status } = pod
  const name = pod.metadata.name
  if (status?.phase === 'Failed' && byItsNode(status)) {
    return {
      ...problem(`pod ${name} was ended by its node: ${[status.reason, status.message].filter(Boolean).join(': ')}`, 'Give the machine more disk and memory.', {
        // Its successor may find a better place.
        settled: false,
      }),
      kind: 'infrastructure',
    }
  }
  if (status?.phase === 'Failed' && (status.containerStatuses ?? []).length === 0) {
    return problem(`pod ${name} failed: ${[status.reason, status.message].filter(Boolean).join(': ')}`, 'The artifact holds the pod’s description.', {
      settled: true,
    })
  }
  // An init container that has ended well is done, whatever it took.
  const waitedFor = (status?.initContainerStatuses ?? []).filter(({ state }) => state?.terminated?.exitCode !== 0)
  for (const container of [...waitedFor, ...(status?.containerStatuses ?? [])]) {
    const found = containerProblem(pod, container)
    if (found) return found
  }
  const unscheduled = status?.conditions?.find(({ type, status: value }) => type === 'PodScheduled' && value === 'False')
  if (unscheduled?.reason === 'Unschedulable') {
    const message = `pod ${name} cannot be scheduled: ${unscheduled.message}`
    // Taints of this family say what a node suffers from; nobody's pod put them there.
    const ailing = /\bnode\.kubernetes\.io\/[\w-]+/.exec(unscheduled.message ?? '')
    if (ailing) return { ...problem(message, 'Look at the nodes’ conditions and logs in the artifact.', { settled: false }), kind: 'infrastructure' }
    return problem(message, 'Lower its requests or add workers.', { settled: false })
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
    case 'CreateContainerError':
    case 'RunContainerError':
      return problem(`${where}: ${waiting.reason}: ${waiting.message ?? ''}`, 'Mend the pod’s specification.', { settled: true, container: name })
  }
  const ended = terminated ?? (waiting?.reason === 'CrashLoopBackOff' || restartCount > 0 ? lastState?.terminated : undefined)
  if (!ended || (ended.exitCode === 0 && restartCount === 0)) return undefined
  const settled = restartCount >= settledRestarts || waiting?.reason === 'CrashLoopBackOff'
  const previousLog = terminated === undefined
  if (ended.reason === 'OOMKilled') {
    const limit = pod.spec?.containers?.find((candidate) => candidate.name === name)?.resources?.limits?.memory
    return problem(`${where} was OOMKilled${limit ? ` (memory limit ${limit})` : ''}`, 'Raise the memory limit, or make the service use less.', {
      settled,
      container: name,
      previousLog,
    })
  }
  const times = restartCount > 0 ? `, ${restartCount} restart${restartCount === 1 ? '' : 's'}` : ''
  const reason = ended.reason && ended.reason !== 'Error' ? ` (${ended.reason})` : ''
  const said = ended.message ? `: ${ended.message.trim()}` : ''
  return problem(`${where} crashed with exit code ${ended.exitCode}${reason}${times}${said}`, 'Look at its last log lines in the report.', {
    settled,
    container: name,
    previousLog,
  })
}

/** A pull that the registry refused is the reference's fault; one that never got an answer, or was throttled, is not. */
function imageProblem(where: string, image: string, reason: string, message: string): PodProblem {
  // The kubelet and containerd each repeat the image's name before they come to the point.
  const preamble =
    /^(?:Back-off pulling image "[^"]*"(?:: |$)|ErrImagePull: |rpc error: code = \w+ desc = |failed to pull and unpack image "[^"]*": |failed to resolve reference "[^"]*": )+/
  const words = message.replace(preamble, '').trim()
  // Names and addresses may hold any word; what the registry said stands outside of them.
  const said = words
    .replaceAll(image, '')
    .replace(/"[^"]*"/g, '')
    .replace(/https?:\/\/\S+/g, '')
    .replace(/sha256:[0-9a-f]+/g, '')
  const refused = /not found|manifest unknown|denied|unauthorized|forbidden|authorization failed|invalid reference|couldn't parse image|\b40[134]\b/i
  const throttled = /\b429\b|too ?many ?requests|rate limit/i.test(said)
  const ownFault = reason === 'InvalidImageName' || reason === 'ErrImageNeverPull' || (!throttled && refused.test(said))
  const remedy = throttled
    ? 'The registry throttles this machine. Run the job again later, or name another registry in image-overrides.'
    : ownFault
      ? 'Check the image’s name and tag, and that it may be pulled without a login.'
      : 'Check that the nodes reach the registry; run the job again if it was a passing fault.'
  return {
    message: `${where}: image ${image} cannot be pulled (${reason}${words ? `: ${shorten(words)}` : ''})`,
    remedy,
    kind: ownFault ? 'workload' : 'infrastructure',
    // The kubelet tries again after 10, 20, 40 s; a passing fault deserves some of that.
    settled: ownFault,
    container: null,
    previousLog: false,
  }
}

function shorten(words: string): string {
  return words.length > 300 ? `${words.slice(0, 140)} … ${words.slice(-140)}` : words
}

function problem(message: string, remedy: string, more: { settled: boolean; container?: string; previousLog?: boolean }): PodProblem {
  return { message, remedy, kind: 'workload', container: null, previousLog: false, ...more }
}
