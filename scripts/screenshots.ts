/**
 * Takes pictures of report.html for the README: `npm run screenshots` writes those of docs/ anew. With a folder and report.json
 * files, pictures of these go there instead: `npm run screenshots -- /tmp/pictures report/report.json`.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { startChromium } from '../__tests__/browser/chromium.ts'
import { showcase } from '../__tests__/browser/showcase.ts'
import { reports } from '../__tests__/unit/runs.ts'
import { renderHtml } from '../src/report/html.ts'
import { readReport } from '../src/report/read.ts'
import type { Report } from '../src/report/report.ts'

interface View {
  readonly name: string
  readonly colorScheme: 'light' | 'dark'
  readonly width: number
  /** Pixels of the page that are shown; null is all of it. */
  readonly height: number | null
}

/** The README's pictures show the page's upper part: enough to know it by, small enough to keep. */
const upperPart = 1250

async function capture(browser: Browser, report: Report, { colorScheme, width, height }: View, path: string): Promise<void> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: height ?? 900 } })
  await page.setContent(renderHtml(report))
  await page.screenshot({ path, fullPage: height === null })
  await page.close()
}

async function given(path: string): Promise<Report> {
  const read = readReport(await readFile(path, 'utf8'))
  if ('problems' in read) throw new Error(`${path} is no report: ${read.problems.join('; ')}`)
  return read.report
}

const pictured: readonly string[] = ['passed', 'stage-failed']

const [folder, ...files] = process.argv.slice(2)
const out = resolve(folder ?? join(import.meta.dirname, '..', 'docs'))
const views: View[] = [
  { name: 'light', colorScheme: 'light', width: 1120, height: folder ? null : upperPart },
  { name: 'dark', colorScheme: 'dark', width: 1120, height: folder ? null : upperPart },
  { name: 'narrow', colorScheme: 'light', width: 360, height: folder ? null : upperPart },
]
const shown: [string, Report][] =
  files.length > 0
    ? await Promise.all(files.map(async (file, index): Promise<[string, Report]> => [`${index + 1}`, await given(file)]))
    : folder
      ? [...Object.entries(showcase), ...Object.entries(reports).map(([name, report]): [string, Report] => [`fixture-${name}`, report])]
      : Object.entries(showcase).filter(([name]) => pictured.includes(name))
await mkdir(out, { recursive: true })
const browser = await startChromium()
try {
  for (const [name, report] of shown) {
    for (const view of views) await capture(browser, report, view, join(out, `report-${name.replaceAll(' ', '-')}-${view.name}.png`))
  }
} finally {
  await browser.close()
}
