import { formatValue } from '../gates/describe.ts'
import { cpuShare, memoryShare } from '../gates/resources.ts'
import type { ContainerUse, ServiceUse } from '../stages/load/resources.ts'
import type { Report } from './report.ts'
import { orDash, type Row, type Table } from './tables.ts'

/**
 * What the pods under load used, or null when nobody followed any. Cores and restarts are those of all pods together,
 * memory, shares and throttling those of the worst container.
 */
export function resourcesTable({ load }: Report): Table | null {
  const { services = [], controller = null } = load?.resources ?? {}
  const uses = [...services, ...(controller ? [controller] : [])]
  if (uses.length === 0) return null
  return {
    head: ['Pods of', 'Pods', 'CPU cores', 'of limit', 'Peak memory', 'of limit', 'Throttled', 'Restarts'],
    rows: uses.map((use) => ({ cells: cellsOf(use) })),
    numbersFrom: 1,
  }
}

/** Whether anything of it is worth room where there is little: a number, or a restart. */
export function hasResources({ load }: Report): boolean {
  const containers = load?.resources?.services.flatMap((service) => service.containers) ?? []
  return containers.some(({ cpuCores, peakMemoryBytes, restarts }) => cpuCores !== null || peakMemoryBytes !== null || restarts > 0)
}

function cellsOf({ name, containers }: ServiceUse): Row['cells'] {
  const all = (of: (use: ContainerUse) => number | null, over: (values: readonly number[]) => number) => {
    const values = containers.map(of).filter((value) => value !== null)
    // One that was not measured may be the worst.
    return values.length > 0 && values.length === containers.length ? over(values) : null
  }
  const worst = (of: (use: ContainerUse) => number | null) => all(of, (values) => Math.max(...values))
  const sum = (of: (use: ContainerUse) => number | null) => all(of, (values) => values.reduce((total, value) => total + value, 0))
  const ratio = (value: number | null) => orDash(value, (known) => formatValue(known, 'ratio'))
  const restarts = containers.reduce((total, use) => total + use.restarts, 0)
  return [
    name,
    String(new Set(containers.map(({ pod }) => pod)).size),
    orDash(
      sum(({ cpuCores }) => cpuCores),
      (cores) => cores.toFixed(2),
    ),
    ratio(worst(cpuShare)),
    orDash(
      worst(({ peakMemoryBytes }) => peakMemoryBytes),
      formatBytes,
    ),
    ratio(worst(memoryShare)),
    ratio(worst(({ throttled }) => throttled)),
    `${restarts}${containers.some(({ oomKilled }) => oomKilled) ? ', out of memory' : ''}`,
  ]
}

function formatBytes(bytes: number): string {
  return `${Number((bytes / 2 ** 20).toPrecision(3))}\u00a0MiB`
}
