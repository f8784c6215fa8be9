import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import type { Report } from '../../src/report/report.ts'
import { root, toolCache, traces } from './kit-run.ts'

test('the same pipeline runs from a terminal and writes its report', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'))
  try {
    const before = await traces()
    const args = [join(root, 'src', 'cli.ts'), '--vus', '2', '--duration', '5s', '--thresholds', 'foo: p(99.9) < 2s\nbar: checks > 99%']
    const { exitCode, stdout } = await execa(process.execPath, args, { cwd: folder, reject: false, env: { RUNNER_TOOL_CACHE: toolCache } })
    expect(stdout).toContain('passed: all 3 gates held')
    expect(exitCode).toBe(0)
    expect((await readdir(join(folder, 'report'))).sort()).toEqual(['dashboard.html', 'junit.xml', 'k6.log', 'report.html', 'report.json', 'report.md'])
    const report = JSON.parse(await readFile(join(folder, 'report', 'report.json'), 'utf8')) as Report
    expect(report).toMatchObject({ verdict: 'passed', load: { shape: { virtualUsers: 2 } } })
    expect(report.gates.map(({ service, metric, status }) => `${service} ${metric} ${status}`)).toEqual([
      'null healthy-services passed',
      'foo p(99.9) passed',
      'bar checks passed',
    ])
    expect((await traces()).filter((trace) => !before.includes(trace))).toEqual([])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 240_000)
