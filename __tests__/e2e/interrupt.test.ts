import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import type { Report } from '../../src/report/report.ts'
import { root, toolCache, traces } from './kit-run.ts'

let folder: string
let before: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interrupt-'))
  before = await traces()
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/**
 * Starts a run, interrupts it at a moment after its first word, and lets it end.
 * @returns the moment, so that a failure can be repeated, and what became of the run
 */
async function interrupted(environment: 'kind' | 'local', withinMs: number) {
  const afterMs = Math.round(Math.random() * withinMs)
  const env = { RUNNER_TOOL_CACHE: toolCache, RUNNER_TEMP: join(folder, 'temp'), XDG_STATE_HOME: join(folder, 'state') }
  await rm(join(folder, 'report'), { recursive: true, force: true })
  await execa('mkdir', ['-p', env.RUNNER_TEMP])
  const args = [join(root, 'dist', 'cli.js'), '--cluster', environment, '--duration', '60s', '--workers', '0']
  const child = execa(process.execPath, args, { cwd: folder, reject: false, env })
  await once(child.stderr, 'data')
  await setTimeout(afterMs)
  child.kill('SIGINT')
  const { exitCode } = await child
  const report = JSON.parse(await readFile(join(folder, 'report', 'report.json'), 'utf8')) as Report
  return {
    afterMs,
    exitCode,
    verdict: report.verdict,
    left: (await traces()).filter((trace) => !before.includes(trace)),
    temporary: await readdir(env.RUNNER_TEMP),
    standing: await readdir(join(env.XDG_STATE_HOME, 'mlops-pipeline-action', 'standing')).catch(() => []),
  }
}

describe('Ctrl-C at random moments leaves the report and nothing else', () => {
  const clean = { exitCode: 130, verdict: 'cancelled', left: [], temporary: [], standing: [] }

  test('on local processes, eight times', async () => {
    for (let time = 0; time < 8; time += 1) {
      const { afterMs, ...outcome } = await interrupted('local', 5500)
      expect({ afterMs, ...outcome }).toEqual({ afterMs, ...clean })
    }
  }, 240_000)

  test('on a cluster, twice', async () => {
    for (let time = 0; time < 2; time += 1) {
      const { afterMs, ...outcome } = await interrupted('kind', 30_000)
      expect({ afterMs, ...outcome }).toEqual({ afterMs, ...clean })
    }
  }, 240_000)
})
