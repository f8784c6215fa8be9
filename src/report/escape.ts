/**
 * Characters that nobody sees and that turn text around, hide it or break its line: marks and overrides of direction, line and
 * paragraph separators, and tags.
 */
const unseen = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

/**
 * Makes text from outside (pod messages, logs, names) plain in GitHub's Markdown: no HTML, no
 * mention, no link, no picture, no formula, no table cell of its own, one line.
 */
export function escapeMarkdown(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(unseen, ' ')
      .replace(/[\r\n\t\p{Cc}]+/gu, ' ')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_{}[\]|~#!]/g, '\\$&')
      // GitHub looks for these in the rendered text, so neither backslash nor entity hides them; a zero-width space does.
      .replace(/(?<!\w)@(?=\w)|@(?=[\w-]*\.)/g, '@\u200b')
      .replace(/@(?=[0-9a-f]{7,40}\b)/gi, '@\u200b')
      // A picture of GitHub’s own, such as :octocat:.
      .replace(/:(?=\d*[a-z_+-])(?=[a-z0-9_+-]{1,40}:)/gi, ':\u200b')
      .replace(/#(?=\d)/g, '#\u200b')
      .replace(/\b(GH)-(?=\d)/gi, '$1\u200b-')
      .replace(/\b(www)\.(?=\w)/gi, '$1\u200b.')
      .replace(/:\/\//g, ':\\//')
      // Between two of them GitHub sets a formula.
      .replace(/\$/g, '&#36;')
      .trim()
  )
}

/** Makes text from outside plain in HTML, in elements as in double-quoted attributes; line ends stay, other control characters go. */
export function escapeHtml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n]+/gu, ' ')
    .replace(/[&<>"']/g, (character) => named[character] ?? '')
}

/**
 * Text from outside as one line of a job log, in which no workflow command can hide: the runner obeys
 * lines that begin with `::`, and `##[` wherever it stands.
 */
export function plainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/##\[/g, '# #[')
    .replace(/^\s*::/, ': :')
}

/** Text from outside as a fenced block; the fence is longer than any inside. */
export function fenced(text: string): string {
  const plain = text
    .toWellFormed()
    .replace(unseen, ' ')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .trimEnd()
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${plain}\n${fence}`
}
