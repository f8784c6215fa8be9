import type { Report } from '../report/report.ts'
import { reportSchema } from '../report/schema.ts'
import type { FinishedRun } from './event.ts'

/** Bounds of what is read; what a run of ours writes is far from each of them but the text's, which is cut. */
const limits = { depth: 12, items: 5000, keyLength: 300, textLength: 2000, number: 1e15, matrixValues: 10, matrixLength: 100 }

class TooMuch extends Error {}

/**
 * Makes a report of the bytes that a pull request's run left, which its author may have written by hand. Numbers and words are
 * the author's, and stay so; where the run happened and for what comes from GitHub's event instead, unknown keys go, and what
 * does not fit the schema or is for another commit is refused.
 */
export function acceptReport(bytes: Uint8Array, run: FinishedRun, trusted: Pick<Report['context'], 'repository' | 'pullRequest' | 'runUrl'>) {
  const problem = (words: string) => ({ problem: words })
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return problem('it is a zip archive; data files are uploaded as they are')
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return problem('it is not JSON')
  }
  try {
    json = withinLimits(json, 0)
  } catch (error) {
    if (error instanceof TooMuch) return problem(error.message)
    throw error
  }
  const read = reportSchema.safeParse(json)
  if (!read.success) {
    const places = read.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'the whole'}: ${message}`)
    return problem(`it is no report: ${places.slice(0, 3).join('; ')}${places.length > 3 ? ` and ${places.length - 3} more` : ''}`.slice(0, 500))
  }
  const report: Report = read.data
  if (report.context.sha !== run.headSha) return problem('it is of another commit than the run')
  return {
    report: {
      ...report,
      context: {
        ...report.context,
        ...trusted,
        workflow: run.workflow,
        matrix: shortened(report.context.matrix),
        sha: run.headSha,
        runId: run.id,
        runAttempt: run.attempt,
      },
      // Names that need no escaping anywhere.
      files: report.files.filter((name) => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(name)),
    } satisfies Report,
  }
}

/** The value with long texts cut. */
function withinLimits(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > limits.textLength ? `${value.slice(0, limits.textLength).toWellFormed()}…` : value.toWellFormed()
  if (typeof value === 'number' && Math.abs(value) > limits.number) throw new TooMuch(`it has a number above ${limits.number}`)
  if (value === null || typeof value !== 'object') return value
  if (depth >= limits.depth) throw new TooMuch(`it is nested more than ${limits.depth} deep`)
  const entries = Object.entries(value)
  if (entries.length > limits.items) throw new TooMuch(`it has a list of more than ${limits.items}`)
  if (Array.isArray(value)) return value.map((item) => withinLimits(item, depth + 1))
  if (entries.some(([key]) => key.length > limits.keyLength)) throw new TooMuch(`it has a key of more than ${limits.keyLength} characters`)
  return Object.fromEntries(entries.map(([key, item]) => [key.toWellFormed(), withinLimits(item, depth + 1)]))
}

/** A headline has little room. */
function shortened(matrix: Report['context']['matrix']): Report['context']['matrix'] {
  const text = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, limits.matrixLength)
  return (
    matrix &&
    Object.fromEntries(
      Object.entries(matrix)
        .slice(0, limits.matrixValues)
        .map(([key, value]) => [key, text(value)]),
    )
  )
}
