import '../fakes/realm.ts'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Report } from '../../src/report/report.ts'
import { runFiles } from '../../src/session.ts'
import { type RunningEntry, readCommandFile, startEntry } from '../fakes/entry.ts'
import { eventually } from '../fakes/eventually.ts'
import { cacheK6 } from '../fakes/k6.ts'
import { callsOf, endProgram, isAlive } from '../fakes/programs.ts'

let folder: string
let k6: string
let running: RunningEntry[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'action-local-'))
  for (const name of ['temp', 'cache', 'workspace']) mkdirSync(path(name))
  running = []
})
afterEach(async () => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL')
  await endProgram(k6)
  await rm(folder, { recursive: true })
})

const path = (...parts: string[]) => join(folder, ...parts)

/** A step of a job on a machine with no container engine, no kind and no kubectl; k6 is in the tool cache. */
function start(more: Record<string, string> = {}): RunningEntry {
  for (const name of ['output', 'state', 'summary', 'path', 'env']) writeFileSync(path(name), '', { flag: 'a' })
  const inputs = { CLUSTER: 'local', DURATION: '1s', 'K6-VERSION': '2.3.0', 'DOWNLOAD-MIRROR': 'http://127.0.0.1:1', COMMENT: 'false' }
  const step = startEntry('index.ts', {
    cwd: path('workspace'),
    env: {
      PATH: path('none'),
      HOME: path('workspace'),
      RUNNER_TEMP: path('temp'),
      RUNNER_TOOL_CACHE: path('cache'),
      GITHUB_OUTPUT: path('output'),
      GITHUB_STATE: path('state'),
      GITHUB_STEP_SUMMARY: path('summary'),
      GITHUB_PATH: path('path'),
      GITHUB_ENV: path('env'),
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value])),
      ...more,
    },
  })
  running.push(step)
  return step
}
const state = () => Object.fromEntries(Object.entries(readCommandFile(path('state'))).map(([name, value]) => [`STATE_${name}`, value]))
const outputs = () => readCommandFile(path('output'))
const reported = () => JSON.parse(readFileSync(outputs().report ?? '', 'utf8')) as Report
const processesOf = (data: string): number[] => [...data.matchAll(/"pid": ?(\d+)/g)].map(([, pid]) => Number(pid))

