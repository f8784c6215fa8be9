import '../fakes/realm.ts'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { httpGet } from '../../src/adapters/http.ts'
import { type LocalOptions, startLocal } from '../../src/adapters/local.ts'
import { startTimeOf, stopProcess } from '../../src/adapters/processes.ts'
import type { RunningProcess } from '../../src/stages/local/process.ts'
import { eventually } from '../fakes/eventually.ts'
import { callsOf, endProcess, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
const left: number[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'local-'))
})
afterEach(async () => {
  await endProgram(join(folder, 'program'))
  for (const pid of left.splice(0)) await endProcess(pid)
  await rm(folder, { recursive: true })
})

const never = new AbortController().signal
const log = () => join(folder, 'services', 'foo-1.log')
const listening = `say('{"url":"http://127.0.0.1:4711/"}\\n'); forever()`

async function start(script: string, options: Partial<LocalOptions> = {}, args: readonly string[] = []): Promise<RunningProcess> {
  return await startLocal([await writeProgram(folder, 'program', script)], args, { signal: never, log: log(), stay: false, ...options })
}
const calls = () => callsOf(join(folder, 'program'))
const noneLeft = async () => expect(await Promise.all(calls().map(({ pid }) => isAlive(pid)))).toEqual([false])

describe('a local program', () => {
  test('is there when it has said where it listens', async () => {
    const { pid, startTime, url } = await start(listening, {}, ['-text=a b', '$HOME'])
    expect(url).toBe('http://127.0.0.1:4711')
    expect(calls()).toMatchObject([{ args: ['-text=a b', '$HOME'], pid }])
    expect(startTime).toBe(await startTimeOf(pid))
  })

  test('is given nothing of ours', async () => {
    const before = { ...process.env }
    Object.assign(process.env, { GITHUB_TOKEN: 'ghs_1', INPUT_VUS: '3', MLOPS_VUS: '3', NODE_OPTIONS: '' })
    try {
      await start(listening)
    } finally {
      process.env = before
    }
    const names = Object.keys(calls()[0]?.env ?? {})
    expect(names.filter((name) => /GITHUB|INPUT|MLOPS|NODE_OPTIONS/.test(name))).toEqual([])
    expect(names).toContain('PATH')
  })

  test('ends when it is told, and can be told twice', async () => {
    const { stop, ended } = await start(`process.on('SIGTERM', () => { complain('bye\\n'); process.exit(0) }); ${listening}`)
    await stop(never)
    await noneLeft()
    expect(await ended).toEqual({ how: 'exit code 0', lastLine: 'bye' })
    await stop(never)
  }, 30_000)

  test('is killed when it does not listen', async () => {
    const { stop, ended } = await start(`process.on('SIGTERM', () => {}); ${listening}`)
    await stop(never)
    await noneLeft()
    expect(await ended).toEqual({ how: 'signal SIGKILL', lastLine: '' })
  }, 30_000)

  test('that ends by itself says how, and its last words', async () => {
    const { ended } = await start(`${listening}; complain('one\\n\\ntwo\\n\\n'); setTimeout(() => process.exit(3), 10)`)
    expect(await ended).toEqual({ how: 'exit code 3', lastLine: 'two' })
  })

  test('leaves what it says in its log, but for the address', async () => {
    const { ended } = await start(`say('{"url":"http://127.0.0.1:4711"}\\nout\\n'); complain('err\\n'); setTimeout(() => process.exit(0), 10)`)
    await ended
    expect((await readFile(log(), 'utf8')).trim().split('\n').sort()).toEqual(['err', 'out'])
  })

  test('does not fill the disk, and goes on when its log is full', async () => {
    const { ended } = await start(
      `say('{"url":"http://127.0.0.1:4711"}\\n'); for (let line = 0; line < 4000; line++) say('x'.repeat(999) + '\\n'); say('the last\\n'); process.exit(0)`,
    )
    expect(await ended).toEqual({ how: 'exit code 0', lastLine: 'the last' })
    const text = await readFile(log(), 'utf8')
    expect((await stat(log())).size).toBeLessThan(1024 * 1024 + 100)
    expect(text).toMatch(/x\n… cut off after 1024 KiB\n$/)
  }, 30_000)
})

