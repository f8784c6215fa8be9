import '../fakes/realm.ts'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { currentPlatform } from '../../src/adapters/tool-cache.ts'
import { environmentNames } from '../../src/config/config.ts'
import { type InputName, inputs } from '../../src/config/inputs.ts'
import { toolSource } from '../../src/stages/tools/tool.ts'
import { type DownloadHost, hang, startDownloadHost } from '../fakes/downloads.ts'
import { type EntryRun, type RunningEntry, startEntry } from '../fakes/entry.ts'
import { eventually } from '../fakes/eventually.ts'
import { callsOf, writeProgram } from '../fakes/programs.ts'
import { reports } from '../unit/runs.ts'

const root = join(import.meta.dirname, '..', '..')

let folder: string
let running: RunningEntry[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'))
  for (const name of ['here', 'home', 'temp']) mkdirSync(join(folder, name))
  running = []
})
afterEach(async () => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

function start(args: string[], env: Record<string, string> = {}): RunningEntry {
  const entry = startEntry('cli.ts', {
    args,
    cwd: join(folder, 'here'),
    env: { PATH: join(folder, 'none'), HOME: join(folder, 'home'), TMPDIR: join(folder, 'temp'), ...env },
  })
  running.push(entry)
  return entry
}
const run = async (args: string[], env: Record<string, string> = {}): Promise<EntryRun> => await start(args, env).done
const made = async () => [...(await readdir(join(folder, 'here'))), ...(await readdir(join(folder, 'temp'))), ...(await readdir(join(folder, 'home')))]

describe('a wrong call', () => {
  test.each([
    ['an option that does not exist', ['--vuss', '5'], /^unknown option --vuss; did you mean --vus\?\nTry --help\.\n$/],
    ['one that is near to nothing', ['--frobnicate', '5'], /^unknown option --frobnicate\nTry --help\.\n$/],
    ['one for GitHub alone', ['--github-token', 'ghs_1'], /^unknown option --github-token.*\nTry --help\.\n$/],
    ['a missing value', ['--vus'], /^--vus needs a value: a whole number from 1 to 10000\nTry --help\.\n$/],
    ['an unknown command', ['lod'], /^unknown command "lod"; did you mean load\?\nTry --help\.\n$/],
    ['an option of another command', ['health', '--vus', '5'], /^health takes no --vus\nTry --help\.\n$/],
    ['nothing that stands', ['health'], /^nothing stands under the name mlops-test-cluster; put it up with: mlops-pipeline up, or say --base-url/],
    ['nothing to load', ['load'], /^nothing stands under the name mlops-test-cluster/],
    ['no such report', ['report', 'none.json'], /^none\.json cannot be read \(ENOENT.*expected a report\.json/],
    ['a bad value', ['--vus', 'many'], /vus: expected a whole number from 1 to 10000, got "many"/],
    ['a bad gate', ['--thresholds', 'p(95) < soon'], /thresholds: "p\(95\) < soon"/],
    [
      'a load in a cluster that is not there',
      ['--load-runner', 'job'],
      /^load-runner: job needs a cluster, and this runs on local processes; use host\. Running on local/,
    ],
    [
      'one behind an address',
      ['load', '--base-url', 'http://127.0.0.1:1', '--load-runner', 'distributed'],
      /^load-runner: distributed needs a cluster, and nothing is known of a cluster/,
    ],
    [
      'a load in a cluster that nobody wants',
      ['--cluster', 'local', '--load-runner', 'job'],
      /load-runner: job needs a cluster, and cluster is local; use host/,
    ],
    ['a reserved input', ['--mode', 'compare'], /mode/],
  ])('(%s) exits with 3, says why, and makes nothing', async (_, args, words) => {
    const { exitCode, stdout, stderr } = await run(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toMatch(words)
    expect(await made()).toEqual([])
  })

  test('names all problems at once', async () => {
    const { stderr } = await run(['--vuss', '5', 'word', '--duration'])
    expect(stderr.trim().split('\n')).toHaveLength(4)
    const values = await run(['--vus', 'many', '--duration', 'long'], { HEALTH_CHECK_RETRIES: 'some' })
    expect(values.exitCode).toBe(3)
    for (const name of ['vus', 'duration', 'HEALTH_CHECK_RETRIES']) expect(values.stderr).toContain(name)
  })

  test('does not take an option for the value of the one before', async () => {
    const { exitCode, stderr } = await run(['--vus', '--duration', '10s'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('vus')
  })
})

describe('--help', () => {
  test.each(['--help', '-h'])('(%s) shows every option with its environment variables, and makes nothing', async (flag) => {
    const { exitCode, stdout, stderr } = await run([flag])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const gitHubOnly = ['mode', 'comment', 'comment-key', 'artifact-name', 'github-token', 'matrix']
    for (const name of Object.keys(inputs) as InputName[]) {
      const shown = stdout.includes(`  --${name}\n`)
      expect({ name, shown }).toEqual({ name, shown: !gitHubOnly.includes(name) })
      if (shown) expect(stdout).toContain(`Environment: ${environmentNames(name).join(', ')}`)
    }
    expect(stdout).not.toContain('`')
    expect(await made()).toEqual([])
  })

  test('wins over whatever else is there', async () => {
    expect(await run(['--vuss', '5', '--help'])).toMatchObject({ exitCode: 0 })
  })
})

describe('a run', () => {
  let host: DownloadHost
  beforeEach(async () => {
    host = await startDownloadHost()
  })
  afterEach(() => host.close())

  test('that is invalid exits with 2 and leaves a report, and nothing else', async () => {
    // Nothing is where the mirror should have it.
    const { exitCode, stdout, stderr } = await run(['--cluster=kind', '--download-mirror', host.url, '--vus=5'])
    expect(exitCode).toBe(2)
    // Progress goes to stderr, so that stdout is the result alone.
    expect(stderr).toContain('Install kind')
    expect(stdout).not.toContain('[')
    expect(stdout).toMatch(/^invalid: .*answered 404/m)
    expect(stdout).toMatch(/what to do: /)
    const report = join(folder, 'here', 'report')
    expect(JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'))).toMatchObject({
      verdict: 'invalid',
      reason: 'infrastructure',
      settings: { load: { virtualUsers: 5 } },
    })
    expect(readFileSync(join(report, 'report.md'), 'utf8')).toMatch(/^### ⚠️ Pipeline invalid/)
    expect((await readdir(folder, { recursive: true })).filter((name) => /^temp\/|^here\//.test(name)).sort()).toEqual([
      'here/report',
      'here/report/junit.xml',
      'here/report/report.html',
      'here/report/report.json',
      'here/report/report.md',
    ])
    expect(stdout).not.toMatch(/^::/m)
  }, 20_000)

  test('replaces the report of the run before', async () => {
    mkdirSync(join(folder, 'here', 'report', 'evidence'), { recursive: true })
    await run(['--cluster=kind', '--download-mirror', host.url])
    expect(existsSync(join(folder, 'here', 'report', 'evidence'))).toBe(false)
  }, 20_000)

  test('that is cancelled with Ctrl-C exits with 130, and its report says so', async () => {
    const platform = currentPlatform() ?? { os: 'linux', arch: 'amd64' }
    for (const [name, version] of [
      ['kind', '0.33.0'],
      ['kubectl', '1.37.0'],
      ['k6', '2.3.0'],
    ] as const)
      host.put(new URL(toolSource(name, version, platform, host.url).url).pathname, hang)
    for (const [name, version] of [
      ['kind', '0.33.0'],
      ['kubectl', '1.37.0'],
      ['k6', '2.3.0'],
    ] as const)
      host.put(new URL(toolSource(name, version, platform, host.url).checksumUrl).pathname, hang)
    const cancelled = start(['--cluster=kind', '--download-mirror', host.url, '--kubectl-version', '1.37.0'])
    await eventually('downloads are under way', () => host.requests.length === 6)
    cancelled.child.kill('SIGINT')
    const { exitCode, stdout, stderr } = await cancelled.done
    expect(exitCode).toBe(130)
    expect(stdout).toMatch(/^cancelled: cancelled during: /m)
    expect(stderr).toContain('Press Ctrl-C again to leave at once.')
    expect(JSON.parse(readFileSync(join(folder, 'here', 'report', 'report.json'), 'utf8'))).toMatchObject({ verdict: 'cancelled' })
    expect(await readdir(join(folder, 'temp'))).toEqual([])
  }, 20_000)
})

describe('doctor', () => {
  test('looks at this machine, starts nothing, and says what a run could be', async () => {
    const { exitCode, stdout } = await run(['doctor', '--http-port', '18080', '--https-port', '18443'])
    // The PATH of this test is empty: no engine, no programs.
    expect(stdout).toMatch(/^problem +Container engine/m)
    expect(stdout).toMatch(/^(ready for local processes only|not ready)/m)
    expect([0, 2]).toContain(exitCode)
    expect(await made()).toEqual([])
  }, 40_000)
})

describe('report', () => {
  test('renders a report again, beside it or elsewhere', async () => {
    const here = (name: string) => join(folder, 'here', name)
    writeFileSync(here('report.json'), JSON.stringify(reports['gate failed']))
    const beside = await run(['report', 'report.json'])
    expect(beside).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('failed: missed: ') })
    expect((await readdir(here(''))).sort()).toEqual(['junit.xml', 'report.html', 'report.json', 'report.md'])
    expect(await run(['report', 'report.json', '--output', 'there'])).toMatchObject({ exitCode: 0 })
    expect((await readdir(here('there'))).sort()).toEqual(['junit.xml', 'report.html', 'report.json', 'report.md'])
  })

  test('names everything that keeps a file from being a report', async () => {
    writeFileSync(join(folder, 'here', 'other.json'), '{"schemaVersion": 2, "verdict": "fine"}')
    const { exitCode, stderr } = await run(['report', 'other.json'])
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^other\.json is no report of this version:\n/)
    for (const name of ['schemaVersion', 'verdict', 'sentence', 'stages', 'gates']) expect(stderr).toContain(`- ${name}: `)
  })
})

describe('down', () => {
  test('with nothing there says so and is content', async () => {
    expect(await run(['down'])).toMatchObject({ exitCode: 0, stdout: 'nothing of ours stands under the name mlops-test-cluster\n' })
  })
})

describe('validate', () => {
  test('looks at options, manifests and the load script, and makes nothing', async () => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    const k6 = await writeProgram(bin, 'k6', 'args[0] === \'version\' ? say(\'k6 v2.3.0\') : say(\'{"scenarios":null,"totalDuration":"1m1s"}\')')
    const { exitCode, stdout } = await run(['validate', '--ingress', 'traefik'], { PATH: bin })
    expect({ exitCode, rows: stdout.split('\n').map((line) => line.replace(/ {2}.*/, '')) }).toMatchObject({ exitCode: 0, rows: ['ok', 'ok', 'ok', ''] })
    expect(stdout).toContain('loaded by k6 2.3.0')
    expect(callsOf(k6).at(-1)?.args).toEqual(expect.arrayContaining(['inspect', join(root, 'k6', 'load.js')]))
    expect(await made()).toEqual([])
  })

  test('says what k6 says of a script that does not load', async () => {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    const broken = `args[0] === 'version' ? say('k6 v2.3.0') : (complain('{"level":"error","msg":"SyntaxError: line 3"}\\n'), process.exit(107))`
    await writeProgram(bin, 'k6', broken)
    const { exitCode, stdout } = await run(['validate'], { PATH: bin })
    expect({ exitCode, problem: /^problem .*$/m.exec(stdout)?.[0] }).toEqual({
      exitCode: 2,
      problem: expect.stringMatching(/Load script +SyntaxError: line 3$/),
    })
  })

  test('does not claim to have looked where there is no k6', async () => {
    expect(await run(['validate'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^unknown +Load script .* was not loaded: no k6/m) })
  })
})
