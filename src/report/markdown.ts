import { describeShape } from '../stages/load/shape.ts'
import { changesTable, changesTitle } from './changes.ts'
import { fenced } from './escape.ts'
import { sentenceText, titleText } from './headline.ts'
import { clip, fitSections, type Layout, type Section, unlimited } from './limit.ts'
import { distributionTable, measurementsTable, moreMeasurementsTable, timelineTable, worstMeasurementsTable } from './load-tables.ts'
import { folded, plain, printDrawing, printLink, printNotes, printTable } from './markdown-parts.ts'
import { distributionDrawing, timelineDrawings } from './mermaid.ts'
import type { Diagnosis, Report } from './report.ts'
import { resourcesTable } from './resources-table.ts'
import type { Snapshot } from './snapshot.ts'
import { formatSeconds, gatesTable, infrastructureTable, probesTable, stagesTable } from './tables.ts'

/** Addresses a page may point to; null where there is none. */
export interface Links {
  readonly artifact: string | null
  /** Shown when the report could not be published whole, for example without an artifact service. */
  readonly notes?: readonly string[]
  /** The run before on the same pull request, where there was one. */
  readonly previous?: Snapshot | null
}

const icons: Record<Report['verdict'], string> = { passed: '✅', failed: '❌', invalid: '⚠️', inconclusive: '❔', cancelled: '⏹️' }

/** The report as GitHub Markdown, as much of it as the layout has room for: comment, job summary and report.md are this. */
export function renderMarkdown(report: Report, links: Links, layout: Layout = unlimited): string {
  const sections = [
    { name: 'Verdict', markdown: headline(report) },
    { name: 'Diagnosis', markdown: diagnosis(report.diagnosis) },
    { name: 'Errors behind it', markdown: causes(report.diagnosis), rank: 1 },
    ...measurements(report, layout),
    ...gates(report),
    { name: 'Since the last run', markdown: changes(report, links.previous ?? null), rank: 4 },
    { name: 'Notes', markdown: printNotes((report.load?.notes ?? []).slice(0, maxNotes)) },
    ...details(report, layout),
    { name: 'Links', markdown: footer(report, links) },
  ]
  return fitSections(sections, layout, (names) => leftOut(names, links))
}

/** Longest sentence, in characters: whoever misses forty gates reads of them in the table. */
const sentenceLength = 400
const maxNotes = 5

function headline(report: Report): string {
  return `### ${icons[report.verdict]} ${plain(titleText(report), 200)}\n\n${plain(sentenceText(report), sentenceLength)}`
}

const maxEvidence = 10

/** What to do about a failed stage and what proves its cause; the cause itself is the headline's sentence. */
function diagnosis(found: Diagnosis | null): string {
  if (!found) return ''
  const { remedy, evidence } = found
  const lines = evidence.slice(0, maxEvidence).map((line) => clip(line, 300))
  if (evidence.length > maxEvidence) lines.push(`… and ${evidence.length - maxEvidence} more`)
  return [remedy ? `**What to do:** ${plain(remedy, 1000)}` : '', lines.length > 0 ? fenced(lines.join('\n')) : ''].filter(Boolean).join('\n\n')
}

function causes(found: Diagnosis | null): string {
  return found && found.causes.length > 0 ? folded('Errors behind it', [fenced(clip(found.causes.join('\n'), 4000))]) : ''
}

/** What differs from the run before; a page of a run without one has nothing to say. */
function changes(report: Report, previous: Snapshot | null): string {
  const title = changesTitle(report, previous)
  if (title === null) return ''
  const table = changesTable(report, previous)
  return table ? `**${title}**\n\n${printTable(table)}` : `${title}: nothing that is more than noise.`
}

/** Services that a comment shows; of more, the worst. */
const fewServices = 10

/** What was measured of each service. */
function measurements(report: Report, { brief }: Layout): Section[] {
  const width = { wide: !brief, brief }
  const all = printTable(measurementsTable(report, width))
  const worst = brief ? printTable(worstMeasurementsTable(report, fewServices, width)) : ''
  if (worst === '') return [{ name: 'Services', markdown: all, ...(!brief && { rank: 2 }) }]
  const count = Object.keys(report.load?.services ?? {}).length
  return [
    { name: 'Slowest services', markdown: `${worst}\n\n<sub>${fewServices} of ${count} services: those that missed a gate, then the slowest by p95.</sub>` },
    { name: 'All services', markdown: folded(`All ${count} services`, [all]), rank: 2 },
  ]
}

