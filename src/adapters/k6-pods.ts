import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Failure } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import type { StageContext } from '../pipeline/stage.ts'
import { stageFailure } from '../stages/cause.ts'
import type { Kubernetes, KubernetesObject, ObjectReference, PodObject } from '../stages/kubernetes.ts'
import { frameReader } from '../stages/load/frame.ts'
import type { RunnerOutcome } from '../stages/load/runner.ts'
import { type EndedPod, followRunners, k6Container } from '../stages/load/runner-pods.ts'
import type { Service } from '../stages/services/service.ts'
import { type K6Options, lastErrors } from './k6.ts'
import { retry } from './retry.ts'

/** Namespace of the load's own pods. */
export const loadNamespace = 'mlops-load'

/** How k6 runs in a cluster. */
export interface K6InCluster extends K6Options {
  readonly connect: () => Promise<Kubernetes>
  /** k6's image. */
  readonly image: string
  /** Memory that one k6 may use, as Kubernetes writes it. */
  readonly memoryLimit: string
  /** Where requests enter inside the cluster, without a trailing slash; null for each service's own address. */
  readonly baseUrl: string | null
  readonly ownUrl: (service: Service) => string
  /** Reads and fills in a file of `manifests/load`. */
  readonly manifest: (file: string, values: Readonly<Record<string, string | number>>) => Promise<KubernetesObject[]>
}

/** Longest that pods may take until all of them run, in milliseconds: the image is pulled. */
export const startMs = 150_000

/** Longest that removing and collecting may take, in milliseconds. */
export const collectMs = 60_000

/** A name for one load's objects, and the marker of its summaries. */
export function loadNames(): { name: string; marker: string } {
  return { name: `mlops-load-${randomUUID().slice(0, 8)}`, marker: `mlops-${randomUUID()}` }
}

/** Waits until the cluster resolves names: pods that ask for the services before would measure nothing. */
export async function dnsAnswers(kubernetes: Kubernetes, { signal, progress }: StageContext): Promise<void> {
  const selection = { namespace: 'kube-system', labelSelector: 'kubernetes.io/service-name=kube-dns' }
  const ready = () =>
    kubernetes.watch(
      'endpointslices',
      selection,
      (slices) => {
        if (slices.some(({ endpoints = [] }) => endpoints.some(({ conditions }) => conditions?.ready))) return true
        progress('waiting for the cluster’s DNS')
        return undefined
      },
      signal,
    )
  const late = () =>
    stageFailure('dns', 'the cluster’s DNS has no ready endpoint', { kind: 'infrastructure', remedy: 'Look at the pods of CoreDNS in the artifact.' })
  await withDeadline(startMs, signal, ready, late)
}

interface Pods {
  /** Of the load; its objects' names begin with it. */
  readonly name: string
  readonly labelSelector: string
  readonly count: number
  /** Longest from when all run to when all have ended, in milliseconds. */
  readonly longestMs: number
  /** What else could be known when they do not start, in words. */
  readonly hint?: (signal: AbortSignal) => Promise<string>
}

/**
 * Waits until every k6 has ended, or one of them badly.
 * @throws Failure when they do not start, do not end, or are ended from outside
 */
export async function runnersEnded(kubernetes: Kubernetes, pods: Pods, { signal, progress }: StageContext): Promise<readonly EndedPod[]> {
  const follow = followRunners(pods.count)
  const overdue = new AbortController()
  let waiting = 'no pod was made'
  let timer = setTimeout(() => overdue.abort(new NotStarted()), startMs)
  let started = false
  const look = (current: readonly PodObject[]) => {
    const state = follow(current)
    if ('ended' in state) return state.ended
    waiting = state.waiting
    if (!started && state.running >= pods.count) {
      started = true
      clearTimeout(timer)
      timer = setTimeout(() => overdue.abort(new NotEnded()), pods.longestMs)
    }
    progress(started ? `${pods.count === 1 ? 'k6 runs' : `${pods.count} k6 run`} in the cluster` : `starting k6: ${waiting}`)
    return undefined
  }
  try {
    return await kubernetes.watch('pods', { namespace: loadNamespace, labelSelector: pods.labelSelector }, look, AbortSignal.any([signal, overdue.signal]))
  } catch (error) {
    // Runners that wait for the operator's word run, too: its stage tells them from a k6 that hangs.
    if (error instanceof NotEnded) throw hanging(pods.longestMs, (await pods.hint?.(signal).catch(() => '')) ?? '')
    if (!(error instanceof NotStarted)) throw error
    throw await notStarted(kubernetes, waiting, pods, signal)
  } finally {
    clearTimeout(timer)
  }
}

