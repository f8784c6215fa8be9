import type { Failure } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'
import type { Stage, StageContext } from '../../pipeline/stage.ts'
import { type CauseCode, retold, stageFailure } from '../cause.ts'
import type { Kubernetes, KubernetesObject, NodeObject, PodObject } from '../kubernetes.ts'
import { describeNode, isNodeReady, nodeTrouble } from '../node-trouble.ts'
import { podEvidence } from '../pod-evidence.ts'
import { describePod, isPodReady, losePatience } from '../pods.ts'
import type { Results } from '../results.ts'
import type { Cluster } from './cluster.ts'

/** The cluster's nodes, all Ready. */
export interface Nodes {
  /** The server's version, such as `v1.37.0`. */
  readonly kubernetesVersion: string
  readonly nodes: readonly { readonly name: string; readonly kubelet: string | null; readonly runtime: string | null; readonly architecture: string | null }[]
  readonly systemPods: number
  /** The name that was looked up from inside a pod. */
  readonly dnsName: string
}

export interface NodesOptions {
  /** How long nodes and system pods may take once they are created, in milliseconds. */
  readonly readyTimeoutMs: number
  /** The pod that does the DNS lookup. */
  readonly dnsProbe: () => Promise<KubernetesObject>
  /** Longest wait for kind to create what it still creates, in milliseconds. */
  readonly createTimeoutMs?: number
}

/** The name every cluster's DNS must know. */
export const dnsName = 'kubernetes.default.svc.cluster.local'

/** Waits until every node is Ready, every system pod is healthy, and a pod can look up a name. */
export function nodesStage(options: NodesOptions, connect: (kubeconfig: string) => Promise<Kubernetes>): Stage<Results, 'nodes', 'cluster'> {
  const createTimeoutMs = options.createTimeoutMs ?? 10 * 60_000
  return {
    name: 'nodes',
    title: 'Nodes, system pods and DNS',
    needs: ['cluster'],
    deadlineMs: createTimeoutMs + options.readyTimeoutMs + 5000,
    run: async ({ cluster }, context) => {
      context.progress('waiting for kind to join the workers')
      const kubernetes = await connect(cluster.kubeconfig)
      await sayWhoIsMissing(kubernetes, cluster, context)
      let last = 'nothing yet'
      let code: CauseCode = 'boot-deadline'
      const say: Say = (message, what = 'boot-deadline') => {
        last = message
        code = what
        context.progress(message)
      }
      const { signal } = context
      return await withDeadline(
        options.readyTimeoutMs,
        signal,
        async (own) => {
          const nodes = await nodesReady(kubernetes, cluster, { signal: own, progress: say })
          const [systemPods, version] = await Promise.all([
            systemPodsHealthy(kubernetes, { signal: own, progress: say }),
            kubernetes.version(own),
            lookUp(kubernetes, await options.dnsProbe(), own),
          ])
          return {
            kubernetesVersion: version,
            nodes: nodes.map(({ metadata, status }) => ({
              name: metadata.name,
              kubelet: status?.nodeInfo?.kubeletVersion ?? null,
              runtime: status?.nodeInfo?.containerRuntimeVersion ?? null,
              architecture: status?.nodeInfo?.architecture ?? null,
            })),
            systemPods,
            dnsName,
          }
        },
        () =>
          stageFailure(code, `the cluster was not ready within ${options.readyTimeoutMs / 1000} s: ${last}`, {
            kind: 'infrastructure',
            remedy: 'Raise node-ready-timeout if the machine is slow; the artifact holds the nodes’ own logs.',
          }),
      )
    },
    diagnose: async (failure, { cluster }, signal) => {
      const trouble = await nodeTrouble(await connect(cluster.kubeconfig), 'not-ready', signal)
      return trouble ? retold(failure, { evidence: [...failure.evidence, ...trouble.evidence] }) : failure
    },
    data: (nodes) => nodes,
  }
}

/** Says what is still missing, and what that is called when it never comes. */
type Say = (message: string, code?: CauseCode) => void

interface Waiting {
  readonly signal: AbortSignal
  readonly progress: Say
}

async function nodesReady(kubernetes: Kubernetes, { name, nodeCount: count }: Cluster, { signal, progress }: Waiting): Promise<readonly NodeObject[]> {
  return await kubernetes.watch(
    'nodes',
    {},
    (nodes) => {
      const late = nodes.filter((node) => !isNodeReady(node))
      if (nodes.length >= count && late.length === 0) return nodes
      const words = [...missingNodes(name, count, nodes), ...late.map(describeNode)]
      const message = `${nodes.length - late.length} of ${count} nodes ready${words.length > 0 ? `; ${words.join('; ')}` : ''}`
      progress(message, nodes.length < count ? 'node-not-joined' : 'node-down')
      return undefined
    },
    signal,
  )
}

