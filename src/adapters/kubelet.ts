import { messageOf } from '../pipeline/failure.ts'
import { raceSignal, withDeadline } from '../pipeline/race.ts'
import type { ContainerStatus, Kubernetes, PodObject } from '../stages/kubernetes.ts'
import { type ContainerMeter, type ContainerReading, containerMeter, type TimedValue } from '../stages/load/meter.ts'
import type { ContainerUse, ResourceSampler, ResourceUse, ServiceUse } from '../stages/load/resources.ts'
import { parseQuantity } from '../stages/quantity.ts'
import { prometheusSamples } from './prometheus.ts'

/** Pods to follow: those of a deployment. */
export interface FollowedPods {
  readonly name: string
  readonly namespace: string
  readonly deployment: string
}

export interface KubeletOptions {
  readonly services: readonly FollowedPods[]
  readonly controller: FollowedPods | null
}

/** Pause between two looks, in milliseconds: kubelets have something new every 10 to 20 s. */
const pauseMs = 5000

/** Longest that one look may take, in milliseconds; the last one is waited for when the load is over. */
const lookMs = 10_000

/**
 * Follows pods through the kubelets' own metrics, which need no metrics-server. What fails is missing and said in the note,
 * and neither fails nor slows the load. Memory is bounded by the number of containers, not by the length of the load.
 */
export function kubeletSampler(connect: () => Promise<Kubernetes>, options: KubeletOptions): ResourceSampler {
  return {
    start: async ({ signal }) => {
      const over = new AbortController()
      const following = follow(connect, options, AbortSignal.any([signal, over.signal]), signal)
      return async () => {
        over.abort()
        return await following
      }
    },
  }
}

/** Looks until the load is over, and then once more. */
async function follow(connect: () => Promise<Kubernetes>, options: KubeletOptions, over: AbortSignal, signal: AbortSignal): Promise<ResourceUse> {
  const all = [...options.services, ...(options.controller ? [options.controller] : [])]
  const seen = new Map<string, Followed>()
  let problem: string | null = null
  const look = async (outer: AbortSignal, ends: boolean) => {
    try {
      await withDeadline(lookMs, outer, async (own) => {
        const kubernetes = await connect()
        const pods = await podsOf(kubernetes, all, own)
        const first = seen.size === 0
        for (const pod of pods) notice(seen, pod, first)
        const nodes = [...new Set(pods.flatMap(({ pod }) => pod.spec?.nodeName ?? []))]
        await Promise.all(nodes.map((node) => read(kubernetes, node, seen, ends, own)))
      })
    } catch (error) {
      if (!outer.aborted) problem ??= `pods’ use was not always read: ${messageOf(error)}`
    }
  }
  for (let looks = 0; !over.aborted; looks += 1) {
    await look(over, looks === 0)
    await pause(over)
  }
  if (!signal.aborted) await look(signal, true)
  return useOf(options, [...seen.values()], problem)
}

/** Ends early when the load does. */
async function pause(over: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, pauseMs)
  await raceSignal(promise, over).catch(() => {})
  clearTimeout(timer)
}

/** A pod and whose it is. */
interface OwnedPod {
  readonly owner: FollowedPods
  readonly pod: PodObject
}

/** A container from its first to its last look. */
interface Followed {
  readonly owner: FollowedPods
  readonly pod: string
  readonly container: string
  readonly limits: ContainerUse['limits']
  readonly meter: ContainerMeter
  readonly restartsBefore: number
  last: ContainerStatus | undefined
  periods: { first: Throttling; last: Throttling } | null
}

/** Scheduling periods so far: all of them, and those in which it was throttled. */
interface Throttling {
  readonly all: number
  readonly throttled: number
}

async function podsOf(kubernetes: Kubernetes, owners: readonly FollowedPods[], signal: AbortSignal): Promise<OwnedPod[]> {
  const namespaces = [...new Set(owners.map(({ namespace }) => namespace))]
  const pods = (await Promise.all(namespaces.map((namespace) => kubernetes.list('pods', { namespace }, signal)))).flat()
  return pods.flatMap((pod) => {
    // A deployment's pods are `<deployment>-<hash>-<five characters>`; `foo-bar`'s are not `foo`'s.
    const owner = owners.find(
      ({ namespace, deployment }) =>
        (pod.metadata.namespace ?? 'default') === namespace &&
        pod.metadata.name.startsWith(`${deployment}-`) &&
        /^[a-z0-9]+-[a-z0-9]{5}$/.test(pod.metadata.name.slice(deployment.length + 1)),
    )
    return owner ? [{ owner, pod }] : []
  })
}

