import type { RunRecord, StageRecord } from '../pipeline/record.ts'
import { escapeMarkdown } from './escape.ts'
import { titleText } from './headline.ts'
import { clip } from './limit.ts'
import type { Report, RunContext } from './report.ts'

/** A run at one moment. */
export interface LiveRun {
  readonly stages: RunRecord['stages']
  readonly context: RunContext
  readonly environment: Report['environment']
  /** Milliseconds since the run began. */
  readonly elapsedMs: number
  /** The moment itself, for readers who come later. */
  readonly at: Date
  /** How long a stage usually takes, in milliseconds; null when nobody knows. */
  readonly usualMs: (stageName: string) => number | null
}

const marks: Readonly<Record<StageRecord['status'], string>> = { pending: '·', running: '⏳', passed: '✅', failed: '❌', skipped: '–', cancelled: '⏹️' }

/** Longest words of a stage that are shown, in characters. */
const wordsLimit = 200

/** The comment of a run that is going on: each of its stages with its state, its time, what it usually takes, and its last words. */
export function renderLive(run: LiveRun): string {
  const { stages, context, elapsedMs, at } = run
  // What a run leaves out is news to nobody while it runs.
  const own = stages.filter(({ leftOut }) => leftOut === null)
  return `${[
    `### ⏳ ${escapeMarkdown(titleText({ ...run, verdict: 'running' }))} · ${duration(elapsedMs)}`,
    own.length === 0 ? '' : ['| | Stage | Time | Usual |', '| :-- | :-- | --: | --: |', ...own.map((stage) => stageRow(stage, run))].join('\n'),
    `<sub>${[`as of ${at.toISOString().slice(11, 19)} UTC`, context.runUrl ? `[run](${context.runUrl})` : '', context.sha ? `commit ${context.sha.slice(0, 7)}` : ''].filter(Boolean).join(' · ')}</sub>`,
  ]
    .filter(Boolean)
    .join('\n\n')}\n`
}

function stageRow({ name, title, status, startedAfterMs, durationMs, progress, failure }: StageRecord, { elapsedMs, usualMs }: LiveRun): string {
  const words = status === 'running' ? progress : status === 'failed' ? failure?.message : null
  const cell = `${escapeMarkdown(title)}${words ? `<br><sub>${escapeMarkdown(clip(words, wordsLimit))}</sub>` : ''}`
  const tookMs = durationMs ?? (startedAfterMs === null ? null : elapsedMs - startedAfterMs)
  const usual = status === 'pending' || status === 'running' ? usualMs(name) : null
  return `| ${marks[status]} | ${cell} | ${tookMs === null ? '' : duration(tookMs)} | ${usual === null ? '' : duration(usual)} |`
}

/** Whole seconds, for nothing here is looked at more often: `48 s`, `3 min 05 s`. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}
