import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withDeadline } from '../pipeline/race.ts'
import type { OwnedCluster } from '../stages/cluster/stage.ts'
import type { Kubernetes, PodObject } from '../stages/kubernetes.ts'
import { isPodReady } from '../stages/pods.ts'
import { kindProgram } from './kind.ts'
import { childEnvironment, type RunProcess } from './process.ts'

export interface EvidenceOptions {
  readonly cluster: OwnedCluster
  /** Path of kubectl, or null when it was not installed. */
  readonly kubectl: string | null
  /** Folder it goes to, made when missing. */
  readonly folder: string
  readonly run: RunProcess
  /** Takes credentials out of text: manifests, processes and engines all know the proxies that kind hands to its nodes. */
  readonly redact: (text: string) => string
}

/**
 * Gathers what explains a failure before the cluster goes away: kind's logs of the nodes, nodes,
 * pods and events as JSON, descriptions, and the logs of pods that are not well. Each part has a
 * deadline of its own; Secrets are never read.
 * @returns what could not be gathered, one line each
 */
export async function collectEvidence({ cluster, kubectl, folder, run, redact }: EvidenceOptions, signal: AbortSignal): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const kind = kindProgram(run, cluster.kind, cluster.engine)
  const booted = existsSync(cluster.kubeconfig)
  const parts: Record<string, (own: AbortSignal) => Promise<void>> = {
    'the nodes’ logs': async (own) => {
      // A cluster that never got a node has no logs.
      if ((await kind.clusters(own)).includes(cluster.name)) {
        await kind.exportLogs(cluster.name, join(folder, 'kind'), own)
      }
    },
  }
  const apiParts: typeof parts = {
    'the snapshot of nodes, pods and events': async (own) => {
      const { connectKubernetes } = await import('./kubernetes.ts')
      await snapshot(await connectKubernetes(cluster.kubeconfig), folder, own)
    },
    ...(kubectl === null ? {} : { 'the descriptions': (own) => describe(run, kubectl, cluster.kubeconfig, folder, own) }),
  }
  const wanted = booted ? { ...parts, ...apiParts } : parts
  const outcomes = await Promise.allSettled(Object.values(wanted).map((part) => withDeadline(60_000, signal, part)))
  // Whatever a part got to before its deadline, too.
  await redactFiles(folder, redact)
  const names = Object.keys(wanted)
  return outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [`${names[index]} could not be gathered: ${(outcome.reason as Error).message}`] : [],
  )
}

async function snapshot(kubernetes: Kubernetes, folder: string, signal: AbortSignal): Promise<void> {
  const kinds = ['nodes', 'pods', 'deployments', 'endpointslices', 'events'] as const
  const lists = await Promise.all(kinds.map((kind) => kubernetes.list(kind, {}, signal)))
  await Promise.all(kinds.map((kind, index) => writeFile(join(folder, `${kind}.json`), JSON.stringify(lists[index], null, 2))))
  await mkdir(join(folder, 'logs'), { recursive: true })
  const unwell = (lists[kinds.indexOf('pods')] as readonly PodObject[]).filter((pod) => !isPodReady(pod) || restarted(pod))
  await Promise.all(unwell.flatMap((pod) => (pod.status?.containerStatuses ?? []).map(({ name }) => saveLogs(kubernetes, pod, name, folder, signal))))
}

/** What the engines write about themselves and the nodes may hold proxies that our environment does not have. */
const engineFiles = /^(inspect\.json|(docker|podman)-info\.txt)$/

/** Takes credentials out of every file below a folder. A file that cannot be made safe is not kept. */
async function redactFiles(folder: string, redact: (text: string) => string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name)
    try {
      const text = await readFile(file, 'utf8')
      const inAddresses = engineFiles.test(name) ? text.replace(/\/\/[^/\s"@]+@/g, '//***@') : text
      const safe = redact(inAddresses)
      if (safe !== text) await writeFile(file, safe)
    } catch {
      await rm(file, { force: true })
    }
  }
}

function restarted({ status }: PodObject): boolean {
  return status?.containerStatuses?.some(({ restartCount }) => restartCount > 0) ?? false
}

async function saveLogs(kubernetes: Kubernetes, pod: PodObject, container: string, folder: string, signal: AbortSignal): Promise<void> {
  for (const previous of [false, true]) {
    const log = await kubernetes.logs(pod, container, { previous, tailLines: 500 }, signal).catch(() => '')
    const name = `${pod.metadata.namespace}_${pod.metadata.name}_${container}${previous ? '.previous' : ''}.log`
    if (log !== '') await writeFile(join(folder, 'logs', name), log)
  }
}

async function describe(run: RunProcess, kubectl: string, kubeconfig: string, folder: string, signal: AbortSignal): Promise<void> {
  const env = childEnvironment(process.env)
  const { stdout } = await run(kubectl, ['describe', 'nodes,pods,services,ingresses', '--all-namespaces', '--kubeconfig', kubeconfig], { signal, env })
  await writeFile(join(folder, 'describe.txt'), stdout)
}
