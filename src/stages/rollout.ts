import { type Failure, toFailure } from '../pipeline/failure.ts'
import type { StageContext } from '../pipeline/stage.ts'
import { retold, stageFailure } from './cause.ts'
import { inOrder } from './events.ts'
import type { DeploymentObject, Kubernetes, PodObject } from './kubernetes.ts'
import { podFailure } from './pod-failure.ts'
import { describePod, isPodReady, losePatience } from './pods.ts'

/** Deployments of one namespace that belong together. */
export interface Rollout {
  readonly namespace: string
  readonly deployments: readonly string[]
}

function isAvailable({ metadata, spec, status }: DeploymentObject): boolean {
  const replicas = spec?.replicas ?? 1
  return (
    (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0) &&
    (status?.updatedReplicas ?? 0) >= replicas &&
    (status?.availableReplicas ?? 0) >= replicas
  )
}

/**
 * Waits until every deployment is fully available, and gives up early when a pod's trouble will not pass.
 * @param allJoined settles when the cluster has all its nodes; until then a pod without a place is no trouble
 * @throws Failure in the pod's own words
 */
export async function rolledOut(
  kubernetes: Kubernetes,
  { namespace, deployments }: Rollout,
  allJoined: Promise<void>,
  { signal, progress }: StageContext,
): Promise<void> {
  const settled = new AbortController()
  const own = AbortSignal.any([signal, settled.signal])
  const hopeless = losePatience()
  let joined = false
  let pods: readonly PodObject[] = []
  const settledBefore = Promise.withResolvers<ReturnType<typeof hopeless>>()
  const lookAgain = () => {
    joined = true
    // A pod whose trouble was settled by then may never change again.
    const found = hopeless(pods)
    if (found) settledBefore.resolve(found)
  }
  allJoined.then(lookAgain, () => {})
  const refusal = watchRefusals(kubernetes, namespace, own)
  const trouble = kubernetes.watch(
    'pods',
    { namespace },
    (current) => {
      pods = current
      return joined ? hopeless(current) : undefined
    },
    own,
  )
  const available = kubernetes.watch(
    'deployments',
    { namespace },
    (current) => {
      const wanted = deployments.map((name) => current.find(({ metadata }) => metadata.name === name))
      if (wanted.every((deployment) => deployment && isAvailable(deployment))) return true
      refusal.look(wanted)
      const counts = wanted.map(
        (deployment, index) => `${deployments[index]} ${deployment?.status?.availableReplicas ?? 0}/${deployment?.spec?.replicas ?? '?'}`,
      )
      const late = joined ? pods.filter((pod) => !isPodReady(pod)).map(describePod) : []
      progress(`available: ${counts.join(', ')}${late.length > 0 ? ` (${late.slice(0, 2).join('; ')})` : ''}`)
      return undefined
    },
    own,
  )
  trouble.catch(() => {})
  available.catch(() => {})
  try {
    const first = await Promise.race([available, trouble, settledBefore.promise, refusal.refused])
    if (first !== true && first !== undefined) throw await podFailure(kubernetes, { namespace, deployments }, first.pod, first.problem, signal)
  } finally {
    settled.abort()
    refusal.end()
  }
}

/** How long the API server may refuse a deployment's pods before it is asked what it says now, in milliseconds. */
const refusalPatienceMs = 20_000

/** A young namespace lacks its account until a controller has made it, which takes longer just after the API server has restarted. */
const youngNamespace = /serviceaccount "default" not found/

/** Rejects when the API server keeps refusing to make pods, for a quota or for pod security: there is no pod then that could tell. */
function watchRefusals(kubernetes: Kubernetes, namespace: string, signal: AbortSignal) {
  const { promise: refused, reject } = Promise.withResolvers<never>()
  refused.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  const end = () => {
    clearTimeout(timer)
    timer = undefined
  }
  const judge = async (name: string, condition: string): Promise<void> => {
    const words = (await lastRefusal(kubernetes, namespace, name, signal).catch(() => undefined)) ?? condition
    // Ended meanwhile: the pods were made after all.
    if (timer === undefined || signal.aborted) return
    if (youngNamespace.test(words)) timer = setTimeout(judge, refusalPatienceMs, name, condition)
    else
      reject(
        stageFailure('rejected', `${name}: the API server refuses its pods: ${words}`, {
          kind: 'workload',
          remedy: 'Mend what the message names in the pod’s specification.',
          evidence: [`condition ReplicaFailure of Deployment ${name}: ${condition}`],
        }),
      )
  }
  const look = (deployments: readonly (DeploymentObject | undefined)[]) => {
    for (const { metadata, status } of deployments.filter((deployment) => deployment !== undefined)) {
      const condition = status?.conditions?.find(({ type, status: value }) => type === 'ReplicaFailure' && value === 'True')
      if (!condition) continue
      timer ??= setTimeout(judge, refusalPatienceMs, metadata.name, condition.message ?? condition.reason ?? '')
      return
    }
    end()
  }
  return { refused, look, end }
}

/** What the API server said last when it refused a deployment's pods: the deployment's own condition keeps what it said first. */
async function lastRefusal(kubernetes: Kubernetes, namespace: string, deployment: string, signal: AbortSignal): Promise<string | undefined> {
  const events = await kubernetes.list('events', { namespace }, signal)
  const refusals = events.filter(
    ({ reason, involvedObject: { kind, name } }) => reason === 'FailedCreate' && kind === 'ReplicaSet' && name?.startsWith(`${deployment}-`),
  )
  return inOrder(refusals).at(-1)?.message
}

/** What we install ourselves is never the user's workload: its failure is the infrastructure's. */
export function asInfrastructure(error: unknown): Failure {
  const failure = toFailure(error)
  if (failure.kind !== 'workload') return failure
  return retold(failure, { kind: 'infrastructure' })
}
