import { titleText } from './headline.ts'
import { distributionSection, loadSection, resourcesSection, timelineSection } from './html-load.ts'
import { list, scrollingTable, section } from './html-parts.ts'
import { diagnosisSection, filesSection, headerOf, healthSection, stagesSection } from './html-run.ts'
import { style } from './html-style.ts'
import { html } from './markup.ts'
import type { Report } from './report.ts'
import { gatesTable, infrastructureTable } from './tables.ts'

/**
 * The whole report as one page that needs nothing else: no script, no request. Its policy forbids both, should anything slip
 * through. Links go to the files beside it, to the run and to the commit.
 */
export function renderHtml(report: Report): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[titleText(report), report.context.repository].filter(Boolean).join(' – ')}</title>
<style>${{ markup: style }}</style>
</head>
<body>
${headerOf(report)}
<main>
${diagnosisSection(report)}
${loadSection(report)}
${section('Gates', scrollingTable('Gates', gatesTable(report)))}
${distributionSection(report)}
${timelineSection(report)}
${resourcesSection(report)}
${stagesSection(report)}
${healthSection(report)}
${section('Infrastructure', scrollingTable('Infrastructure', infrastructureTable(report)))}
${section(`Warnings (${report.warnings.length})`, list(report.warnings.map((warning) => html`${warning}`)))}
${filesSection(report)}
</main>
</body>
</html>
`
  // Parts that are not there leave no empty lines.
  return page.markup.replace(/\n{2,}/g, '\n')
}
