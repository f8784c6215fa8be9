import { formatLimit, formatMeasured } from '../gates/describe.ts'
import { describeShape } from '../stages/load/shape.ts'
import type { Tool } from '../stages/tools/tool.ts'
import type { Report, ReportedStage } from './report.ts'

/** How a row stands; every renderer has a mark of its own for each. */
export type Mark = ReportedStage['status'] | 'missing'

/** Cells are plain text, some of it from outside: who prints them escapes them. */
export interface Row {
  readonly cells: readonly string[]
  /** Given in all rows of a table or in none. */
  readonly mark?: Mark
  /** Belongs below the first cell, for example a failure's message. */
  readonly detail?: string
  /** Sums up the other rows. */
  readonly total?: boolean
  /** By column: a cell whose gate did not hold, or had no value, and the gate's limit. */
  readonly missed?: Readonly<Record<number, { readonly status: 'failed' | 'missing'; readonly limit: string }>>
}

/** A table that every page prints in its own way. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly Row[]
  /** Columns from this one on hold numbers and are aligned right; without it none are. */
  readonly numbersFrom?: number
}

/** Every gate beside its limit, those that did not hold first. */
export function gatesTable({ gates }: Report): Table | null {
  if (gates.length === 0) return null
  const rows = gates
    .toSorted((a, b) => Number(a.status === 'passed') - Number(b.status === 'passed'))
    .map((gate): Row => {
      const name = `${gate.service === null ? '' : `${gate.service}: `}${gate.metric}`
      return { mark: gate.status, cells: [name, formatLimit(gate), formatMeasured(gate)] }
    })
  return { head: ['Gate', 'Limit', 'Measured'], rows }
}

/** Every probe of every service. */
export function probesTable({ services }: Report): Table | null {
  const probes = services.flatMap((service) => service.probes)
  if (probes.length === 0) return null
  const through = { endpoints: 'Kubernetes API', 'node-port': 'NodePort', process: 'process', ingress: 'ingress', 'after-load': 'after the load' }
  const rows = probes.map(({ healthy, service, kind, target, seen, attempts }): Row => {
    return { mark: healthy ? 'passed' : 'failed', cells: [service, through[kind], target, seen, kind === 'endpoints' ? '' : String(attempts)] }
  })
  return { head: ['Service', 'Through', 'Target', 'Seen', 'Requests'], rows, numbersFrom: 4 }
}

const toolOrigins: Record<Tool['from'], string> = {
  path: 'on PATH',
  'tool-cache': 'tool cache',
  'github-cache': 'GitHub’s cache, verified',
  download: 'downloaded and verified',
  go: 'built with go install',
}

/** What the run stood on, as names and values without a head. */
export function infrastructureTable({ environment, cluster, ingress, tools, settings, services }: Report): Table {
  const rows: [name: string, value: string][] = []
  if (environment === 'local') rows.push(['Environment', 'local processes; nothing about Kubernetes was tried'])
  if (cluster) {
    rows.push(['Cluster', `${cluster.name}, kind on ${cluster.engine} ${cluster.engineVersion ?? ''}`])
    rows.push(['Kubernetes', cluster.kubernetesVersion ?? 'not reached'])
    rows.push(['Node image', cluster.nodeImage])
    for (const { name, kubelet, runtime, architecture } of cluster.nodes ?? []) {
      rows.push(['Node', [name, kubelet, runtime, architecture].filter(Boolean).join(', ')])
    }
    if (cluster.systemPods !== null) rows.push(['System pods', `${cluster.systemPods} healthy`])
    if (cluster.dnsName) rows.push(['DNS', `${cluster.dnsName} resolves inside a pod`])
  }
  if (ingress) rows.push(['Ingress', [ingress.controller, ingress.image].filter(Boolean).join(', ')])
  if (ingress?.note) rows.push(['', ingress.note])
  for (const { name, image, replicas } of services) rows.push(['Service', `${name}: ${replicas} × ${image ?? 'a local process'}`])
  for (const { name, version, from, note } of tools) rows.push(['Tool', `${name} ${version} (${toolOrigins[from]})${note ? `: ${note}` : ''}`])
  rows.push([
    'Load',
    `${describeShape(settings.load)} at ${ingress?.baseUrl ?? settings.baseUrl ?? (settings.ingress === 'none' ? 'the NodePorts' : 'the ingress')}`,
  ])
  return { head: ['', ''], rows: rows.map((cells) => ({ cells })) }
}

/** Every stage with its times. */
export function stagesTable({ stages }: Report): Table {
  const rows = stages.map(({ status, title, startedAfterMs, durationMs, failure, leftOut }): Row => {
    const took = durationMs === null ? status : formatSeconds(durationMs)
    const cells = [title, startedAfterMs === null ? '' : formatSeconds(startedAfterMs), leftOut === null ? took : '']
    const detail = failure?.message ?? (leftOut === null ? null : `skipped: ${leftOut}`)
    return { mark: status, cells, ...(detail && { detail }) }
  })
  return { head: ['Stage', 'Started at', 'Took'], rows, numbersFrom: 1 }
}

/** A duration in seconds with one digit; null is one that has not ended. */
export function formatSeconds(ms: number | null): string {
  return ms === null ? 'not finished' : `${(ms / 1000).toFixed(1)} s`
}

/** What is missing is a dash, never a 0. */
export function orDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}
