import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fenced } from '../../../src/report/escape.ts'
import { fitMarkdown } from '../../../src/report/limit.ts'
import { withoutFences } from './github.ts'

const characters = (text: string) => text.length
const bytes = (text: string) => Buffer.byteLength(text)
const note = '> Shortened to GitHub’s size limit; the artifact has it all.'
const details = (title: string, content: string) => `<details><summary>${title}</summary>\n\n${content}\n\n</details>`

describe('a page', () => {
  const page = ['# head', details('first', 'a'.repeat(100)), details('second', 'b'.repeat(100)), '<sub>foot</sub>'].join('\n\n')

  test('that fits stays as it is', () => {
    expect(fitMarkdown(page, page.length, characters)).toBe(page)
  })

  test('that does not loses whole details, the last ones first, and says so', () => {
    expect(fitMarkdown(page, page.length - 1, characters)).toBe(`${page.replace(details('second', 'b'.repeat(100)), '')}\n\n${note}\n`)
    expect(fitMarkdown(page, 200, characters)).toBe(`# head\n\n\n\n\n\n<sub>foot</sub>\n\n${note}\n`)
  })

  test('that is too long without its details is cut', () => {
    const fitted = fitMarkdown(`${'x'.repeat(5000)}\n\n${details('a', 'b')}`, 1000, characters)
    expect(fitted).toMatch(/^x{500,}\n\n> Shortened/)
    expect(fitted.length).toBeLessThanOrEqual(1000)
  })

  test('is measured in the limit’s own unit', () => {
    const wide = `head\n\n${details('a', '\u{1f600}'.repeat(100))}`
    expect(fitMarkdown(wide, 300, characters)).toBe(wide)
    expect(fitMarkdown(wide, 300, bytes)).toBe(`head\n\n\n\n${note}\n`)
  })

  test('is never longer than its limit, keeps its beginning, and has every details it opens closed', () => {
    const section = fc.oneof(
      fc.string({ maxLength: 300 }).map((text) => text.replaceAll('<', ' ')),
      fc.string({ maxLength: 300 }).map((text) => details('more', text.replaceAll('<', ' '))),
    )
    fc.assert(
      fc.property(fc.array(section, { maxLength: 8 }), fc.integer({ min: 100, max: 1500 }), fc.constantFrom(characters, bytes), (sections, limit, size) => {
        const fitted = fitMarkdown(['head', ...sections].join('\n\n'), limit, size)
        expect(size(fitted)).toBeLessThanOrEqual(limit)
        expect(fitted).toMatch(/^head/)
        expect(fitted.split('<details>').length).toBe(fitted.split('</details>').length)
      }),
    )
  })

  test.each(['<details>', '</details>', '<details>\n</details>', '</details>\n<details>'])('is cut at its own details, not at a log’s: %j', (word) => {
    const log = details('Caused by', fenced(`before\n${word}\nafter`))
    const hostile = ['# head', log, details('Stages', 'x'.repeat(500)), '<sub>foot</sub>'].join('\n\n')
    for (let limit = 120; limit < hostile.length; limit += 10) {
      const fitted = withoutFences(fitMarkdown(hostile, limit, characters))
      expect(fitted).toContain('<sub>foot</sub>')
      expect(fitted).toContain(note)
      expect(fitted.split('<details>').length).toBe(fitted.split('</details>').length)
    }
  })

  test('is not cut in the middle of a character', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 200 }), (limit) => {
        expect(fitMarkdown('\u{1f600}'.repeat(300), limit, characters).isWellFormed()).toBe(true)
      }),
    )
  })
})
