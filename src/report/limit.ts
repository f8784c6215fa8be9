/** A part of a page. */
export interface Section {
  /** How a reader calls it. */
  readonly name: string
  readonly markdown: string
  /** How soon it is left out for length: 1 goes last. Without one it always stays, so it has a bounded length. */
  readonly rank?: number
}

/** What a page has room for. */
export interface Layout {
  /** Only as much in sight as is read in ten seconds. */
  readonly brief: boolean
  /** Longest page, as `size` measures it. */
  readonly limit: number
  readonly size: (markdown: string) => number
}

/** A page of any length. */
export const unlimited: Layout = { brief: false, limit: Number.POSITIVE_INFINITY, size: () => 0 }

/**
 * Puts sections together in their order. When they are too long, whole ones are left out: each is taken in the order of its
 * rank while there is room for it, and a note before the last section names those that are not there.
 * @param note says which sections were left out
 */
export function fitSections(sections: readonly Section[], { limit, size }: Layout, note: (names: readonly string[]) => string): string {
  const present = sections.filter(({ markdown }) => markdown !== '')
  const whole = join(present)
  if (size(whole) <= limit) return whole
  const ranked = present.filter(({ rank }) => rank !== undefined).toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
  const kept = new Set(present.filter(({ rank }) => rank === undefined))
  let length = size(join([...kept, { markdown: note(ranked.map(({ name }) => name)) }]))
  for (const section of ranked) {
    const longer = length + size(`${section.markdown}${separator}`)
    if (longer > limit) continue
    kept.add(section)
    length = longer
  }
  const left = { markdown: note(present.filter((section) => !kept.has(section)).map(({ name }) => name)) }
  const fitting = present.filter((section) => kept.has(section))
  return join([...fitting.slice(0, -1), left, ...fitting.slice(-1)])
}

const separator = '\n\n'

function join(sections: readonly Pick<Section, 'markdown'>[]): string {
  return `${sections.map(({ markdown }) => markdown).join(separator)}\n`
}

/** Text cut to a number of characters, never inside one. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…`
}
