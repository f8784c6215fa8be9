import { sentenceText, titleText } from './headline.ts'
import { folded, link, list, scrollingTable, section } from './html-parts.ts'
import { html, type Markup, nothing } from './markup.ts'
import type { Report } from './report.ts'
import { stageStrips } from './strips.ts'
import { formatSeconds, probesTable, stagesTable } from './tables.ts'

const tones: Record<Report['verdict'], string> = { passed: 'passed', failed: 'failed', invalid: 'other', inconclusive: 'other', cancelled: 'other' }

/** What stands in the files a run leaves; others go by their names. */
const fileNotes: Readonly<Record<string, string>> = {
  'dashboard.html': 'k6’s own dashboard: the load over time',
  'k6.log': 'k6’s log',
  services: 'what the local services and their proxy said',
  evidence: 'the nodes’ logs, pods, events and descriptions at the end of the run',
  'junit.xml': 'verdict, stages, endpoints and gates as test cases',
  'report.json': 'all numbers, for programs',
  'report.md': 'this report as Markdown',
}

/** The verdict, one sentence, and what it is about. */
export function headerOf(report: Report): Markup {
  const { context, startedAt, durationMs } = report
  const facts = [
    context.repository && html`${context.repository}`,
    context.workflow && html`${[context.workflow, context.job].filter(Boolean).join(', ')}`,
    context.pullRequest !== null && html`pull request ${String(context.pullRequest)}`,
    commitLink(report),
    link(context.runUrl, 'run'),
    html`started <time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time>`,
    html`${durationMs === null ? 'not finished' : `took ${formatSeconds(durationMs)}`}`,
    report.files.includes('dashboard.html') && html`<a href="./dashboard.html">k6’s dashboard</a>`,
  ].filter((fact) => fact !== null && fact !== false && fact !== '')
  return html`<header class="${tones[report.verdict]}">
<h1>${titleText(report)}</h1>
<p class="sentence">${sentenceText(report)}</p>
<div class="soft">${list(facts)}</div>
</header>`
}

/** Why a stage failed: the cause, what to do, what proves it, and the errors behind it. */
export function diagnosisSection({ diagnosis }: Report): Markup {
  if (!diagnosis) return nothing
  const { title, code, cause, remedy, evidence, causes } = diagnosis
  const lines = (texts: readonly string[]) => html`<pre tabindex="0">${texts.join('\n')}</pre>`
  return html`<section class="diagnosis">
<h2>What went wrong</h2>
<p class="soft">${title}${code === null ? '' : ` · ${code}`}</p>
<p><strong>Cause:</strong> ${cause}</p>
${remedy === null ? nothing : html`<p><strong>What to do:</strong> ${remedy}</p>`}
${evidence.length > 0 ? html`<h3>Evidence</h3>${lines(evidence)}` : nothing}
${causes.length > 0 ? html`<details open><summary>Errors behind it</summary>${lines(causes)}</details>` : nothing}
</section>`
}

/** More probes than this are folded when all went well. */
const manyProbes = 15

/** What was asked of each service, and what it answered; what is not healthy comes first and alone, where there are many. */
export function healthSection(report: Report): Markup {
  const table = probesTable(report)
  if (table === null || table.rows.length <= manyProbes) return section('Health', scrollingTable('Health', table))
  const unhealthy = table.rows.filter(({ mark }) => mark !== 'passed')
  const title = `All ${table.rows.length} probes${unhealthy.length === 0 ? ', every one healthy' : ''}`
  return section(
    'Health',
    unhealthy.length === 0 ? nothing : scrollingTable('Unhealthy', { ...table, rows: unhealthy }),
    folded(title, scrollingTable('All probes', table)),
  )
}

/** The stages with their times, and when each ran. */
export function stagesSection(report: Report): Markup {
  const table = stagesTable(report)
  // What the diagnosis says stands above.
  const rows = table.rows.map(({ detail, ...row }) => (detail === undefined || detail === report.diagnosis?.cause ? row : { ...row, detail }))
  return section('Stages', html`<div class="stages">${scrollingTable('Stages', { ...table, rows }, { strips: stageStrips(report) })}</div>`)
}

/** Files lie beside the page; it does not link to itself. */
export function filesSection({ files }: Report): Markup {
  const names = new Set([...files, 'junit.xml', 'report.json', 'report.md'])
  names.delete('report.html')
  const links = [...names].map((name) => {
    const note = fileNotes[name]
    // The dot keeps a name with a colon from being an address of its own.
    return html`<a href="./${encodeURIComponent(name.toWellFormed())}">${name}</a>${note === undefined ? '' : `: ${note}`}`
  })
  return section('Files', list(links))
}

function commitLink({ context: { sha, repository, runUrl } }: Report): Markup | null {
  if (!sha) return null
  const text = `commit ${sha.slice(0, 7)}`
  const path = `/${repository}/commit/${sha}`
  return (repository && runUrl && URL.canParse(path, runUrl) && link(new URL(path, runUrl).href, text)) || html`${text}`
}