/** What is first seen after the first look came with the load, and so did its restarts. */
function notice(seen: Map<string, Followed>, { owner, pod }: OwnedPod, first: boolean): void {
  for (const { name: container, resources } of pod.spec?.containers ?? []) {
    const status = pod.status?.containerStatuses?.find(({ name }) => name === container)
    const key = keyOf(owner.namespace, pod.metadata.name, container)
    const known = seen.get(key)
    if (known) known.last = status ?? known.last
    else {
      const limits = { cpuCores: parseQuantity(resources?.limits?.cpu), memoryBytes: parseQuantity(resources?.limits?.memory) }
      const restartsBefore = first ? (status?.restartCount ?? 0) : 0
      seen.set(key, { owner, pod: pod.metadata.name, container, limits, meter: containerMeter(), restartsBefore, last: status, periods: null })
    }
  }
}

/**
 * Reads one node's metrics. `metrics/resource` is short and tells times to the millisecond, where `stats/summary` has whole
 * seconds. Throttling is told only by the long `metrics/cadvisor`, which is read at the ends of the load.
 */
async function read(kubernetes: Kubernetes, node: string, seen: ReadonlyMap<string, Followed>, ends: boolean, signal: AbortSignal): Promise<void> {
  const cpu = 'container_cpu_usage_seconds_total'
  const memory = 'container_memory_working_set_bytes'
  const readings = new Map<string, { cpu: TimedValue | null; memory: TimedValue | null }>()
  for (const { name, labels, value, atMs } of prometheusSamples(await kubernetes.kubelet(node, 'metrics/resource', signal), [cpu, memory])) {
    const key = keyOf(labels.namespace, labels.pod, labels.container)
    if (!seen.has(key) || atMs === null) continue
    const reading = readings.get(key) ?? { cpu: null, memory: null }
    readings.set(key, { ...reading, [name === cpu ? 'cpu' : 'memory']: { value, atMs } })
  }
  for (const [key, reading] of readings) seen.get(key)?.meter.add(reading satisfies ContainerReading)
  const limited = [...readings.keys()].some((key) => seen.get(key)?.limits.cpuCores !== null)
  if (ends && limited) await readThrottling(kubernetes, node, seen, signal)
}

async function readThrottling(kubernetes: Kubernetes, node: string, seen: ReadonlyMap<string, Followed>, signal: AbortSignal): Promise<void> {
  const all = 'container_cpu_cfs_periods_total'
  const throttled = 'container_cpu_cfs_throttled_periods_total'
  const counted = new Map<string, Throttling>()
  // Many kubelets do not tell it; then it is not measured.
  const text = await kubernetes.kubelet(node, 'metrics/cadvisor', signal).catch(() => '')
  for (const { name, labels, value } of prometheusSamples(text, [all, throttled])) {
    const key = keyOf(labels.namespace, labels.pod, labels.container)
    if (seen.has(key)) counted.set(key, { ...(counted.get(key) ?? { all: 0, throttled: 0 }), [name === all ? 'all' : 'throttled']: value })
  }
  for (const [key, last] of counted) {
    const followed = seen.get(key)
    if (followed) followed.periods = { first: followed.periods?.first ?? last, last }
  }
}

function useOf({ services, controller }: KubeletOptions, seen: readonly Followed[], problem: string | null): ResourceUse {
  const of = (owner: FollowedPods): ServiceUse => ({ name: owner.name, containers: seen.filter((each) => each.owner === owner).map(containerUse) })
  const uses = [...services, ...(controller ? [controller] : [])].map(of)
  const named = (those: readonly ServiceUse[], what: string) => (those.length > 0 ? `${what} ${those.map(({ name }) => name).join(', ')}` : null)
  const unseen = uses.filter(({ containers }) => containers.length === 0)
  const short = uses.filter(({ containers }) => containers.some(({ cpuCores, peakMemoryBytes }) => cpuCores === null || peakMemoryBytes === null))
  const notes = [
    problem,
    named(unseen, 'no pod was found of'),
    named(short, 'kubelets have new numbers every 10 to 20 s, and there were too few of them (a load should last 45 s) for'),
  ].filter((note) => note !== null)
  // A service whose pods were never found was not measured at all.
  const found = uses.filter(({ containers }) => containers.length > 0)
  return {
    services: found.filter(({ name }) => services.some((service) => service.name === name)),
    controller: found.find(({ name }) => name === controller?.name) ?? null,
    note: notes.join('; ') || null,
  }
}

function containerUse({ pod, container, limits, meter, restartsBefore, last, periods }: Followed): ContainerUse {
  const restarts = Math.max(0, (last?.restartCount ?? restartsBefore) - restartsBefore)
  const killed = last?.state?.terminated?.reason === 'OOMKilled' || (restarts > 0 && last?.lastState?.terminated?.reason === 'OOMKilled')
  const passed = periods === null ? 0 : periods.last.all - periods.first.all
  const throttled = periods === null || passed <= 0 ? null : (periods.last.throttled - periods.first.throttled) / passed
  return { pod, container, ...meter.use(), limits, throttled, restarts, oomKilled: killed }
}

function keyOf(namespace = '', pod = '', container = ''): string {
  return `${namespace}/${pod}/${container}`
}
