import { raceSignal } from '../../../src/pipeline/race.ts'
import type { Kubernetes, KubernetesObject, PodObject, Watched } from '../../../src/stages/kubernetes.ts'

type Lists = { [K in keyof Watched]: readonly Watched[K][] }

/** A cluster in memory: what it holds changes only by `put`, which every watch sees at once. */
export function clusterInMemory(initial: Partial<Lists> = {}) {
  const lists: Lists = { nodes: [], pods: [], deployments: [], endpointslices: [], services: [], ingresses: [], events: [], ...initial }
  const logs = new Map<string, string>()
  const applied: KubernetesObject[] = []
  const removed: string[] = []
  let change = Promise.withResolvers<void>()
  const nextChange = () => change.promise

  const kubernetes: Kubernetes = {
    answers: async () => true,
    apply: async (objects) => {
      applied.push(...objects)
    },
    list: async (kind) => lists[kind],
    watch: async (kind, _, done, signal) => {
      for (;;) {
        const answer = done(lists[kind])
        if (answer !== undefined) return answer
        await raceSignal(nextChange(), signal)
      }
    },
    logs: async (pod, container, { previous = false }) => logs.get(logKey(pod, container, previous)) ?? '',
    kubelet: async () => '',
    askService: async () => ({ status: 200, words: 'well' }),
    readLog: async (pod, container, onLine) => (logs.get(logKey(pod, container, false)) ?? '').split('\n').forEach(onLine),
    read: async () => null,
    version: async () => 'v1.37.0',
    remove: async ({ metadata }) => {
      removed.push(metadata.name)
    },
  }
  return {
    kubernetes,
    applied,
    removed,
    put: <K extends keyof Watched>(kind: K, items: Lists[K]) => {
      lists[kind] = items
      change.resolve()
      change = Promise.withResolvers()
    },
    write: (pod: PodObject, container: string, text: string, previous = false) => logs.set(logKey(pod, container, previous), text),
  }
}

function logKey({ metadata }: PodObject, container: string, previous: boolean): string {
  return `${metadata.name}/${container}${previous ? ' before' : ''}`
}