/** Nodes that have never joined, by the names kind gives them; none when they have other names than we think. */
function missingNodes(cluster: string, count: number, nodes: readonly NodeObject[]): string[] {
  const expected = Array.from({ length: count }, (_, index) => `${cluster}-${index === 0 ? 'control-plane' : `worker${index === 1 ? '' : index}`}`)
  const missing = expected.filter((name) => !nodes.some(({ metadata }) => metadata.name === name))
  return missing.length === count - nodes.length ? missing.map((name) => `${name} has not joined`) : []
}

/** kind gives a worker five minutes to join; meanwhile the API server knows who has not. Ends with kind. */
async function sayWhoIsMissing(kubernetes: Kubernetes, cluster: Cluster, { signal, progress }: StageContext): Promise<void> {
  const over = new AbortController()
  const say = (message: string) => progress(`waiting for kind to join the workers (${message})`)
  const watching = nodesReady(kubernetes, cluster, { signal: AbortSignal.any([signal, over.signal]), progress: say })
  watching.catch(() => {})
  await cluster.created.finally(() => over.abort())
}

async function systemPodsHealthy(kubernetes: Kubernetes, { signal, progress }: Waiting): Promise<number> {
  return await kubernetes.watch(
    'pods',
    { namespace: 'kube-system' },
    (pods) => {
      const late = pods.filter((pod) => !isPodReady(pod))
      if (late.length === 0 && pods.some(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns')) return pods.length
      progress(`${pods.length - late.length} of ${pods.length} system pods ready; ${late.map(describePod).join('; ')}`, 'not-ready')
      return undefined
    },
    signal,
  )
}

/** Lookups before DNS counts as broken: a server that just got ready may not know every name yet. */
const lookUps = 5

/** Runs probe pods to their end until one has found the name; their exit code is the answer. */
async function lookUp(kubernetes: Kubernetes, template: KubernetesObject, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const probe = { ...template, metadata: { ...template.metadata, name: `${template.metadata.name}-${attempt}` } }
    await kubernetes.apply([probe], signal)
    const ended = await probeEnded(kubernetes, probe, signal)
    if (ended === 'found') {
      await kubernetes.remove(probe, signal)
      return
    }
    if (attempt >= lookUps || ended.hopeless) throw await dnsFailure(kubernetes, ended, signal)
    await kubernetes.remove(probe, signal)
  }
}

async function probeEnded(kubernetes: Kubernetes, { metadata }: KubernetesObject, signal: AbortSignal) {
  const trouble = losePatience()
  return await kubernetes.watch(
    'pods',
    { namespace: metadata.namespace ?? 'default' },
    (pods) => {
      const pod = pods.find((candidate) => candidate.metadata.name === metadata.name)
      if (!pod) return undefined
      if (pod.status?.phase === 'Succeeded') return 'found'
      if (pod.status?.phase === 'Failed') return { pod, message: describePod(pod), code: 'dns' as const, hopeless: false }
      const found = trouble([pod])
      return found && { pod, message: found.problem.message, code: found.problem.code, hopeless: true }
    },
    signal,
  )
}

/** @param code what it is when the probe itself could not run */
async function dnsFailure(
  kubernetes: Kubernetes,
  { pod, message, code }: { readonly pod: PodObject; readonly message: string; readonly code: CauseCode },
  signal: AbortSignal,
): Promise<Failure> {
  const said = (await kubernetes.logs(pod, 'probe', { tailLines: 4 }, signal)).trim()
  // What cannot be read must not hide the failure.
  const servers = await kubernetes.list('pods', { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' }, signal).catch(() => [])
  return stageFailure(code, `the lookup of ${dnsName} from inside a pod failed: ${said.replace(/\s+/g, ' ') || message}`, {
    kind: 'infrastructure',
    remedy: 'The artifact holds CoreDNS’ logs. If the probe’s image cannot be pulled, set image-overrides: dns-probe=….',
    evidence: [
      ...said
        .split('\n')
        .filter(Boolean)
        .map((line) => `log: ${line}`),
      ...[pod, ...servers].flatMap((each) => podEvidence(each, { events: [], log: [] })),
    ],
  })
}