describe('cluster: local on a runner', () => {
  test('passes without engine, kind and kubectl, and claims no Kubernetes', async () => {
    k6 = await cacheK6(path('cache'), '2.3.0')
    const step = await start().done
    expect({ exitCode: step.exitCode, stderr: step.stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(outputs()).toMatchObject({ verdict: 'passed', kubeconfig: '', 'base-url': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) })
    expect(readFileSync(path('summary'), 'utf8')).toMatch(/^### ✅ Pipeline passed on local processes, no Kubernetes\n/)
    expect(reported()).toMatchObject({ environment: 'local', cluster: null, tools: [{ name: 'k6' }] })
    expect(Object.keys(state())).toEqual(expect.not.arrayContaining(['STATE_cluster']))
  }, 60_000)

  test('ends its processes with the step, whatever cleanup says; post has nothing left to do', async () => {
    k6 = await cacheK6(path('cache'), '2.3.0')
    await start({ INPUT_CLEANUP: 'never' }).done
    const [run = ''] = await readdir(path('temp'))
    const pids = processesOf(readFileSync(path('temp', run, runFiles.record), 'utf8'))
    expect(pids).toHaveLength(5)
    expect(await Promise.all(pids.map(isAlive))).toEqual(pids.map(() => false))
    const post = await start({ ...state(), STATE_isPost: 'true' }).done
    expect(post).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  }, 60_000)

  test.each([
    ['fail', 1, '::error title=Pipeline'],
    ['warn', 0, '::warning title=Pipeline'],
  ])(
    'that could not be measured does with on-invalid %s: exit code %d, and the verdict stays invalid',
    async (onInvalid, exitCode, annotation) => {
      k6 = await cacheK6(path('cache'), '2.3.0')
      writeFileSync(k6, readFileSync(k6, 'utf8').replace('const plan =', 'process.exit(109); const plan ='))
      const step = await start({ 'INPUT_ON-INVALID': onInvalid }).done
      expect(step.exitCode).toBe(exitCode)
      expect(step.stdout).toContain(annotation)
      expect(outputs()).toMatchObject({ verdict: 'invalid', reason: 'measurement' })
    },
    60_000,
  )

  test('whose own load script cannot be loaded is invalid, with k6’s words', async () => {
    k6 = await cacheK6(path('cache'), '2.3.0')
    const words = JSON.stringify(`${JSON.stringify({ level: 'error', msg: 'ReferenceError: x is not defined' })}\n`)
    writeFileSync(k6, readFileSync(k6, 'utf8').replace('const plan =', `if (args[0] === 'inspect') { complain(${words}); process.exit(107) } const plan =`))
    writeFileSync(path('workspace', 'load.ts'), 'x')
    const step = await start({ 'INPUT_LOAD-SCRIPT': 'load.ts', INPUT_DURATION: '', GITHUB_WORKSPACE: path('workspace') }).done
    expect(step.exitCode).toBe(1)
    expect(outputs()).toMatchObject({ verdict: 'invalid', reason: 'config' })
    expect(step.stdout).toContain('Load script (load.ts): k6 cannot load load.ts: ReferenceError: x is not defined')
    expect(callsOf(k6).filter(({ args }) => args[0] === 'run')).toEqual([])
  }, 60_000)

  test('that is cancelled leaves no process, and post reports it', async () => {
    k6 = await cacheK6(path('cache'), '2.3.0')
    writeFileSync(k6, readFileSync(k6, 'utf8').replace('const plan =', 'forever(); return; const plan ='))
    const step = start()
    await eventually('the load runs', () => callsOf(k6).filter(({ args }) => args[0] === 'run').length === 1, 50_000)
    const [run = ''] = await readdir(path('temp'))
    const pids = processesOf(readFileSync(path('temp', run, runFiles.record), 'utf8'))
    step.child.kill('SIGINT')
    expect((await step.done).exitCode).toBe(1)
    for (const pid of pids) await eventually(`process ${pid} is gone`, async () => !(await isAlive(pid)))
    const post = await start({ ...state(), STATE_isPost: 'true' }).done
    expect(post.stdout).toContain('cancelled on local processes, no Kubernetes: cancelled during: Load')
    expect(post.stdout).not.toContain('Deleting the cluster')
  }, 60_000)

  test('killed outright leaves no process either', async () => {
    k6 = await cacheK6(path('cache'), '2.3.0')
    writeFileSync(k6, readFileSync(k6, 'utf8').replace('const plan =', 'forever(); return; const plan ='))
    const step = start()
    await eventually('the load runs', () => callsOf(k6).filter(({ args }) => args[0] === 'run').length === 1, 50_000)
    const [run = ''] = await readdir(path('temp'))
    const pids = processesOf(readFileSync(path('temp', run, runFiles.record), 'utf8'))
    expect(pids).toHaveLength(5)
    step.child.kill('SIGKILL')
    for (const pid of pids) await eventually(`process ${pid} is gone`, async () => !(await isAlive(pid)))
  }, 60_000)

  test('that fails has the services’ logs beside its report, and gathers nothing of a cluster', async () => {
    k6 = await cacheK6(path('cache'), '2.3.0')
    const step = await start({ 'INPUT_BASE-URL': 'http://127.0.0.1:1', 'INPUT_HEALTH-CHECK-RETRIES': '0' }).done
    expect(step.exitCode).toBe(1)
    expect(outputs()).toMatchObject({ verdict: 'failed', reason: 'stage' })
    expect(step.stdout).toContain('::error title=Pipeline failed on local processes%2C no Kubernetes::')
    expect(reported().files).toEqual(['services'])
    expect(reported().warnings).toEqual([])
  }, 60_000)
})
