import cliTruncate from 'cli-truncate'
import type { StageRecord } from '../pipeline/record.ts'
import { plainLine } from '../report/escape.ts'
import { formatSeconds } from '../report/tables.ts'
import { paint, terminalMarks, timestamp } from '../report/terminal.ts'

/** A stage at work. Times are those of one clock, in milliseconds. */
export interface RunningStage {
  readonly title: string
  /** The last thing it said. */
  readonly message: string | null
  readonly startedMs: number
  /** How long it usually takes, or null when nobody knows. */
  readonly usualMs: number | null
}

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** Time between two pictures of the spinner, in milliseconds. */
export const spinnerMs = 100
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/**
 * What is at work, a line each. No line reaches the terminal's last column, where some wrap, and there is always a row left
 * for the cursor below; stages without a row are counted.
 */
export function frame(running: readonly RunningStage[], { columns, rows }: TerminalSize, nowMs: number, color = false): string[] {
  const room = Math.max(1, rows - 1)
  const shown = running.length <= room ? running : running.slice(0, room - 1)
  const lines = shown.map((stage) => stageLine(stage, Math.max(1, columns - 1), nowMs, color))
  const left = running.length - shown.length
  return left === 0 ? lines : [...lines, cliTruncate(`  … and ${left} more`, Math.max(1, columns - 1))]
}

function stageLine({ title, message, startedMs, usualMs }: RunningStage, width: number, nowMs: number, color: boolean): string {
  const sign = spinner[Math.floor(nowMs / spinnerMs) % spinner.length] ?? ''
  const times = `  ${formatElapsed(nowMs - startedMs)}${usually(usualMs)}`
  const text = plainLine(message ? `${title}: ${message}` : title)
  // The words give way to the times, unless there is no room for either.
  const wordsWidth = width - 2 - times.length
  if (wordsWidth < 8) return cliTruncate(`${sign} ${text}`, width)
  return `${paint(sign, 'yellow', color)} ${cliTruncate(text, wordsWidth)}${paint(times, 'dim', color)}`
}

/** What is at work and has been silent, as one line for where nothing is drawn over. */
export function stillLine(silent: readonly RunningStage[], elapsedMs: number, nowMs: number): string {
  const stages = silent.map(({ title, startedMs, usualMs }) => `${title} (${formatElapsed(nowMs - startedMs)} so far${usually(usualMs)})`)
  return plainLine(`${timestamp(elapsedMs)} still: ${stages.join('; ')}`)
}

/** Whole seconds: digits that change ten times a second are for nobody. */
function formatElapsed(ms: number): string {
  return `${Math.max(0, Math.floor(ms / 1000))} s`
}

function usually(ms: number | null): string {
  return ms === null ? '' : `, usually ${Math.max(1, Math.round(ms / 1000))} s`
}

/** The line that stays of a stage that is over. */
export function finishedLine({ title, status, durationMs, failure }: StageRecord, color = false): string {
  const { sign, style } = terminalMarks[status]
  const took = formatSeconds(durationMs)
  const outcome = status === 'passed' ? took : `${status} after ${took}${failure ? `: ${failure.message}` : ''}`
  return `${paint(sign, style, color)} ${plainLine(title)}, ${plainLine(outcome)}`
}