describe('a local program that does not come up', () => {
  test.each([
    ['crashes', `complain('boot\\nno such model\\n'); process.exit(1)`, 'ended with exit code 1: no such model'],
    ['crashes in silence', 'process.exit(0)', 'ended with exit code 0'],
    ['is killed', `process.kill(process.pid, 'SIGKILL')`, 'ended with signal SIGKILL'],
    ['says garbage', `say('Listening on port 80!\\n'); forever()`, 'said "Listening on port 80!" where {"url": …} was expected'],
    ['says other JSON', `say('{"port":80}\\n'); forever()`, 'said "{\\"port\\":80}" where {"url": …} was expected'],
    ['says no HTTP address', `say('{"url":"file:///etc"}\\n'); forever()`, 'said "{\\"url\\":\\"file:///etc\\"}" where {"url": …} was expected'],
    ['says half a line and ends', `say('{"url":'); process.exit(4)`, 'said "{\\"url\\":" where {"url": …} was expected'],
  ])(
    'because it %s says so and leaves nothing',
    async (_, script, message) => {
      await expect(start(script)).rejects.toMatchObject({ message })
      await noneLeft()
    },
    30_000,
  )

  test('because it never says anything is ended after its time', async () => {
    await expect(start('forever()', { startMs: 500 })).rejects.toThrow('did not say where it listens within 0.5 s')
    for (const { pid } of calls()) expect(await isAlive(pid)).toBe(false)
  }, 30_000)

  test('because it is not there says so', async () => {
    await expect(startLocal([join(folder, 'none')], [], { signal: never, log: log(), stay: false })).rejects.toThrow(/^could not be started: .*ENOENT/)
  })

  test('because the run was cancelled is ended', async () => {
    const abort = new AbortController()
    const starting = start('forever()', { signal: abort.signal })
    starting.catch(() => {})
    await eventually('it runs', () => calls().length === 1)
    abort.abort(new Error('cancelled'))
    await expect(starting).rejects.toThrow(/^cancelled$/)
    await noneLeft()
  }, 30_000)

  test('is not even started after the cancel', async () => {
    await expect(start('forever()', { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow(/^cancelled$/)
    expect(calls()).toEqual([])
  })
})

describe('when the parent goes', () => {
  const root = join(import.meta.dirname, '..', '..')

  /** A parent that starts one echo service, says its address and process, and waits to be told to end. */
  async function parentOf(stay: boolean) {
    const script = `
      import { startLocal } from ${JSON.stringify(join(root, 'src/adapters/local.ts'))}
      const program = [process.execPath, ${JSON.stringify(join(root, 'src/index.ts'))}, 'local-service']
      const { pid, startTime, url } = await startLocal(program, ['-text=foo'], { signal: new AbortController().signal, log: ${JSON.stringify(log())}, stay: ${stay} })
      console.log(JSON.stringify({ pid, startTime, url }))
      if (!${stay}) setInterval(() => {}, 60_000)`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    left.push(parent.pid as number)
    let said = ''
    parent.stdout.on('data', (text: Buffer) => {
      said += text
    })
    const line = await eventually('the service runs', () => /^.*\n/.exec(said)?.[0], 30_000)
    const service = JSON.parse(line) as { pid: number; startTime: string; url: string }
    left.push(service.pid)
    return { parent, service }
  }
  const answers = async (url: string) => (await httpGet(url, { timeoutMs: 5000, signal: never })).body

  test('by SIGKILL, so does its child', async () => {
    const { parent, service } = await parentOf(false)
    expect(await answers(service.url)).toBe('foo\n')
    parent.kill('SIGKILL')
    await eventually('the service is gone', async () => !(await isAlive(service.pid)))
  }, 60_000)

  test('a program that stays goes on, and lets its parent go', async () => {
    const { parent, service } = await parentOf(true)
    await eventually('the parent has ended by itself', () => parent.exitCode === 0)
    expect(await answers(service.url)).toBe('foo\n')
    expect(existsSync(log())).toBe(true)
    expect(await stopProcess(service, never)).toBe(true)
    expect(await isAlive(service.pid)).toBe(false)
  }, 60_000)

  test('a program that was to stay and crashes at once still has last words', async () => {
    await expect(start(`complain('no such model\\n'); process.exit(1)`, { stay: true })).rejects.toMatchObject({
      message: 'ended with exit code 1: no such model',
    })
    expect(calls()[0]?.args).toEqual(['--stay'])
  })
})
