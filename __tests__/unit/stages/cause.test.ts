import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../../src/pipeline/failure.ts'
import { causes, retold, stageFailure } from '../../../src/stages/cause.ts'

const source = join(import.meta.dirname, '..', '..', '..', 'src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && file !== join('stages', 'cause.ts'))
const texts = files.map((file) => ({ file, text: readFileSync(join(source, file), 'utf8') }))

describe('the causes', () => {
  test.each(Object.entries(causes))('%s: %s', (code, meaning) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(meaning).toMatch(/^\S.*\.$/)
    // One that nobody names would promise what never comes.
    expect(texts.some(({ text }) => text.includes(`'${code}'`))).toBe(true)
  })

  test('are named by every failure of a stage: only the runner, and who copies a failure, makes one without', () => {
    const makers = texts.filter(({ text }) => /new Failure\(/.test(text)).map(({ file }) => file)
    expect(makers.filter((file) => !file.startsWith('pipeline'))).toEqual(['main.ts'])
  })
})

describe('a failure told otherwise', () => {
  const cause = new Error('before')
  const failure = stageFailure('dns', 'no name', { kind: 'infrastructure', remedy: 'Look.', evidence: ['a'], cause, timedOut: true, data: 1 })

  test('keeps everything that is not changed', () => {
    const other = retold(failure, { message: 'still no name' })
    expect(other).toBeInstanceOf(Failure)
    expect(other).toMatchObject({
      message: 'still no name',
      kind: 'infrastructure',
      code: 'dns',
      remedy: 'Look.',
      evidence: ['a'],
      cause,
      timedOut: true,
      data: 1,
    })
  })

  test('has what is changed', () => {
    expect(retold(failure, { kind: 'workload', code: 'no-answer', evidence: [] })).toMatchObject({
      message: 'no name',
      kind: 'workload',
      code: 'no-answer',
      evidence: [],
      remedy: 'Look.',
    })
  })
})
