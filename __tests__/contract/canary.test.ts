import '../fakes/realm.ts'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { EntryRun } from '../fakes/entry.ts'
import { type Machine, runJob, startMachine } from '../fakes/machine.ts'

/** Secrets that a job may have, planted where it has them. */
const canaries = {
  token: 'ghs_canary0inputs',
  aws: 'canary1aws/secret',
  runtime: 'canary2runtime',
  proxy: 'canary3proxy%40x',
  custom: 'canary4custom',
}
const proxied = [canaries.proxy, decodeURIComponent(canaries.proxy), Buffer.from(`robot:${decodeURIComponent(canaries.proxy)}`).toString('base64')]

let machine: Machine
beforeEach(async () => {
  machine = await startMachine()
  machine.inputs['github-token'] = canaries.token
  Object.assign(machine.env, {
    AWS_SECRET_ACCESS_KEY: canaries.aws,
    ACTIONS_RUNTIME_TOKEN: canaries.runtime,
    ACTIONS_RESULTS_URL: 'http://127.0.0.1:9',
    MY_PASSWORD: canaries.custom,
    HTTPS_PROXY: `http://robot:${canaries.proxy}@127.0.0.1:9`,
    NO_PROXY: '127.0.0.1',
  })
})
afterEach(() => machine.close())

/** Everything that leaves a run, by where it is; what the runner keeps for itself, state and masks, is not among it. */
function everything({ main, post }: { main: EntryRun; post: EntryRun }): Record<string, string> {
  const folder = machine.runFolder()
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())
  return {
    log: [main, post].map(({ stdout, stderr }) => stdout.replace(/^::add-mask::.*$/gm, '') + stderr).join('\n'),
    argv: JSON.stringify(machine.calls().map(({ args }) => args)),
    summary: machine.summary(),
    comments: JSON.stringify(machine.github.comments()),
    outputs: readFileSync(machine.path('output'), 'utf8'),
    ...Object.fromEntries(files.map((name) => [`file ${name}`, readFileSync(join(folder, name), 'utf8')])),
  }
}

function expectNone(places: Record<string, string>): void {
  const secrets = [...Object.values(canaries), ...proxied]
  const leaks = Object.entries(places).flatMap(([place, text]) => secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${place}`))
  expect(leaks).toEqual([])
}

test('no secret of the job leaves a run that passes, or reaches a program that has no use for it', async () => {
  const run = await runJob(machine)
  expect(machine.report()?.verdict).toBe('passed')
  expectNone(everything(run))
  const { token, aws, runtime, custom } = canaries
  const environments = JSON.stringify(machine.calls().map(({ env }) => env))
  for (const secret of [token, aws, runtime, custom]) expect(environments).not.toContain(secret)
  // k6 sends its load to this machine alone.
  const k6 = machine.calls().filter(({ env }) => 'MLOPS_PLAN' in env)
  expect(k6).toHaveLength(1)
  expect(JSON.stringify(k6)).not.toContain(canaries.proxy)
}, 60_000)

test('no secret leaves a run that fails in the words of an engine that repeats its command line, evidence included', async () => {
  // As kind does: the proxies go into the nodes' environment, and from there into files and manifests.
  machine.kind.onCreate(
    `fail('ERROR: failed to create cluster: command "docker run -e HTTPS_PROXY=' + process.env.HTTPS_PROXY + ' image" failed with error: exit status 125')`,
  )
  machine.kind.onExport(
    `fs.writeFileSync(args[2] + '/control-plane/kube-apiserver.log', 'proxy ' + process.env.HTTPS_PROXY + '\\nProxy-Authorization: Basic ${proxied[2]}\\n')`,
  )
  const run = await runJob(machine)
  expect(machine.report()?.sentence).toMatch(/docker run -e HTTPS_PROXY=http:\/\/robot:\*\*\*@127\.0\.0\.1:9/)
  const places = everything(run)
  expect(Object.keys(places)).toContainEqual(expect.stringMatching(/kube-apiserver\.log$/))
  expectNone(places)
}, 60_000)

test('no secret leaves a run whose inputs are refused', async () => {
  machine.inputs.vus = 'many'
  const main = await machine.startMain().done
  expect(main.exitCode).toBe(1)
  const { log, ...rest } = { log: main.stdout.replace(/^::add-mask::.*$/gm, '') + main.stderr, summary: machine.summary() }
  expectNone({ log, ...rest, comments: JSON.stringify(machine.github.comments()) })
}, 60_000)
