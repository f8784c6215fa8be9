import { describe, expect, test } from '@jest/globals'
import { wantsColor, wantsRedraw } from '../../../src/terminal/capabilities.ts'

describe('colour', () => {
  test.each<[boolean, string, Record<string, string>, boolean]>([
    [true, 'a terminal', {}, true],
    [false, 'a pipe', {}, false],
    [false, 'a dumb terminal', { TERM: 'dumb' }, true],
    [false, 'a terminal whose owner wants none', { NO_COLOR: '1' }, true],
    [true, 'a NO_COLOR that is empty, which does not count', { NO_COLOR: '' }, true],
    [true, 'a pipe that is to have it', { FORCE_COLOR: '1' }, false],
    [true, 'a FORCE_COLOR without a value', { FORCE_COLOR: '' }, false],
    [true, 'a dumb terminal that is to have it', { FORCE_COLOR: '1', TERM: 'dumb' }, true],
    [false, 'FORCE_COLOR=0', { FORCE_COLOR: '0' }, true],
    [false, 'FORCE_COLOR=false', { FORCE_COLOR: 'false' }, true],
    [false, 'both, since less is more', { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('%s for %s', (wanted, _, env, isTty) => {
    expect(wantsColor(env, isTty)).toBe(wanted)
  })
})

describe('drawing over lines', () => {
  test.each<[boolean, string, Record<string, string>, boolean]>([
    [true, 'a terminal', { TERM: 'xterm-256color' }, true],
    [true, 'a terminal without colour', { NO_COLOR: '1' }, true],
    [false, 'a pipe', {}, false],
    [false, 'a pipe that is to have colour', { FORCE_COLOR: '1' }, false],
    [false, 'a dumb terminal', { TERM: 'dumb' }, true],
    [false, 'the terminal of a CI service', { CI: 'true' }, true],
    [true, 'CI=false', { CI: 'false' }, true],
  ])('%s for %s', (wanted, _, env, isTty) => {
    expect(wantsRedraw(env, isTty)).toBe(wanted)
  })
})
