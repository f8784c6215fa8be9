import { formatMs, formatValue } from '../gates/describe.ts'
import { describeShape } from '../stages/load/shape.ts'
import type { Report } from './report.ts'
import { numbersOf, type ScopeNumbers, type Snapshot } from './snapshot.ts'
import { orDash, type Row, type Table } from './tables.ts'

/** What is compared of each scope, and how much of a difference is more than noise. */
interface Compared {
  readonly name: string
  readonly of: (numbers: ScopeNumbers) => number | null
  readonly format: (value: number) => string
  /** Both must be exceeded; without a relative one the absolute one alone counts. */
  readonly noise: { readonly relative?: number; readonly absolute: number }
}

const ms = (name: string, of: Compared['of']): Compared => ({ name, of, format: (value) => formatMs(value), noise: { relative: 0.1, absolute: 1 } })

const compared: readonly Compared[] = [
  {
    name: 'rate',
    of: ({ requestsPerSecond }) => requestsPerSecond,
    format: (value) => formatValue(value, 'per-second'),
    noise: { relative: 0.1, absolute: 1 },
  },
  // Relative differences of small error rates are wild: 0.1 percentage points it is.
  { name: 'errors', of: ({ errorRate }) => errorRate, format: (value) => formatValue(value, 'ratio'), noise: { absolute: 0.001 } },
  ms('p95', ({ p95Ms }) => p95Ms),
  ms('p99', ({ p99Ms }) => p99Ms),
]

/** Rows a reader still takes in; the largest changes are the ones that stay. */
const mostRows = 12

/**
 * What differs from the run before: verdict, load, and of the whole and each service rate, error rate, p95 and p99. A difference within
 * the noise is none: 10 % of a rate or latency (and at least 1/s or 1 ms), 0.1 percentage points of errors.
 * Null when there is nothing to compare with, or nothing differs.
 */
export function changesTable(report: Report, previous: Snapshot | null): Table | null {
  if (previous === null || isOwn(report, previous)) return null
  const { load, verdict } = report
  const rows: Row[] = []
  if (verdict !== previous.verdict) rows.push({ cells: ['Verdict', previous.verdict, verdict, ''] })
  const shape = load && describeShape(load.shape)
  if (shape !== null && previous.load !== null && shape !== previous.load) rows.push({ cells: ['Load', previous.load, shape, ''] })
  if (load && previous.total) {
    const scopes: (readonly [string, ScopeNumbers, ScopeNumbers])[] = [['All', previous.total, numbersOf(load.total)]]
    for (const [name, metrics] of Object.entries(load.services)) {
      const then = Object.hasOwn(previous.services, name) ? previous.services[name] : undefined
      if (then) scopes.push([name, then, numbersOf(metrics)])
    }
    const changes = scopes.flatMap(([scope, then, now]) => compared.flatMap((metric) => change(scope, metric, metric.of(then), metric.of(now)) ?? []))
    const kept = new Set(changes.toSorted((a, b) => b.weight - a.weight).slice(0, mostRows))
    rows.push(...changes.filter((each) => kept.has(each)).map(({ row }) => row))
    if (changes.length > kept.size) rows.push({ cells: [`and ${changes.length - kept.size} smaller changes`, '', '', ''] })
  }
  return rows.length === 0 ? null : { head: ['', 'Then', 'Now', 'Change'], rows, numbersFrom: 1 }
}

/** The commit of the run before, and whether there is one to compare with. */
export function changesTitle(report: Report, previous: Snapshot | null): string | null {
  if (previous === null || isOwn(report, previous)) return null
  return `Since the last run${previous.sha === null ? '' : ` (commit ${previous.sha.slice(0, 7)})`}`
}

/** A run that reports twice is not its own predecessor. */
function isOwn({ context }: Pick<Report, 'context'>, { runId, runAttempt }: Snapshot): boolean {
  return runId !== null && context.runId === runId && (context.runAttempt ?? 1) === runAttempt
}

function change(scope: string, { name, format, noise }: Compared, then: number | null, now: number | null): { row: Row; weight: number } | null {
  if (then === null && now === null) return null
  const cells = [`${scope}: ${name}`, orDash(then, format), orDash(now, format)]
  // What is missing now, or was, weighs more than any number.
  if (then === null || now === null) return { row: { cells: [...cells, ''] }, weight: Number.MAX_VALUE }
  const difference = now - then
  const relative = then === 0 ? Number.MAX_VALUE : Math.abs(difference) / then
  if (Math.abs(difference) <= noise.absolute || relative <= (noise.relative ?? 0)) return null
  const arrow = difference > 0 ? '▲' : '▼'
  const amount = noise.relative === undefined ? `${formatValue(Math.abs(difference) * 100, 'number', 2)} points` : percent(relative)
  return { row: { cells: [...cells, `${arrow} ${amount}`.trim()] }, weight: noise.relative === undefined ? Math.abs(difference) * 100 : relative }
}

/** Whole percents; a change from nothing has none. */
function percent(relative: number): string {
  if (relative === Number.MAX_VALUE) return ''
  return relative >= 10 ? `× ${Math.round(relative + 1)}` : `${Math.round(relative * 100)}%`
}
