/**
 * Shortens Markdown to a size limit by whole `<details>` sections from the end, and says so.
 * What is left out is in the artifact.
 * @param size measures a text in the limit's unit, for example UTF-8 bytes
 */
export function fitMarkdown(markdown: string, limit: number, size: (text: string) => number): string {
  if (size(markdown) <= limit) return markdown
  const note = '\n\n> Shortened to GitHub’s size limit; the artifact has it all.\n'
  let text = markdown
  for (;;) {
    const start = text.lastIndexOf('<details>')
    if (start < 0) break
    const end = text.indexOf('</details>', start)
    text = text.slice(0, start) + (end < 0 ? '' : text.slice(end + '</details>'.length))
    if (size(text + note) <= limit) return text + note
  }
  while (size(text + note) > limit && text.length > 0) text = text.slice(0, Math.floor(text.length * 0.9))
  return text + note
}
