import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { escapeMarkdown, fenced } from '../../../src/report/escape.ts'
import { linksInMarkdown, linksInText, readText, skeleton, withoutBreakers, withoutFences } from './github.ts'
import { hostileText } from './hostile.ts'

describe('escaped text', () => {
  test.each([
    ['plain words', 'pod foo-1 is Pending', 'pod foo-1 is Pending'],
    ['HTML', '<b onclick="x()">&amp;</b>', '&lt;b onclick="x()"&gt;&amp;amp;&lt;/b&gt;'],
    ['a table cell', 'a | b \\| c', 'a \\| b \\\\\\| c'],
    ['code', 'run `x`', 'run \\`x\\`'],
    ['emphasis', '*a* _b_ ~c~', '\\*a\\* \\_b\\_ \\~c\\~'],
    ['a link', '[a](b) ![c](d)', '\\[a\\](b) \\!\\[c\\](d)'],
    ['lines and control characters', ' a\r\nb\tc\u0000d\u001b[0m\n', 'a b c d \\[0m'],
    ['marks that turn or hide text', 'a\u202egnp.b\u2066c\u2069d\u200fe\ufefff\u{e0041}g\u2028h', 'a gnp.b c d e f g h'],
    ['half a character', 'a\ud83d', 'a\ufffd'],
    ['a formula', '$x$ and $$y$$', '&#36;x&#36; and &#36;&#36;y&#36;&#36;'],
    ['a picture of GitHub’s', 'by :octocat: and :+1:', 'by :\u200boctocat: and :\u200b+1:'],
    ['a time and an address', '10:00:00 at fe80::1, redis:5000', '10:00:00 at fe80::1, redis:5000'],
    ['a commit of another repository', 'octo/app@0123456789', 'octo/app@\u200b0123456789'],
    ['an image’s digest', 'echo@sha256:0123456789ab', 'echo@sha256:0123456789ab'],
    ['nothing', '', ''],
  ])('%s: %j is %j', (_, text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped)
  })

  test('is one line without any markup, whatever it was', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const escaped = escapeMarkdown(text)
        expect(escaped).not.toMatch(/[\r\n]/)
        expect(skeleton(withoutBreakers(escaped)).replace(/[@#]/g, '')).toBe('')
      }),
    )
  })

  test('reads as what it was, but for white space', () => {
    const words = (text: string) =>
      withoutBreakers(text)
        .toWellFormed()
        .replace(/[\s\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]+/gu, ' ')
        .trim()
    fc.assert(fc.property(hostileText, (text) => expect(words(readText(escapeMarkdown(text)))).toBe(words(text))))
  })

  test.each([
    ['a mention', 'thanks @octocat'],
    ['a mention of a team', '@octo/team'],
    ['a reference to an issue', 'closes #1'],
    ['a reference to another repository’s issue', 'octo/app#12'],
    ['an e-mail address', 'me@evil.example'],
  ])('is no link or notification to GitHub once the Markdown is HTML: %s', (_, text) => {
    expect(linksInText(readText(escapeMarkdown(text)))).toEqual([])
  })

  test.each(['see https://evil.example/a', 'see HTTP://evil.example', 'see www.evil.example', '(www.evil.example)'])(
    'is no link to GFM’s parser: %s',
    (text) => {
      expect(linksInMarkdown(text)).not.toEqual([])
      expect(linksInMarkdown(escapeMarkdown(text))).toEqual([])
    },
  )
})

describe('a fenced block', () => {
  test.each([
    ['words', 'a\nb\n\n', '```text\na\nb\n```'],
    ['a fence', 'x\n```\ny', '````text\nx\n```\ny\n````'],
    ['a longer fence', '`````', '``````text\n`````\n``````'],
    ['a fence after a lone carriage return', 'x\r```\ry', '````text\nx\n```\ny\n````'],
    ['control characters and marks that turn text', 'a\u001b[0m\u202eb', '```text\na [0m b\n```'],
    ['nothing', '', '```text\n\n```'],
  ])('of %s', (_, text, block) => {
    expect(fenced(text)).toBe(block)
  })

  test('holds all of its text, whatever that is', () => {
    fc.assert(fc.property(hostileText, (text) => expect(withoutFences(`before\n${fenced(text)}\nafter`)).toBe('before\nafter')))
  })
})
