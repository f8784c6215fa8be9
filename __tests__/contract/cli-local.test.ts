import '../fakes/realm.ts'
import { mkdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { isRunning } from '../../src/adapters/processes.ts'
import { readStanding, type StandingRecord } from '../../src/cli/standing.ts'
import { type EntryRun, startEntry } from '../fakes/entry.ts'
import { eventually } from '../fakes/eventually.ts'
import { cacheK6 } from '../fakes/k6.ts'
import { callsOf, endProcess, isAlive } from '../fakes/programs.ts'

let folder: string
let left: StandingRecord | null
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-local-'))
  for (const name of ['here', 'state', 'cache', 'temp']) mkdirSync(path(name))
  left = null
})
afterEach(async () => {
  for (const { pid } of left?.processes ?? []) await endProcess(pid)
  await rm(folder, { recursive: true })
})

const path = (...parts: string[]) => join(folder, ...parts)
const env = () => ({ PATH: path('none'), HOME: path('here'), XDG_STATE_HOME: path('state'), RUNNER_TOOL_CACHE: path('cache'), RUNNER_TEMP: path('temp') })
const run = async (...args: string[]): Promise<EntryRun> => await startEntry('cli.ts', { args, cwd: path('here'), env: env() }).done
const running = async () => await Promise.all((left?.processes ?? []).map(isRunning))

test('up leaves local processes, health and load ask them, down ends exactly those and can be said twice', async () => {
  await cacheK6(path('cache'), '2.3.0')
  expect((await run('up', '--cluster', 'local')).exitCode).toBe(0)
  left = readStanding('mlops-test-cluster', env())
  expect(left).toMatchObject({ environment: 'local', cluster: null })
  expect(await running()).toEqual([true, true, true, true, true])

  for (const args of [['health'], ['load', '--duration', '1s', '--k6-version', '2.3.0']]) {
    const { exitCode, stdout } = await run(...args)
    expect({ args, exitCode }).toEqual({ args, exitCode: 0 })
    expect(stdout).toContain('passed on local processes, no Kubernetes')
  }
  expect(JSON.parse(readFileSync(path('here', 'report', 'report.json'), 'utf8'))).toMatchObject({ environment: 'local', cluster: null })

  expect(await run('down')).toEqual({ exitCode: 0, stdout: 'mlops-test-cluster is gone\n', stderr: '' })
  expect(await running()).toEqual([false, false, false, false, false])
  expect((await run('down')).stdout).toMatch(/^nothing of ours stands/)
}, 90_000)

test('load --watch loads again when the script changes, until Ctrl-C', async () => {
  await cacheK6(path('cache'), '2.3.0')
  expect((await run('up', '--cluster', 'local')).exitCode).toBe(0)
  left = readStanding('mlops-test-cluster', env())
  const watching = startEntry('cli.ts', { args: ['load', '--watch', '--duration', '1s', '--k6-version', '2.3.0'], cwd: path('here'), env: env() })
  const loads = () => watching.said().split('all 3 gates held').length - 1
  try {
    await eventually('the first load is over', () => loads() === 1, 60_000)
    const now = new Date()
    await utimes(join(import.meta.dirname, '..', '..', 'k6', 'load.js'), now, now)
    await eventually('it was loaded again', () => loads() === 2, 60_000)
  } finally {
    watching.child.kill('SIGINT')
  }
  // In a load it is a cancel, between two the last load's own code.
  expect([0, 130]).toContain((await watching.done).exitCode)
  expect((await run('down')).exitCode).toBe(0)
}, 150_000)

test('a second Ctrl-C leaves at once, says what is left, and even a stubborn program ends', async () => {
  const k6 = await cacheK6(path('cache'), '2.3.0', "process.on('SIGTERM', () => {}); forever()")
  const running = startEntry('cli.ts', { args: ['--cluster', 'local', '--duration', '1s', '--k6-version', '2.3.0'], cwd: path('here'), env: env() })
  const load = await eventually('the load runs', () => callsOf(k6).find(({ args }) => args[0] === 'run'), 60_000)
  running.child.kill('SIGINT')
  await eventually('it cleans up', () => running.complained().includes('Press Ctrl-C again'))
  running.child.kill('SIGINT')
  const { exitCode, stderr } = await running.done
  expect(exitCode).toBe(130)
  expect(stderr).toMatch(/Left at once\. What may be left: files in .*mlops-pipeline-/)
  await eventually('k6 is gone', async () => !(await isAlive(load.pid)), 20_000)
}, 100_000)
