import { describe, expect, test } from '@jest/globals'
import { causesOf, Failure, toFailure } from '../../../src/pipeline/failure.ts'
import { recordFailure } from '../../../src/pipeline/record.ts'

describe('a failure', () => {
  test('made of a failure is that failure', () => {
    const failure = new Failure('x', { kind: 'workload' })
    expect(toFailure(failure)).toBe(failure)
  })

  test.each([
    ['an error', new TypeError('x is not a function'), 'x is not a function'],
    ['an error without a message', new Error(''), 'an error without a message'],
    ['a word', 'stop', 'stop'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
  ])('made of %s keeps it as cause and counts as infrastructure', (_, thrown, message) => {
    const failure = toFailure(thrown)
    expect(failure).toMatchObject({ kind: 'infrastructure', message, remedy: undefined })
    if (thrown !== undefined) expect(failure.cause).toBe(thrown)
  })

  test.each([
    ['on its own', (full: Error) => full],
    ['inside another error', (full: Error) => new Error('the download failed', { cause: full })],
    ['inside a failure', (full: Error) => new Failure('kind could not be put into the tool cache', { kind: 'infrastructure', remedy: 'x', cause: full })],
  ])('of a full disk says so, where, and what to do (%s)', (_, wrap) => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: '/tmp/run/k6/plan.json' })
    expect(toFailure(wrap(full))).toMatchObject({
      kind: 'infrastructure',
      message: 'no space left on this machine’s disk for /tmp/run/k6/plan.json (ENOSPC: no space left on device, write)',
      remedy: expect.stringContaining('/tmp/run/k6/plan.json'),
    })
  })

  test('is written down with its causes, outermost first, each once, eight at most', () => {
    const chain = ['root', 'deep', 'deep', 'top'].reduce<Error | undefined>((cause, message) => new Error(message, { cause }), undefined)
    const failure = new Failure('top', { kind: 'infrastructure', remedy: 'Try again.', cause: chain })
    expect(recordFailure(failure)).toEqual({
      kind: 'infrastructure',
      code: null,
      message: 'top',
      remedy: 'Try again.',
      evidence: [],
      causes: ['deep', 'root'],
    })
    const endless = Array.from({ length: 50 }, (_, index) => String(index)).reduce<Error | undefined>(
      (cause, message) => new Error(message, { cause }),
      undefined,
    )
    expect(causesOf(new Failure('x', { kind: 'config', cause: endless }))).toEqual(['49', '48', '47', '46', '45', '44', '43', '42'])
  })

  test('whose causes go in a circle still comes to an end', () => {
    const circle = new Error('again')
    let looks = 0
    Object.defineProperty(circle, 'cause', {
      get: () => {
        looks += 1
        if (looks > 1000) throw new Error('there is no end to it')
        return circle
      },
    })
    expect(causesOf(new Failure('x', { kind: 'config', cause: circle }))).toEqual(['again'])
  })
})
