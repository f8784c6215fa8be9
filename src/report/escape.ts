/**
 * Makes text from outside (pod messages, logs, names) plain in GitHub's Markdown: no HTML, no
 * mention, no link, no table cell of its own, one line.
 */
export function escapeMarkdown(text: string): string {
  return (
    text
      .replace(/[\r\n\t\p{Cc}]+/gu, ' ')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_{}[\]|~#!]/g, '\\$&')
      // GitHub looks for these in the rendered text, so neither backslash nor entity hides them; a zero-width space does.
      .replace(/(?<!\w)@(?=\w)|@(?=[\w-]*\.)/g, '@\u200b')
      .replace(/#(?=\d)/g, '#\u200b')
      .replace(/\b(GH)-(?=\d)/gi, '$1\u200b-')
      .replace(/\b(www)\.(?=\w)/gi, '$1\u200b.')
      .replace(/:\/\//g, ':\\//')
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
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text.trimEnd()}\n${fence}`
}
