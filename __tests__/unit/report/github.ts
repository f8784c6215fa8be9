/** Markdown as GitHub reads it, as far as these tests ask. */

/** What stays of Markdown when its fenced blocks are taken out; their text is never markup. */
export function withoutFences(markdown: string): string {
  const kept: string[] = []
  let fence: string | undefined
  for (const line of markdown.split('\n')) {
    const [, ticks] = /^(`{3,})/.exec(line) ?? []
    if (fence === undefined && ticks !== undefined) fence = ticks
    else if (fence !== undefined && line.trim() === fence) fence = undefined
    else if (fence === undefined) kept.push(line)
  }
  if (fence !== undefined) kept.push('a fence that is never closed')
  return kept.join('\n')
}

/** The characters that are markup, line by line: escapes and entities are not, nor is plain text. */
export function skeleton(markdown: string): string {
  return withoutFences(markdown)
    .replace(/\\[!-/:-@[-`{-~]/g, '')
    .replace(/&#?\w+;/g, '')
    .replace(/[^\n\\`*_{}[\]|~#!<>&@]/g, '')
}

/** The text a reader sees: escapes undone, entities decoded. */
export function readText(markdown: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return markdown.replace(/\\([!-/:-@[-`{-~])|&#(\d+);|&(\w+);/g, (all, escaped?: string, code?: string, name?: string) => {
    if (escaped !== undefined) return escaped
    return code === undefined ? (named[name ?? ''] ?? all) : String.fromCodePoint(Number(code))
  })
}

/**
 * What GitHub makes of the text of a page once its Markdown is HTML, so that no escape or entity is left to hide behind:
 * mentions of people and teams (html-pipeline's MentionFilter and TeamMentionFilter), references to issues, e-mail addresses
 * (GFM's extended e-mail autolinks are looked for in the finished text, see cmark-gfm's postprocess_text).
 */
export function linksInText(text: string): string[] {
  const patterns = [/(?<=^|\W)@[a-z0-9][a-z0-9-]*/gi, /(?<=^|\W)(?:#|GH-)\d+/gi, /[\w.-]+\/[\w.-]+#\d+/g, /[\w.+-]+@[\w-]+\.[\w.-]+/g]
  return patterns.flatMap((pattern) => text.match(pattern) ?? [])
}

/** Addresses that GFM's parser links in Markdown itself, where an entity or escape does keep it from doing so. */
export function linksInMarkdown(markdown: string): string[] {
  return markdown.match(/https?:\/\/[^\s<]+|(?<![\w/.])www\.[^\s<]+/gi) ?? []
}

/** Text without the marks that only keep things apart. */
export function withoutBreakers(text: string): string {
  return text.replace(/[\u200b\u2060]|<!-- -->|<span><\/span>/g, '')
}
