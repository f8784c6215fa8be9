import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { renderMarkdown } from '../../../src/report/markdown.ts'
import { readReport } from '../../../src/report/read.ts'
import type { Report } from '../../../src/report/report.ts'
import { reportSchema } from '../../../src/report/schema.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import { reports } from '../runs.ts'
import { reportWith } from './hostile.ts'

const published = JSON.parse(readFileSync(join(import.meta.dirname, '../../../schemas/report.schema.json'), 'utf8')) as object
const ajv = new Ajv2020({ allErrors: true, strict: true, strictTuples: false, allowUnionTypes: true })
formats.default(ajv)
const validate = ajv.compile(published)

/** What the published schema finds wrong. */
function violations(value: unknown): string[] {
  validate(value)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const written = (report: Report) => JSON.parse(JSON.stringify(report)) as Record<string, unknown>

/** Every place in a value, as keys from the top. */
function placesOf(value: unknown, place: readonly string[] = []): string[][] {
  const below = value !== null && typeof value === 'object' ? Object.entries(value).flatMap(([key, item]) => placesOf(item, [...place, key])) : []
  return [[...place], ...below]
}

/** A copy with another value in one place; `undefined` takes it away. */
function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>
  copy[key] = changed(copy[key], rest, to)
  return copy
}

describe('a report of every way a run can end', () => {
  test.each(Object.entries(reports))('fits the published schema and ours: %s', (_, report) => {
    expect(violations(written(report))).toEqual([])
    expect(reportSchema.safeParse(written(report)).error?.issues).toBeUndefined()
    expect(readReport(JSON.stringify(report))).toEqual({ report: written(report) })
  })

  test('loses nothing to our schema, which therefore knows every key', () => {
    for (const report of Object.values(reports)) expect(reportSchema.parse(written(report))).toEqual(written(report))
  })

  test('fits whatever is said in it', () => {
    for (const text of ['', '\u0000', '<b>', '__proto__', 'constructor']) expect(violations(written(reportWith(text)))).toEqual([])
  })
})

describe('what is no report', () => {
  const whole = written(reports.passed)

  test.each<[string, readonly string[], unknown]>([
    ['a verdict of its own', ['verdict'], 'great'],
    ['another version', ['schemaVersion'], 2],
    ['a number as text', ['durationMs'], '12'],
    ['a missing sentence', ['sentence'], undefined],
    ['a time without its zone', ['startedAt'], '2026-11-22T10:00:00'],
    ['a percentile that is a word', ['load', 'total', 'latencyMs', 'percentiles', '95'], 'fast'],
    ['an error rate above 1', ['load', 'total', 'errorRate'], 2],
    ['half a request', ['load', 'total', 'requests'], 0.5],
    ['a stage of unknown state', ['stages', '0', 'status'], 'fine'],
    ['a list that is none', ['warnings'], 'none'],
    ['nothing where something must be', ['settings'], null],
  ])('is refused by the published schema and by ours alike, with the place: %s', (_, place, value) => {
    const text = JSON.stringify(changed(whole, place, value))
    expect(violations(JSON.parse(text))).not.toEqual([])
    expect(readReport(text)).toEqual({ problems: [expect.stringMatching(new RegExp(`^${place.join('\\.')}: `))] })
  })

  test('is told with all that is wrong with it at once', () => {
    const read = readReport(JSON.stringify({ ...whole, verdict: 1, stages: 2, files: [3] }))
    expect('problems' in read && read.problems.map((problem) => problem.split(':')[0])).toEqual(['verdict', 'stages', 'files.0'])
  })

  test.each(['', '{', 'null', '[]', '"text"', '12', '{}'])('never breaks the reader: %j', (text) => {
    expect(readReport(text)).toMatchObject({ problems: expect.arrayContaining([expect.any(String)]) })
  })
})

describe('a key nobody knows', () => {
  const later = { ...written(reports.passed), weather: 'fine', context: { ...reports.passed.context, planet: 'Earth' } }

  test('is allowed, and kept: a later version may write more', () => {
    expect(violations(later)).toEqual([])
    expect(readReport(JSON.stringify(later))).toEqual({ report: later })
  })
})

describe('a report with something else in one place', () => {
  const all = Object.values(reports).map(written)
  const mutated = fc
    .constantFrom(...all)
    .chain((report) => fc.tuple(fc.constant(report), fc.constantFrom(...placesOf(report)), fc.oneof(fc.jsonValue(), fc.constant(undefined))))
    .map(([report, place, value]) => JSON.stringify(changed(report, place, value)) ?? '')

  test('is taken or refused, never a crash; what is taken can be shown', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const read = readReport(text)
        if ('problems' in read) expect(read.problems.length).toBeGreaterThan(0)
        else expect(renderMarkdown(read.report, { artifact: null }) + renderTerminal(read.report)).toContain(read.report.verdict)
      }),
      { numRuns: 300 },
    )
  }, 30_000)

  test('is taken by the published schema exactly when it is by ours', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        if (text === '') return
        expect(violations(JSON.parse(text)).length === 0).toBe('report' in readReport(text))
      }),
      { numRuns: 300 },
    )
  }, 30_000)
})
