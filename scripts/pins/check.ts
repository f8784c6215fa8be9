import type { PinTable } from '../../src/config/pins.ts'
import type { Ask } from './ask.ts'
import { describeProblems, type Problem } from './problems.ts'
import { newestOf, statementsOf, versionsOf } from './publishers.ts'

/** What a comparison of the table with its publishers found, a line each. */
export interface PinsCheck {
  /** The same version has other bytes. */
  readonly errors: readonly string[]
  /** A publisher did not answer, or not with what was asked for. */
  readonly unanswered: readonly string[]
  /** Something newer, or a digest that is not pinned yet. */
  readonly warnings: readonly string[]
}

/** Compares every pin with what its publisher says today. Rejects never: who does not answer is part of the result. */
export async function checkPins(ask: Ask, table: PinTable): Promise<PinsCheck> {
  const errors: string[] = []
  const problems: Problem[] = []
  const warnings: string[] = []
  const noted = (what: string, work: Promise<void>) => work.catch((error: unknown) => void problems.push({ what, error }))

  const statements = statementsOf(versionsOf(table), table).map(({ pin, pinned, published }) =>
    noted(
      pin,
      published(ask).then(({ sum, source }) => {
        if (pinned === null) warnings.push(`${pin} is not pinned; ${source} says ${sum}; run: npm run pins`)
        else if (pinned !== sum) errors.push(`${pin} has other bytes: pinned is ${pinned}, ${source} says ${sum}; find out why before you change the pin`)
      }),
    ),
  )
  const versions = newestOf(table).map(({ what, pinned, newest }) =>
    noted(
      `newest ${what}`,
      newest(ask).then((found) => {
        const newer = found.filter((version) => !pinned.includes(version))
        if (newer.length > 0) warnings.push(`${what} ${newer.join(', ')} is out; pinned is ${pinned.join(', ')}; run: npm run pins`)
      }),
    ),
  )
  await Promise.all([...statements, ...versions])
  return { errors: errors.toSorted(), unanswered: describeProblems(problems), warnings: warnings.toSorted() }
}

/** 1 for other bytes, which is the worst; 2 when somebody did not answer; else 0. */
export function exitCodeOf({ errors, unanswered }: PinsCheck): 0 | 1 | 2 {
  if (errors.length > 0) return 1
  return unanswered.length > 0 ? 2 : 0
}
