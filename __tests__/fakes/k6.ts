import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeProgram } from './programs.ts'
import { k6Metrics } from './summary.ts'

/**
 * A k6 that asks every service of its plan once, by Host header as the real one does, and leaves a summary of a hundred
 * good requests each; it fails when an answer is not the expected one.
 * @param before what it does first in a test, as a fixture's script
 */
export async function writeK6(folder: string, before = '', version = '2.3.0'): Promise<string> {
  return await writeProgram(
    folder,
    'k6',
    `
if (args[0] === 'version') {
  say('k6 v${version}')
  process.exit(0)
}
${k6Metrics(0)}
const ask = ({ host, url, expect }) => new Promise((resolve, reject) => {
  require('node:http').get(url, { headers: { host } }, (response) => {
    let body = ''
    response.on('data', (text) => { body += text }).on('end', () => (body.trim() === expect.body ? resolve() : reject(new Error(host + ': ' + body))))
  }).on('error', reject)
})
${before}
Promise.all(plan.routes.map(ask)).then(() => fs.writeFileSync(plan.summaryFile, JSON.stringify({ state: { testRunDurationMs: 4001.5 }, metrics })))`,
  )
}

/** Puts such a k6 into a runner's tool cache. */
export async function cacheK6(cache: string, version: string, before = ''): Promise<string> {
  const folder = join(cache, 'k6', version, process.arch)
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}.complete`, '')
  return await writeK6(folder, before, version)
}
