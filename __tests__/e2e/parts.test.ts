import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import type { Report } from '../../src/report/report.ts'
import { root, toolCache, traces } from './kit-run.ts'

/** The program `mlops-pipeline` as its package runs it, in a folder and with a state of its own. */
function program(folder: string) {
  const env = { RUNNER_TOOL_CACHE: toolCache, XDG_STATE_HOME: join(folder, 'state') }
  return async (...args: string[]) => await execa(process.execPath, [join(root, 'dist', 'cli.js'), ...args], { cwd: folder, reject: false, env })
}

let folder: string
let before: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parts-'))
  before = await traces()
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const report = async () => JSON.parse(await readFile(join(folder, 'report', 'report.json'), 'utf8')) as Report
const left = async () => (await traces()).filter((trace) => !before.includes(trace))

describe('the pipeline in parts, on a cluster', () => {
  const run = (...args: string[]) => program(folder)(...args)
  // One control plane is enough to be asked and loaded.
  test('up leaves it standing', async () => {
    const { exitCode, stdout } = await run('up', '--workers', '0')
    expect(stdout).toMatch(/^standing: http:\/\/127\.0\.0\.1 KUBECONFIG=/m)
    expect(exitCode).toBe(0)
    expect(await left()).toEqual(expect.arrayContaining(['container mlops-test-cluster-control-plane']))
    expect(await run('up')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('mlops-test-cluster stands already') })
  }, 240_000)

  test('health asks it', async () => {
    const { exitCode, stdout } = await run('health')
    expect(stdout).toContain('passed: healthy-services is 2')
    expect(exitCode).toBe(0)
    const { services } = await report()
    expect(services.map(({ name, probes }) => [name, ...probes.map(({ kind }) => kind)])).toEqual([
      ['foo', 'endpoints', 'node-port', 'ingress'],
      ['bar', 'endpoints', 'node-port', 'ingress'],
    ])
  }, 60_000)

  test('load loads it, by its name or by its address, and judges', async () => {
    const passed = await run('load', '--duration', '2s', '--vus', '2')
    expect(passed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^passed: all 3 gates held over /m) })
    const failed = await run('load', '--duration', '2s', '--base-url', 'http://127.0.0.1', '--max-p95', '0.001ms')
    expect(failed).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^failed: missed: p\(95\) is /m) })
    expect(await report()).toMatchObject({ environment: 'external', load: { services: { foo: { errorRate: 0 }, bar: { errorRate: 0 } } } })
  }, 60_000)

  test('down takes it away, and all that was known of it', async () => {
    expect(await run('down')).toMatchObject({ exitCode: 0, stdout: 'mlops-test-cluster is gone' })
    expect(await left()).toEqual([])
    expect(await readdir(join(folder, 'state', 'mlops-pipeline-action', 'standing'))).toEqual([])
    expect(await run('health')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nothing stands under the name') })
  }, 120_000)
})
