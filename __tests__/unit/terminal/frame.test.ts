import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import cliTruncate from 'cli-truncate'
import fc from 'fast-check'
import type { StageRecord } from '../../../src/pipeline/record.ts'
import { finishedLine, frame, type RunningStage, stillLine } from '../../../src/terminal/frame.ts'
import { hostileText } from '../report/hostile.ts'
import { failureOf, recordOf } from '../runs.ts'

const boot: RunningStage = { title: 'Boot the cluster', message: 'the API server answers', startedMs: 1000, usualMs: 25_400 }
const k6: RunningStage = { title: 'Install k6 2.3.0', message: null, startedMs: 500, usualMs: null }
const wide = { columns: 80, rows: 24 }

describe('the stages at work', () => {
  test('are a line each: what, the last thing said, how long so far, how long usually', () => {
    expect(frame([k6, boot], wide, 13_900)).toEqual(['⠏ Install k6 2.3.0  13 s', '⠏ Boot the cluster: the API server answers  12 s, usually 25 s'])
  })

  test('turn a spinner ten times a second, and no digit faster than each second', () => {
    const seen = [0, 100, 200, 900].map((ms) => frame([k6], wide, 10_500 + ms)[0] ?? '')
    expect(new Set(seen.map((line) => line.charAt(0))).size).toBe(4)
    expect(new Set(seen.map((line) => line.slice(1))).size).toBe(1)
  })

  test('usually take at least a second: 0 s would say nothing', () => {
    expect(frame([{ ...k6, usualMs: 12 }], wide, 500)[0]).toBe('⠴ Install k6 2.3.0  0 s, usually 1 s')
  })

  test.each([
    [60, '⠏ Boot the cluster: the API server ans…  12 s, usually 25 s'],
    [40, '⠏ Boot the cluster…  12 s, usually 25 s'],
    [24, '⠏ Boot the cluster: th…'],
    [2, '…'],
  ])('in %d columns give up words first', (columns, line) => {
    expect(frame([boot], { columns, rows: 24 }, 13_900)).toEqual([line])
  })

  test('that find no row are counted', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ ...k6, title: `stage ${index}` }))
    expect(frame(many, { columns: 80, rows: 4 }, 500)).toEqual(['⠴ stage 0  0 s', '⠴ stage 1  0 s', '  … and 7 more'])
    expect(frame(many, { columns: 80, rows: 10 }, 500)).toHaveLength(9)
    expect(frame(many, { columns: 80, rows: 1 }, 500)).toEqual(['  … and 9 more'])
  })

  test('never leave the terminal, whatever they say', () => {
    const stages = fc.array(fc.record({ title: hostileText, message: hostileText, startedMs: fc.nat(), usualMs: fc.option(fc.nat()) }), { maxLength: 8 })
    fc.assert(
      fc.property(stages, fc.integer({ min: 2, max: 120 }), fc.integer({ min: 2, max: 8 }), (running, columns, rows) => {
        const lines = frame(running, { columns, rows }, 2 ** 31)
        expect(lines.length).toBeLessThan(rows)
        for (const line of lines) {
          expect(line).not.toMatch(/\p{Cc}/u)
          expect(cliTruncate(line, columns - 1)).toBe(line)
        }
      }),
    )
  })

  test('have the same text in colour', () => {
    expect(frame([boot], wide, 13_900, true).map(stripVTControlCharacters)).toEqual(frame([boot], wide, 13_900))
  })
})

describe('a stage that is over', () => {
  const [stage] = recordOf().stages as [StageRecord]
  test.each<[string, Partial<StageRecord>]>([
    ['✓ Install kind 0.33.0, 0.9 s', {}],
    ['– Install kind 0.33.0, cancelled after 0.9 s', { status: 'cancelled' }],
    ['✗ Install kind 0.33.0, failed after 0.9 s: no such host [2J', { status: 'failed', failure: failureOf('no such host\u001b[2J') }],
  ])('%s', (line, changes) => {
    expect(finishedLine({ ...stage, ...changes })).toBe(line)
    expect(stripVTControlCharacters(finishedLine({ ...stage, ...changes }, true))).toBe(line)
  })
})

test('silent stages are named in one line, with their times', () => {
  expect(stillLine([boot, k6], 20_000, 31_500)).toBe('[ 20.0 s] still: Boot the cluster (30 s so far, usually 25 s); Install k6 2.3.0 (31 s so far)')
})
