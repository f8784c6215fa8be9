import '../fakes/realm.ts'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { isRunning, startTimeOf, stopProcess } from '../../src/adapters/processes.ts'
import { eventually } from '../fakes/eventually.ts'
import { callsOf, endProcess, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processes-'))
})
afterEach(async () => {
  await endProgram(join(folder, 'program'))
  await rm(folder, { recursive: true })
})

const never = new AbortController().signal

/** A program that leads a group of its own and has begun to run. */
async function start(script: string): Promise<{ pid: number; startTime: string | null }> {
  const path = await writeProgram(folder, 'program', `${script}\nforever(); fs.writeFileSync(${JSON.stringify(join(folder, 'program'))} + '.ready', '')`)
  const pid = spawn(path, { detached: true, stdio: 'ignore', env: {} }).pid as number
  await eventually('the program runs', () => existsSync(`${path}.ready`))
  return { pid, startTime: await startTimeOf(pid) }
}

describe('the start of a process', () => {
  test('stays the same, and differs from what was started at another time', async () => {
    const { pid, startTime } = await start('')
    expect(startTime).toEqual(expect.any(String))
    expect(await startTimeOf(pid)).toBe(startTime)
    expect(startTime).not.toBe(await startTimeOf(1))
  })

  test('is nothing when no such process runs', async () => {
    const { pid } = await start('')
    await endProcess(pid)
    await eventually('it is gone', async () => (await startTimeOf(pid)) === null)
    expect(await isRunning({ pid, startTime: null })).toBe(false)
  })

  test('is asked of ps where there is no /proc', async () => {
    const { pid } = await start('')
    // On Linux, ps counts from a boot time that moves with the clock, so that only the form can be compared here.
    expect(await startTimeOf(pid, 'darwin')).toMatch(/^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}$/)
    await endProcess(pid)
    await eventually('it is gone', async () => (await startTimeOf(pid, 'darwin')) === null)
  }, 30_000)

  test('is nothing when it has ended but nobody has waited for it', async () => {
    if (process.platform !== 'linux') return
    // What takes the shell's place never asks after the shell's child.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      let said = ''
      parent.stdout.on('data', (text: Buffer) => {
        said += text
      })
      const pid = Number(await eventually('the number of its child', () => /^\d+\n/.exec(said)?.[0]))
      await eventually('a zombie', async () => (await startTimeOf(pid)) === null)
      expect(() => process.kill(pid, 0)).not.toThrow()
    } finally {
      parent.kill('SIGKILL')
    }
  }, 30_000)
})

describe('ending a process', () => {
  test('ends it with all of its group', async () => {
    const identity = await start(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], { stdio: 'ignore' }); fs.writeFileSync(process.argv[1] + '.child', String(child.pid))`,
    )
    const child = Number(readFileSync(join(folder, 'program.child'), 'utf8'))
    expect(await stopProcess(identity, never)).toBe(true)
    expect(await isAlive(identity.pid)).toBe(false)
    await eventually('its child is gone', async () => !(await isAlive(child)))
  }, 30_000)

  test('that does not listen to SIGTERM takes SIGKILL', async () => {
    const identity = await start(`process.on('SIGTERM', () => {})`)
    expect(await stopProcess(identity, never)).toBe(true)
    expect(await isAlive(identity.pid)).toBe(false)
  }, 30_000)

  test('can be done twice', async () => {
    const identity = await start('')
    expect(await stopProcess(identity, never)).toBe(true)
    expect(await stopProcess(identity, never)).toBe(false)
  }, 30_000)

  test('leaves another that has the number now alone', async () => {
    const { pid, startTime } = await start('')
    expect(await stopProcess({ pid, startTime: `${startTime}0` }, never)).toBe(false)
    expect(await isAlive(pid)).toBe(true)
  })

  test('refuses when it cannot be told from another', async () => {
    const { pid } = await start('')
    await expect(stopProcess({ pid, startTime: null }, never)).rejects.toThrow(`it is not known when process ${pid} was started`)
    expect(await isAlive(pid)).toBe(true)
  })

  test('is given up with the signal', async () => {
    const identity = await start(`process.on('SIGTERM', () => {})`)
    const abort = new AbortController()
    const stopping = stopProcess(identity, abort.signal)
    abort.abort(new Error('no time'))
    await expect(stopping).rejects.toThrow()
    expect(callsOf(join(folder, 'program'))).toHaveLength(1)
  })
})
