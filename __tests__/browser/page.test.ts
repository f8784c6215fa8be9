import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { renderHtml } from '../../src/report/html.ts'
import { chartedWith } from '../unit/report/hostile.ts'
import { reports } from '../unit/runs.ts'
import { startChromium } from './chromium.ts'
import { showcase } from './showcase.ts'

/** report.html as people meet it: a file that is opened, on a machine that may be offline. */

jest.setTimeout(90_000)

const long = 'a-name-without-any-place-to-break-it-'.repeat(8)
const hostile = `<img src="https://evil.example/x.png" onerror="console.error('ran')"><script>console.error('ran')</script></svg><style>@import url(https://evil.example/x.css);</style>`
const pages = {
  ...reports,
  ...Object.fromEntries(Object.entries(showcase).map(([name, report]) => [`showcase: ${name}`, report])),
  'long names': chartedWith(long),
  'hostile text': chartedWith(hostile),
}

let browser: Browser
let folder: string
let context: BrowserContext
/** What a page asked for beside itself, and what it complained about. */
let requests: string[]
let complaints: string[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-test-'))
  browser = await startChromium()
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  requests = []
  complaints = []
})
afterEach(() => context.close())

async function open(html: string, options: NonNullable<Parameters<Browser['newContext']>[0]> = {}): Promise<Page> {
  const file = join(folder, 'report.html')
  writeFileSync(file, html)
  const url = pathToFileURL(file).href
  context = await browser.newContext({ offline: true, ...options })
  const page = await context.newPage()
  page.on('request', (request) => request.url() !== url && requests.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(url)
  return page
}

/** Folded parts are parts of the page, too. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true')
}

/** What axe finds, in a line each. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`))
}

describe.each(Object.entries(pages))('the page of a run: %s', (_, report) => {
  test.each(['light', 'dark'] as const)('has nothing that axe finds fault with, %s', async (colorScheme) => {
    const page = await open(renderHtml(report), { colorScheme })
    await unfold(page)
    expect(await violationsOf(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test.each([360, 1280])('does not scroll sideways at %i px, and neither asks for anything nor complains', async (width) => {
    const page = await open(renderHtml(report), { viewport: { width, height: 800 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await unfold(page)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(requests).toEqual([])
    expect(complaints).toEqual([])
  })

  test('prints: light, unfolded, and with no table cut off', async () => {
    // As wide as A4 without its margins.
    const page = await open(renderHtml(report), { colorScheme: 'dark', viewport: { width: 703, height: 1000 } })
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
    const cut = `[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.getAttribute('aria-label') + ': ' + each.scrollWidth)`
    expect(await page.evaluate(cut)).toEqual([])
    expect(await page.evaluate(`[...document.querySelectorAll('details > :not(summary)')].every((each) => each.getBoundingClientRect().height > 0)`)).toBe(true)
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  })
})

describe('these tests', () => {
  test('see what axe finds, what is asked for and what goes wrong', async () => {
    const page = await open('<!doctype html><p style="color:#aaa">pale</p><img src="http://127.0.0.1:9/x.png"><script>nothing.there()</script>')
    expect((await violationsOf(page)).join('\n')).toMatch(/color-contrast.*image-alt|image-alt.*color-contrast/s)
    expect(requests).toEqual(['http://127.0.0.1:9/x.png'])
    expect(complaints.join('\n')).toContain('nothing is not defined')
  })

  test('see a page whose own policy keeps a script from running', async () => {
    await open(renderHtml(reports.passed).replace('</main>', '<script>console.error("ran")</script></main>'))
    expect(complaints.join('\n')).toMatch(/Content Security Policy/)
    expect(complaints.join('\n')).not.toMatch(/^ran$/m)
  })
})
