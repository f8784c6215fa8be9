import { escapeHtml } from './escape.ts'

/** HTML that is safe as it stands: only `html` makes it, and that escapes every text put in. */
export interface Markup {
  readonly markup: string
}

type Part = string | Markup | readonly Markup[]

/** HTML with text put in. Attributes must be in double quotes, and an address must be checked before it becomes an href. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.reduce((page, string, index) => `${page}${print(parts[index - 1] ?? '')}${string}`) }
}

export const nothing: Markup = { markup: '' }

function print(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}
