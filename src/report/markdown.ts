import { formatLimit, formatMeasured, formatMs, formatValue } from '../gates/describe.ts'
import type { GateResult } from '../gates/evaluate.ts'
import type { LoadMetrics, LoadResult } from '../stages/load/result.ts'
import { escapeMarkdown, fenced } from './escape.ts'
import type { Report, ReportedStage } from './report.ts'

/** Addresses a page may point to; null where there is none. */
export interface Links {
  readonly artifact: string | null
  /** Shown when the report could not be published whole, for example without an artifact service. */
  readonly notes?: readonly string[]
}

const icons: Record<Report['verdict'], string> = { passed: '✅', failed: '❌', invalid: '⚠️', inconclusive: '❔', cancelled: '⏹️' }
const stageIcons: Record<ReportedStage['status'], string> = { pending: '·', running: '⏳', passed: '✅', failed: '❌', skipped: '–', cancelled: '⏹️' }

/** The whole report as GitHub Markdown: job summary, comment and report.md are this. */
export function renderMarkdown(report: Report, links: Links): string {
  const sections = [
    headline(report),
    cause(report),
    measurements(report),
    gatesTable(report),
    folded('More numbers', moreMeasurements(report)),
    folded('Health', probesTable(report)),
    folded('Infrastructure', infrastructure(report)),
    folded(`Stages (${formatSeconds(report.durationMs)})`, stagesTable(report)),
    folded(`Warnings (${report.warnings.length})`, report.warnings.map((warning) => `- ${escapeMarkdown(warning)}`).join('\n')),
    footer(report, links),
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

/** The verdict in one line without Markdown, for logs. */
export function headlineText(report: Pick<Report, 'verdict' | 'sentence'>): string {
  return `${report.verdict}: ${report.sentence}`
}

function headline({ verdict, sentence, context }: Report): string {
  const matrix = context.matrix ? ` · ${escapeMarkdown(Object.values(context.matrix).map(plain).join(', '))}` : ''
  return `### ${icons[verdict]} Pipeline ${verdict}${matrix}\n\n${capitalise(escapeMarkdown(sentence))}.`
}

function plain(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Why a stage failed: what to do, then where it came from. The sentence itself is the headline's. */
function cause({ stages }: Report): string {
  const failed = stages.find(({ failure }) => failure !== null)
  if (!failed?.failure) return ''
  const { remedy, causes } = failed.failure
  const detail = causes.length > 0 ? `\n\n<details><summary>Caused by</summary>\n\n${fenced(causes.join('\n').slice(0, 4000))}\n\n</details>` : ''
  return `${remedy ? `**What to do:** ${escapeMarkdown(remedy)}` : ''}${detail}`.trim()
}

function measurements({ load }: Report): string {
  if (!load) return ''
  return perService(load, ['Requests', 'Rate', 'Errors', 'avg', 'p90', 'p95', 'p99', 'slowest'], ({ requests, requestsPerSecond, errorRate, latencyMs }) => [
    requests.toLocaleString('en-US'),
    orDash(requestsPerSecond, (value) => formatValue(value, 'per-second')),
    orDash(errorRate, (value) => formatValue(value, 'ratio')),
    ...[latencyMs.avg, ...['90', '95', '99'].map((percentile) => latencyMs.percentiles[percentile]), latencyMs.max].map(latency),
  ])
}

/** What the first table has no room for. */
function moreMeasurements({ load }: Report): string {
  if (!load) return ''
  const percentiles = Object.keys(load.total.latencyMs.percentiles).filter((percentile) => !['90', '95', '99'].includes(percentile))
  return perService(
    load,
    ['Success', 'Checks held', 'Checks failed', 'fastest', 'median', ...percentiles.map((percentile) => `p${percentile}`)],
    ({ successRate, checks, latencyMs }) => [
      orDash(successRate, (value) => formatValue(value, 'ratio')),
      checks.passed.toLocaleString('en-US'),
      checks.failed.toLocaleString('en-US'),
      ...[latencyMs.min, latencyMs.med, ...percentiles.map((percentile) => latencyMs.percentiles[percentile])].map(latency),
    ],
  )
}

function perService(load: LoadResult, head: readonly string[], cells: (metrics: LoadMetrics) => readonly string[]): string {
  const rows = Object.entries(load.services).map(([name, metrics]) => [escapeMarkdown(name), ...cells(metrics)])
  return table(['Service', ...head], [...rows, ['**all**', ...cells(load.total)]], 1)
}

/** A number and its unit stay on one line. */
function latency(ms: number | null | undefined): string {
  return orDash(ms ?? null, formatMs).replace(' ', '&nbsp;')
}

function gatesTable({ gates }: Report): string {
  if (gates.length === 0) return ''
  const icon: Record<GateResult['status'], string> = { passed: '✅', failed: '❌', missing: '❔' }
  return table(
    ['', 'Gate', 'Limit', 'Measured'],
    // What did not hold comes first.
    gates
      .toSorted((a, b) => Number(a.status === 'passed') - Number(b.status === 'passed'))
      .map((gate) => [
        icon[gate.status],
        `${gate.service === null ? '' : `${escapeMarkdown(gate.service)}: `}${escapeMarkdown(gate.metric)}`,
        escapeMarkdown(formatLimit(gate)),
        formatMeasured(gate),
      ]),
    4,
  )
}

function probesTable({ services }: Report): string {
  const probes = services.flatMap((service) => service.probes)
  if (probes.length === 0) return ''
  return table(
    ['', 'Service', 'Through', 'Target', 'Seen', 'Requests'],
    probes.map(({ healthy, service, kind, target, seen, attempts }) => [
      healthy ? '✅' : '❌',
      escapeMarkdown(service),
      { endpoints: 'Kubernetes API', 'node-port': 'NodePort', process: 'process', ingress: 'ingress', 'after-load': 'after the load' }[kind],
      escapeMarkdown(target),
      escapeMarkdown(seen),
      kind === 'endpoints' ? '' : String(attempts),
    ]),
    6,
  )
}

function infrastructure({ cluster, ingress, tools, settings, services }: Report): string {
  const rows: [string, string][] = []
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
  for (const { name, version, from } of tools) rows.push(['Tool', `${name} ${version} (${from === 'download' ? 'downloaded and verified' : 'tool cache'})`])
  rows.push([
    'Load',
    `${settings.virtualUsers} virtual users for ${settings.durationMs / 1000} s at ${ingress?.baseUrl ?? settings.baseUrl ?? (settings.ingress === 'none' ? 'the NodePorts' : 'the ingress')}`,
  ])
  return table(
    ['', ''],
    rows.map(([name, value]) => [name, escapeMarkdown(value)]),
    0,
  )
}

function stagesTable({ stages }: Report): string {
  return table(
    ['', 'Stage', 'Started at', 'Took'],
    stages.map(({ status, title, startedAfterMs, durationMs, failure }) => [
      stageIcons[status],
      `${escapeMarkdown(title)}${failure ? `<br>${escapeMarkdown(failure.message)}` : ''}`,
      startedAfterMs === null ? '' : formatSeconds(startedAfterMs),
      durationMs === null ? status : formatSeconds(durationMs),
    ]),
    3,
  )
}

function footer({ context, files }: Report, { artifact, notes = [] }: Links): string {
  const links = [
    context.runUrl ? `[run](${context.runUrl})` : '',
    artifact ? `[artifact](${artifact})${files.length > 0 ? ` with ${files.map((file) => `\`${file}\``).join(', ')}` : ''}` : '',
    context.sha ? `commit ${context.sha.slice(0, 7)}` : '',
  ].filter(Boolean)
  return [...notes.map((note) => `> ${escapeMarkdown(note)}`), links.length > 0 ? `<sub>${links.join(' · ')}</sub>` : ''].filter(Boolean).join('\n\n')
}

/** A GitHub table; columns from `right` on are aligned right, 0 for none. Cells are Markdown already. */
function table(head: readonly string[], rows: readonly (readonly string[])[], right: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = head.map((_, index) => (right > 0 && index >= right ? '--:' : ':--'))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

function folded(title: string, content: string): string {
  return content === '' ? '' : `<details><summary>${title}</summary>\n\n${content}\n\n</details>`
}

function orDash(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value)
}

function formatSeconds(ms: number | null): string {
  return ms === null ? 'not finished' : `${(ms / 1000).toFixed(1)} s`
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
