import type { ContainerUse, ResourceUse } from '../stages/load/resources.ts'

interface ResourceMetric {
  readonly unit: 'ratio' | 'count'
  /** Of one container; null when it was not measured. */
  readonly of: (use: ContainerUse) => number | null
  /** What several containers come to: the worst of them, or all together. */
  readonly over: (values: readonly number[]) => number
}

const worst = (values: readonly number[]) => Math.max(...values)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** What a gate can look at in the pods of the services, shares of the containers' limits: one row each. */
const metrics: Readonly<Record<string, ResourceMetric>> = {
  cpu: { unit: 'ratio', of: cpuShare, over: worst },
  'peak-memory': { unit: 'ratio', of: memoryShare, over: worst },
  throttled: { unit: 'ratio', of: ({ throttled }) => throttled, over: worst },
  restarts: { unit: 'count', of: ({ restarts }) => restarts, over: sum },
}

/** The names of these metrics. */
export const resourceWords = Object.keys(metrics)

/** The unit of such a metric; undefined when there is none of that name. */
export function resourceUnit(metric: string): 'ratio' | 'count' | undefined {
  return metrics[metric]?.unit
}

/**
 * The value a gate on pods judges, of one service or of all: the worst container's. Null when one of them was not measured,
 * since that one may be the worst. Without a limit there is no share of it.
 */
export function resourceValue(metric: string, resources: ResourceUse | null | undefined, service: string | null): number | null {
  const row = metrics[metric]
  const uses = (resources?.services ?? []).filter(({ name }) => service === null || name === service)
  const values = uses.flatMap(({ containers }) => containers).map((container) => row?.of(container) ?? null)
  const known = values.filter((value) => value !== null)
  return row && known.length > 0 && known.length === values.length ? row.over(known) : null
}

/** Share of its CPU limit that a container used, on average over the load. */
export function cpuShare({ cpuCores, limits }: ContainerUse): number | null {
  return share(cpuCores, limits.cpuCores)
}

/** Share of its memory limit that a container used at its peak. */
export function memoryShare({ peakMemoryBytes, limits }: ContainerUse): number | null {
  return share(peakMemoryBytes, limits.memoryBytes)
}

function share(used: number | null, limit: number | null): number | null {
  return used === null || limit === null || limit <= 0 ? null : used / limit
}
