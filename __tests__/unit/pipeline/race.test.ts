import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Failure } from '../../../src/pipeline/failure.ts'
import { raceSignal, withDeadline } from '../../../src/pipeline/race.ts'

const never = () => new Promise<never>(() => {})

describe('work raced with a signal', () => {
  test('gives its result, or its error', async () => {
    const { signal } = new AbortController()
    await expect(raceSignal(Promise.resolve(1), signal)).resolves.toBe(1)
    await expect(raceSignal(Promise.reject(new Error('x')), signal)).rejects.toThrow('x')
  })

  test('ends with the signal’s reason, whatever the work does', async () => {
    const abort = new AbortController()
    const raced = raceSignal(never(), abort.signal)
    abort.abort(new Error('stop'))
    await expect(raced).rejects.toThrow('stop')
    await expect(raceSignal(never(), abort.signal)).rejects.toThrow('stop')
  })

  test('that fails after the signal fails nobody else', async () => {
    const abort = new AbortController()
    const { promise, reject } = Promise.withResolvers<never>()
    const raced = raceSignal(promise, abort.signal)
    abort.abort(new Error('stop'))
    await expect(raced).rejects.toThrow('stop')
    const unhandled = jest.fn()
    process.on('unhandledRejection', unhandled)
    reject(new Error('late'))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })

  test('leaves no listener on a signal that lives on', async () => {
    const { signal } = new AbortController()
    const add = jest.spyOn(signal, 'addEventListener')
    const remove = jest.spyOn(signal, 'removeEventListener')
    await raceSignal(Promise.resolve(), signal)
    expect(remove.mock.calls.map(([type, listener]) => [type, listener])).toEqual(add.mock.calls.map(([type, listener]) => [type, listener]))
    expect(add).toHaveBeenCalledTimes(1)
  })
})

describe('work with a deadline', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })
  const free = () => new AbortController().signal

  test('has a signal that aborts at the deadline, with the failure that is thrown', async () => {
    let own: AbortSignal | undefined
    const late = new Failure('too late', { kind: 'measurement' })
    const ended = withDeadline(
      5000,
      free(),
      (signal) => {
        own = signal
        return never()
      },
      () => late,
    )
    const outcome = expect(ended).rejects.toBe(late)
    await jest.advanceTimersByTimeAsync(4999)
    expect(own?.aborted).toBe(false)
    await jest.advanceTimersByTimeAsync(1)
    await outcome
    expect(own?.reason).toBe(late)
  })

  test('that has none better fails as infrastructure', async () => {
    const outcome = expect(withDeadline(1500, free(), never)).rejects.toMatchObject({ kind: 'infrastructure', message: 'not done after 1.5 s' })
    await jest.advanceTimersByTimeAsync(1500)
    await outcome
  })

  test('ends with the outer signal before the deadline', async () => {
    const outer = new AbortController()
    const ended = withDeadline(5000, outer.signal, never)
    outer.abort(new Error('stop'))
    await expect(ended).rejects.toThrow('stop')
  })

  test.each<[string, () => Promise<unknown>]>([
    ['passes', async () => 1],
    ['fails', async () => Promise.reject(new Error('x'))],
    [
      'throws before its first await',
      () => {
        throw new Error('x')
      },
    ],
  ])('that %s leaves no timer', async (_, work) => {
    await withDeadline(5000, free(), work).catch(() => {})
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('a deadline of work that hangs', () => {
  test('keeps the process alive until it passes', async () => {
    const race = join(import.meta.dirname, '../../../src/pipeline/race.ts')
    const script = `const { withDeadline } = await import(${JSON.stringify(race)})
      await withDeadline(50, new AbortController().signal, () => new Promise(() => {})).catch(({ message }) => console.log(message))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '-e', script])
    expect(stdout).toBe('not done after 0.05 s\n')
  })
})