class NotEnded extends Error {
  override name = 'NotEnded'
}

class NotStarted extends Error {
  override name = 'NotStarted'
}

async function notStarted(kubernetes: Kubernetes, waiting: string, { name, hint }: Pods, signal: AbortSignal): Promise<Failure> {
  const events = await kubernetes.list('events', { namespace: loadNamespace }, signal).catch(() => [])
  const last = events.filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.name?.startsWith(name)).at(-1)
  const more = [(await hint?.(signal).catch(() => '')) ?? '', last ? `last event: ${last.reason}: ${last.message}` : '']
  return stageFailure('k6-not-started', [`k6 did not start in the cluster within ${startMs / 1000} s: ${waiting}`, ...more.filter(Boolean)].join('; '), {
    kind: 'infrastructure',
    remedy: 'Run the job again; give the cluster more room if it had none.',
  })
}

function hanging(longestMs: number, hint: string): Failure {
  return stageFailure(
    'k6-hangs',
    `k6 hangs: it had not ended ${Math.round(longestMs / 1000)} s after its start, long after its load should have${hint && `; ${hint}`}`,
    {
      kind: 'measurement',
      remedy: 'Run the job again; the machine may be short of CPU or memory.',
    },
  )
}

/** Lines of a log that are kept, the last ones, and how many characters of each: some 4 MB at the very most. */
const keptLines = 4000
const longestKept = 1000

/** How often a log is read from its start once more, when the connection breaks. */
const logRetries = 3

/**
 * What one k6 left behind, out of its pod's log.
 * @param name tells it from its siblings; empty when it is the only one
 * @param logFile name of the file in `output` that gets its log
 */
export async function readOutcome(
  kubernetes: Kubernetes,
  { pod, exitCode }: EndedPod,
  { name, logFile, marker, output }: { name: string; logFile: string; marker: string; output: string },
  signal: AbortSignal,
): Promise<RunnerOutcome> {
  const read = async () => {
    const frame = frameReader(marker)
    const lines: string[] = []
    const onLine = (line: string) => {
      if (frame.take(line)) return
      lines.push(line.slice(0, longestKept))
      if (lines.length > keptLines) lines.shift()
    }
    await kubernetes.readLog(pod, k6Container, onLine, signal)
    return { summary: frame.text(), lines }
  }
  const { summary, lines } = await retry(read, logRetries, signal).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw stageFailure('k6-no-summary', `the log of pod ${pod.metadata.name}, which holds what k6 measured, cannot be read`, {
      kind: 'infrastructure',
      remedy: 'Run the job again.',
      cause,
    })
  })
  await mkdir(output, { recursive: true })
  await writeFile(join(output, logFile), `${lines.join('\n')}\n`)
  const errors = lastErrors(lines)
  return { name, exitCode, summary, errors, timeline: null, cpuShare: null, files: { dashboard: null, log: logFile } }
}

/** Removes what a load brought, whatever became of it, and waits for none of it to be gone. Never rejects. */
export async function removeAll(kubernetes: Kubernetes, objects: readonly ObjectReference[], warn: StageContext['warn']): Promise<void> {
  // Not the stage's signal: what a cancelled load brought is removed too.
  const work = (signal: AbortSignal) => Promise.all(objects.map((object) => kubernetes.remove(object, signal)))
  await withDeadline(15_000, new AbortController().signal, work).catch((error: unknown) => {
    warn?.(`Not all of what the load brought into the cluster was removed: ${error instanceof Error ? error.message : String(error)}`)
  })
}
