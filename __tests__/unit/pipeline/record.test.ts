import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Failure } from '../../../src/pipeline/failure.ts'
import { recordFailure, recordFile } from '../../../src/pipeline/record.ts'
import { recordOf } from '../runs.ts'

describe('the file of a run record', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'record-test-'))
    path = join(folder, 'run.json')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('holds the last record, whole, and nothing lies beside it', () => {
    const write = recordFile(path)
    write(recordOf({}, { failedStage: 'load' }))
    write(recordOf())
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(recordOf())
    expect(readdirSync(folder)).toEqual(['run.json'])
  })

  test('is replaced, not rewritten: who has opened it reads the whole of the one before', () => {
    const write = recordFile(path)
    write(recordOf({}, { failedStage: 'load' }))
    const reader = openSync(path, 'r')
    write(recordOf())
    expect(JSON.parse(readFileSync(reader, 'utf8'))).toMatchObject({ failedStage: 'load' })
    closeSync(reader)
  })

  test('keeps the record before when a new one cannot be written', () => {
    const write = recordFile(path)
    write(recordOf())
    expect(() => write(recordOf({ load: { data: 1n } }))).toThrow(TypeError)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(recordOf())
  })
})

describe('the evidence of a failure', () => {
  const record = (evidence: readonly string[], redact?: (text: string) => string) =>
    recordFailure(new Failure('no', { kind: 'workload', evidence }), redact).evidence

  test('is lines of their own, without those that say nothing', () => {
    expect(record(['log: two\nlines\there ', '  ', 'log: one'])).toEqual(['log: two lines here', 'log: one'])
  })

  test('is twelve lines of 300 characters at most', () => {
    const kept = record(Array.from({ length: 20 }, (_, index) => `${index} ${'x'.repeat(1000)}`))
    expect(kept).toHaveLength(12)
    expect(kept.map((line) => line.length)).toEqual(Array(12).fill(300))
    expect(kept[11]).toMatch(/^11 x+…$/)
  })

  test('is redacted before it is cut: half a secret would not be found', () => {
    const line = `${'x'.repeat(296)}secret`
    expect(record([line], (text) => text.replace('secret', '***'))[0]).toBe(`${'x'.repeat(296)}***`)
  })
})
