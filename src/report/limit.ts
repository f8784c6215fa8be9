/**
 * Shortens Markdown to a size limit by whole `<details>` sections, the last one first, and says so.
 * What is left out is in the artifact.
 * @param size measures a text in the limit's unit, for example UTF-8 bytes
 */
export function fitMarkdown(markdown: string, limit: number, size: (text: string) => number): string {
  if (size(markdown) <= limit) return markdown
  const note = '\n\n> Shortened to GitHub’s size limit; the artifact has it all.\n'
  let lines = markdown.trimEnd().split('\n')
  for (const [start, end] of detailsOf(lines)) {
    // Later sections go first, so the places of those before them still hold.
    lines = [...lines.slice(0, start), '', ...lines.slice(end + 1)]
    const text = lines.join('\n')
    if (size(text + note) <= limit) return text + note
  }
  let text = lines.join('\n')
  while (size(text + note) > limit && text.length > 0) text = withoutHalfCharacter(text.slice(0, Math.floor(text.length * 0.9)))
  return text + note
}

/** First and last line of every outermost `<details>` section, the last section first; what stands in a fence is text. */
function detailsOf(lines: readonly string[]): [number, number][] {
  const found: [number, number][] = []
  let fence: string | null = null
  let depth = 0
  let start = 0
  for (const [index, line] of lines.entries()) {
    const ticks = /^`{3,}/.exec(line)?.[0]
    if (fence !== null) {
      if (ticks && ticks.length >= fence.length && line.trim() === ticks) fence = null
    } else if (ticks) {
      fence = ticks
    } else if (line.startsWith('<details>')) {
      if (depth === 0) start = index
      depth += 1
    } else if (line.startsWith('</details>') && depth > 0) {
      depth -= 1
      if (depth === 0) found.unshift([start, index])
    }
  }
  return found
}

function withoutHalfCharacter(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1)
}
