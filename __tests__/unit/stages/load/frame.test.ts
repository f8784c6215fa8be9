import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { frameReader } from '../../../../src/stages/load/frame.ts'

const marker = 'mlops-0b0e-4a'

/** What `k6/frame.js` makes of a text; the real k6 is held to the same in the contract tests. */
function framed(text: string, by = marker, width = 8): string[] {
  const lines =
    Buffer.from(text)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  return [`${by} begin`, ...lines.map((line) => `${by} data ${line}`), `${by} end ${lines.length} ${createHash('sha256').update(text).digest('hex')}`]
}

function read(lines: readonly string[], longest?: number) {
  const reader = frameReader(marker, longest)
  const others = lines.filter((line) => !reader.take(line))
  return { text: reader.text(), others }
}

describe('a framed text', () => {
  test('is read back as it was', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(read(framed(text))).toEqual({ text, others: [] })))
  })

  test('is found among whatever a script prints, which is left over', () => {
    const noise = fc.array(
      fc.oneof(fc.string(), fc.constantFrom('{"level":"info","msg":"hey"}', 'mlops- begin', 'data AAAA', 'end 0', ...framed('another', 'mlops-ffff-00'))),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(fc.string(), fc.array(noise, { minLength: 20, maxLength: 20 }), (text, between) => {
        const own = framed(text)
        const lines = own.flatMap((line, index) => [...(between[index] ?? []), line])
        expect(read(lines)).toEqual({ text, others: lines.filter((line) => !own.includes(line)) })
      }),
    )
  })

  test('is found behind what another stream wrote without an end of line', () => {
    expect(read(framed('x').map((line) => `half a line${line}`)).text).toBe('x')
  })

  test.each<[string, (lines: string[]) => string[]]>([
    ['a line is missing', (lines) => lines.toSpliced(1, 1)],
    ['its end is missing', (lines) => lines.slice(0, -1)],
    ['its begin is missing', (lines) => lines.slice(1)],
    ['a line is there twice', (lines) => lines.toSpliced(1, 0, lines[1] as string)],
    ['a line is another', (lines) => lines.with(1, `${marker} data AAAAAAAA`)],
    ['lines changed places', (lines) => lines.with(1, lines[2] as string).with(2, lines[1] as string)],
  ])('is nothing when %s', (_, spoil) => {
    expect(read(spoil(framed('a summary of some length'))).text).toBeNull()
  })

  test('is the last whole one, whatever a script that knows the marker printed before', () => {
    expect(read([...framed('forged'), `${marker} begin`, `${marker} data AAAA`, ...framed('real')]).text).toBe('real')
  })

  test('is dropped when it grows too long, and the next one is not', () => {
    expect(read(framed('x'.repeat(1000)), 100).text).toBeNull()
    expect(read([...framed('x'.repeat(1000)), ...framed('short')], 100).text).toBe('short')
  })
})
