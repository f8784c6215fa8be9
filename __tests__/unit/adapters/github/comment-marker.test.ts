import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { commentMarker, isNewer, readMarker } from '../../../../src/adapters/github/comment-marker.ts'

const run = { id: 17_000_000_001, attempt: 2 }

describe('the marker', () => {
  test('is one HTML comment that no key can end, and tells key and run', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const marker = commentMarker(key, run)
        expect(marker).toMatch(/^<!-- [\w. -]+ -->$/)
        expect(marker.indexOf('-->')).toBe(marker.length - 3)
        expect(readMarker(`${marker}\ntext`, key)).toEqual({ run })
        expect(readMarker(`${marker}\ntext`, `${key}!`)).toBeNull()
      }),
    )
  })

  test('of an older version tells no run', () => {
    expect(readMarker(`${commentMarker('key')}\ntext`, 'key')).toEqual({ run: null })
  })

  test.each(['', 'text', `> ${commentMarker('key', run)}`, '<!-- mlops-pipeline-action -->', commentMarker('key', run).replace('.2', '.x')])(
    'is not what %j begins with',
    (body) => expect(readMarker(body, 'key')).toBeNull(),
  )
})

test.each([
  [true, { id: 43, attempt: 1 }, { id: 42, attempt: 9 }],
  [true, { id: 42, attempt: 2 }, { id: 42, attempt: 1 }],
  [false, { id: 42, attempt: 1 }, { id: 42, attempt: 1 }],
  [false, { id: 41, attempt: 9 }, { id: 42, attempt: 1 }],
  [false, null, { id: 42, attempt: 1 }],
  [false, { id: 42, attempt: 1 }, null],
])('%p: %j is newer than %j', (expected, other, ours) => {
  expect(isNewer(other, ours)).toBe(expected)
})