/** Gates in sight; of more, those that did not hold. */
const fewGates = 12

/** Every gate beside its limit; those that did not hold are always in sight. */
function gates(report: Report): Section[] {
  const table = gatesTable(report)
  if (!table) return []
  const all = printTable(table)
  if (table.rows.length <= fewGates) return [{ name: 'Gates', markdown: all }]
  const missed = table.rows.filter(({ mark }) => mark !== 'passed')
  const more = missed.length > fewGates ? `\n\n<sub>${fewGates} of ${missed.length} gates that did not hold.</sub>` : ''
  return [
    { name: 'Gates that did not hold', markdown: `${printTable({ ...table, rows: missed.slice(0, fewGates) })}${more}` },
    { name: 'All gates', markdown: folded(`All ${table.rows.length} gates`, [all]), rank: 3 },
  ]
}

/** What only some readers want to know, behind a click each. */
function details(report: Report, { brief }: Layout): Section[] {
  const { load, services, cluster, warnings, durationMs } = report
  const probes = services.flatMap((service) => service.probes)
  const healthy = probes.filter((probe) => probe.healthy).length
  const nodes = cluster?.kubernetesVersion
    ? `Kubernetes ${plain(cluster.kubernetesVersion, 40)}, ${cluster.nodeCount} node${cluster.nodeCount === 1 ? '' : 's'}`
    : ''
  const distribution = distributionDrawing(report)
  const section = (name: string, rank: number, note: string, parts: readonly string[], open = false): Section => {
    return { name, rank, markdown: folded([name, note].filter(Boolean).join(' · '), parts, { open }) }
  }
  return [
    section('Distribution of latency', 11, '', [distribution ? printDrawing(distribution) : '', printTable(distributionTable(report))], !brief),
    section(
      'Over time',
      12,
      load?.timeline ? formatSeconds(load.durationMs) : '',
      [
        ...timelineDrawings(report).map(printDrawing),
        brief ? printTable(timelineTable(report, 15)) : folded('In numbers', [printTable(timelineTable(report))]),
      ],
      !brief,
    ),
    section('More numbers', 10, '', [printTable(moreMeasurementsTable(report, { wide: !brief, brief }))]),
    section('Pods under load', 7, '', [printTable(resourcesTable(report)), printNotes([load?.resources?.note ?? []].flat())]),
    section('Endpoint validation', 6, `${healthy} of ${probes.length} healthy`, [printTable(probesTable(report))], healthy < probes.length),
    section('Infrastructure', 8, nodes, [printTable(infrastructureTable(report))]),
    section('Stages', 9, durationMs === null ? '' : formatSeconds(durationMs), [printTable(stagesTable(report))]),
    section('Warnings', 5, String(warnings.length), [warnings.map((warning) => `- ${plain(warning, 1000)}`).join('\n')]),
  ]
}

/** Names what there was no room for; only an artifact that is there is promised. */
function leftOut(names: readonly string[], { artifact }: Links): string {
  return `> Left out for length: ${names.join(', ')}${artifact ? `; the ${printLink('artifact', artifact)} has ${names.length > 1 ? 'them' : 'it'}` : ''}.`
}

function footer({ context, files, settings, load, durationMs }: Report, { artifact, notes = [] }: Links): string {
  const inside = [...new Set(['report.html', 'junit.xml', ...files.filter((file) => !ownFiles.has(file))])].slice(0, 8)
  const facts = [
    load ? plain(describeShape(settings.load), 100) : '',
    durationMs === null ? '' : `${formatSeconds(durationMs)} in all`,
    context.runUrl ? printLink('run', context.runUrl) : '',
    artifact ? `${printLink('artifact', artifact)} with ${inside.map((file) => plain(file, 100)).join(', ')}` : '',
    commit(context),
  ].filter(Boolean)
  return [printNotes(notes.slice(0, maxNotes)), facts.length > 0 ? `<sub>${facts.join(' · ')}</sub>` : ''].filter(Boolean).join('\n\n')
}

/** Every run leaves these; whoever wants them knows. */
const ownFiles: ReadonlySet<string> = new Set(['report.json', 'report.md'])

function commit({ sha, repository, runUrl }: Report['context']): string {
  if (!sha) return ''
  const path = `/${repository}/commit/${sha}`
  const address = repository && runUrl && URL.canParse(path, runUrl) ? new URL(path, runUrl).href : null
  return `commit ${printLink(plain(sha.slice(0, 7), 7), address)}`
}
