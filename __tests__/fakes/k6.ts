import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeProgram } from './programs.ts'

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
const plan = JSON.parse(fs.readFileSync(process.env.MLOPS_PLAN, 'utf8'))
const rate = (passes, fails) => ({ type: 'rate', contains: 'default', values: { rate: passes / (passes + fails), passes, fails } })
const trend = { type: 'trend', contains: 'time', values: { count: 100, min: 1, avg: 2, med: 2, max: 9, 'p(90)': 3, 'p(95)': 4, 'p(99)': 8 } }
const scopes = ['', ...plan.routes.map(({ name }) => '{service:' + name + '}')]
const metrics = Object.fromEntries(scopes.flatMap((scope) => [
  ['http_reqs' + scope, { type: 'counter', contains: 'default', values: { count: 100, rate: 25 } }],
  ['http_req_duration' + scope, trend], ['mlops_latency' + scope, trend], ['mlops_errors' + scope, rate(0, 100)], ['checks' + scope, rate(200, 0)],
]))
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
