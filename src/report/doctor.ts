import type { CheckResult } from '../doctor/check.ts'
import { blockersOf, readiness } from '../doctor/checks.ts'
import { plainLine } from './escape.ts'

/** From what needs no reading to what must be read: the last lines are those above the prompt. */
const order = ['ok', 'unknown', 'warning', 'problem'] as const satisfies readonly CheckResult['status'][]

/** Select Graphic Rendition codes of ECMA-48. */
const colours: Record<CheckResult['status'], number> = { ok: 32, unknown: 2, warning: 33, problem: 31 }

export interface DoctorOptions {
  /** Whether the terminal shows colour; `NO_COLOR` and pipes say no. */
  readonly color: boolean
}

/** Every finding as one aligned line, problems last, remedies beneath, and one sentence that sums up. */
export function renderDoctor(results: readonly CheckResult[], { color }: DoctorOptions): string {
  const statusWidth = widest(order)
  const titleWidth = widest(results.map(({ title }) => title))
  const paint = (text: string, code: number) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const lines = order.flatMap((status) =>
    results
      .filter((result) => result.status === status)
      .flatMap(({ title, seen, remedy }) => [
        `${paint(status.padEnd(statusWidth), colours[status])}  ${title.padEnd(titleWidth)}  ${plainLine(seen)}`,
        ...(remedy === null ? [] : [`${' '.repeat(statusWidth + titleWidth + 4)}→ ${plainLine(remedy)}`]),
      ]),
  )
  return [...lines, '', paint(plainLine(summarize(results)), 1)].join('\n')
}

/** `ready for kind`, `ready for local processes only: …` or `not ready: …`. */
export function summarize(results: readonly CheckResult[]): string {
  const blockers = blockersOf(results)
  const warnings = results.filter(({ status }) => status === 'warning').length
  const more = warnings === 0 ? '' : ` (${warnings} ${warnings === 1 ? 'warning' : 'warnings'})`
  switch (readiness(results)) {
    case 'kind':
      return `ready for kind${more}`
    case 'local':
      // Without an engine a run takes local processes by itself.
      return `ready for local processes only${blockers.some(({ name }) => name === 'engine') ? '' : ' (--cluster local)'}: ${reasons(blockers)}${more}`
    case 'none':
      return `not ready: ${reasons(blockers.filter(({ rulesOut }) => rulesOut === 'every run'))}${more}`
  }
}

function reasons(blockers: readonly CheckResult[]): string {
  return blockers.map(({ name, title, seen }) => (name === 'engine' ? 'no container engine answers' : `${title}: ${seen}`)).join('; ')
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length))
}
