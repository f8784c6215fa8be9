import '../fakes/realm.ts'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runProcess } from '../../src/adapters/process.ts'
import { findOnPath } from '../../src/adapters/program.ts'
import { askVersion } from '../../src/adapters/tool-version.ts'
import type { ToolName } from '../../src/stages/tools/tool.ts'
import { eventually } from '../fakes/eventually.ts'
import { callsOf, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'programs-'))
  for (const name of ['a', 'b']) mkdirSync(join(folder, name))
})
afterEach(() => rm(folder, { recursive: true }))

const path = (...parts: string[]) => join(folder, ...parts)
const never = new AbortController().signal

describe('a program on PATH', () => {
  const onPath = (name: string, PATH = `${path('a')}:${path('b')}`) => findOnPath(name, { PATH })
  const put = (file: string, mode = 0o755) => {
    writeFileSync(file, '')
    chmodSync(file, mode)
  }

  test('is the first of its name', async () => {
    put(path('a', 'kind'))
    put(path('b', 'kind'))
    expect(await onPath('kind')).toBe(path('a', 'kind'))
  })

  test('is a file that may be executed: no folder, no text', async () => {
    mkdirSync(path('a', 'kind'))
    put(path('a', 'k6'), 0o644)
    put(path('b', 'kind'))
    put(path('b', 'k6'))
    expect(await onPath('kind')).toBe(path('b', 'kind'))
    // Root may read everything, and yet not execute this.
    expect(await onPath('k6')).toBe(path('b', 'k6'))
  })

  test('may be missing, and so may PATH', async () => {
    expect(await onPath('kind')).toBeNull()
    expect(await onPath('kind', `${path('none')}::.`)).toBeNull()
    expect(await findOnPath('kind', {})).toBeNull()
  })
})

describe('a program that is asked for its version', () => {
  const ask = async (name: ToolName, script: string, options: { env?: Record<string, string>; signal?: AbortSignal; timeoutMs?: number } = {}) => {
    const file = await writeProgram(folder, name, script)
    return await askVersion(runProcess, name, file, options.env ?? { PATH: folder }, options.signal ?? never, options.timeoutMs)
  }

  test.each<[ToolName, string, string[]]>([
    ['kind', '0.33.0', ['version', '--quiet']],
    ['kubectl', '{"clientVersion":{"gitVersion":"v1.37.0"}}', ['version', '--client', '--output', 'json']],
    ['k6', '{"version":"v2.3.0"}', ['version', '--json']],
  ])('is asked once, by %s’s own words', async (name, answer, args) => {
    expect(await ask(name, `say(${JSON.stringify(answer)})`)).toMatch(/^\d+\.\d+\.\d+$/)
    expect(callsOf(path(name)).map((call) => call.args)).toEqual([args])
  })

  test('is asked in plain words when it does not know JSON', async () => {
    const script = `if (args.includes('--json')) { complain('unknown flag: --json'); process.exit(255) }
say('k6 v0.49.0 (commit/1, go1.22.0, linux/amd64)')`
    expect(await ask('k6', script)).toBe('0.49.0')
    expect(callsOf(path('k6')).map((call) => call.args)).toEqual([['version', '--json'], ['version']])
  })

  test.each([
    ['crashes', `say('0.33.0'); process.exit(2)`],
    ['is killed', `say('0.33.0'); process.kill(process.pid, 'SIGKILL'); forever()`],
    ['says nothing', ''],
    ['says something else', `say('Welcome!')`],
    ['says it on stderr', `complain('0.33.0')`],
  ])('and %s has none', async (_, script) => {
    expect(await ask('kind', script)).toBeNull()
  })

  test('and hangs is ended, and not asked in other words', async () => {
    expect(await ask('k6', 'forever()', { timeoutMs: 1500 })).toBeNull()
    const calls = callsOf(path('k6'))
    expect(calls.length).toBeLessThanOrEqual(1)
    for (const { pid } of calls) await eventually('the program has ended', async () => !(await isAlive(pid)))
    await endProgram(path('k6'))
  }, 20_000)

  test('and cannot be executed has none', async () => {
    writeFileSync(path('kind'), '\x7fELF', { mode: 0o755 })
    expect(await askVersion(runProcess, 'kind', path('kind'), {}, never)).toBeNull()
    expect(await askVersion(runProcess, 'kind', path('nothing'), {}, never)).toBeNull()
  })

  test('is given nothing of our secrets', async () => {
    await ask('kind', `say('0.33.0')`, { env: { PATH: folder, HOME: folder, GITHUB_TOKEN: 'ghs_1', INPUT_VUS: '3' } })
    expect(Object.keys(callsOf(path('kind'))[0]?.env ?? {}).sort()).toEqual(expect.arrayContaining(['HOME', 'PATH']))
    expect(JSON.stringify(callsOf(path('kind'))[0]?.env)).not.toMatch(/ghs_1|INPUT_VUS/)
  })

  test('is ended by an abort, which is told', async () => {
    const controller = new AbortController()
    const asking = ask('kind', 'forever()', { signal: controller.signal })
    await eventually('it was asked', () => callsOf(path('kind')).length > 0)
    controller.abort(new Error('the run is over'))
    await expect(asking).rejects.toThrow('the run is over')
    await endProgram(path('kind'))
  }, 20_000)
})
