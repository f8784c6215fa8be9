import { createLogUpdate } from 'log-update'
import type { PipelineEvent } from '../pipeline/run.ts'
import { eventLine } from '../report/terminal.ts'
import { finishedLine, frame, type RunningStage, spinnerMs, stillLine } from './frame.ts'
import { withoutRepeats } from './repeats.ts'

/** A stage that says nothing for so long is spoken for, and no more often than that, in milliseconds. */
const silentMs = 15_000

/** The part of a terminal's stream that is used; sizes change when its window does. */
export type ProgressStream = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number }

export interface ProgressOptions {
  /** `process.stderr`, so that the result on stdout can go into a file by itself. */
  readonly stream: ProgressStream
  /** Whether lines may be drawn over, see `wantsRedraw`. */
  readonly redraw: boolean
  readonly color: boolean
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number
  /** How long a stage usually takes, in milliseconds, or null. */
  readonly usual: (stageName: string) => number | null
}

export interface TerminalProgress {
  readonly listener: (event: PipelineEvent) => void
  /** Says the last word and gives the cursor back. Later events are not shown. */
  readonly end: () => void
}

/** Shows a run while it runs: drawn over in place where a person watches, else as lines of plain text. */
export function terminalProgress(options: ProgressOptions): TerminalProgress {
  // A reader that goes away (`| head`) must not take the run with it, and a cluster with that.
  options.stream.on('error', () => {})
  const { columns, rows } = options.stream
  // A terminal that does not know its size (0 by 0) cannot be drawn over.
  return options.redraw && columns && rows ? redrawn(options) : plainLines(options)
}

interface Heard extends RunningStage {
  readonly heardMs: number
}

/** Between the last stage and the end of the run; no stage has this name. */
const finishing = { name: '', title: 'Finish', message: 'evidence and clean-up' }

/** Follows the stages at work. When none is left, the run itself still has something to do. */
function follow(running: Map<string, Heard>, { type, stage }: PipelineEvent, { now, usual }: ProgressOptions): void {
  const nowMs = now()
  if (type === 'finished') {
    running.delete(stage.name)
    if (running.size === 0) running.set(finishing.name, { ...finishing, startedMs: nowMs, heardMs: nowMs, usualMs: null })
    return
  }
  running.delete(finishing.name)
  const startedMs = running.get(stage.name)?.startedMs ?? nowMs
  running.set(stage.name, { title: stage.title, message: stage.progress, startedMs, heardMs: nowMs, usualMs: usual(stage.name) })
}

function plainLines(options: ProgressOptions): TerminalProgress {
  const { stream, now } = options
  const running = new Map<string, Heard>()
  const startedMs = now()
  const isWorthALine = withoutRepeats(now)
  let spokenMs = startedMs
  const speak = () => {
    const nowMs = now()
    const silent = [...running.values()].filter(({ heardMs }) => nowMs - heardMs >= silentMs)
    if (silent.length === 0 || nowMs - spokenMs < silentMs) return
    spokenMs = nowMs
    stream.write(`${stillLine(silent, nowMs - startedMs, nowMs)}\n`)
  }
  // Progress alone keeps no process alive.
  const timer = setInterval(speak, 1000).unref()
  let ended = false
  return {
    listener: (event) => {
      if (ended) return
      follow(running, event, options)
      if (isWorthALine(event)) stream.write(`${eventLine(event, now() - startedMs)}\n`)
    },
    end: () => {
      ended = true
      clearInterval(timer)
    },
  }
}

function redrawn(options: ProgressOptions): TerminalProgress {
  const { stream, color, now } = options
  const running = new Map<string, Heard>()
  const over: string[] = []
  // It hides the cursor, and brings it back when the process ends, by a signal, too.
  const log = createLogUpdate(stream)
  const draw = () => {
    if (over.length > 0) log.persist(over.splice(0).join('\n'))
    if (running.size === 0) log.clear()
    else log(frame([...running.values()], { columns: stream.columns || 80, rows: stream.rows || 24 }, now(), color).join('\n'))
  }
  // Events only take notes, so that even a stage that never stops talking is drawn no more often than this.
  const timer = setInterval(draw, spinnerMs).unref()
  let ended = false
  return {
    listener: (event) => {
      if (ended) return
      follow(running, event, options)
      if (event.type === 'finished') over.push(finishedLine(event.stage, color))
    },
    end: () => {
      if (ended) return
      ended = true
      clearInterval(timer)
      running.clear()
      draw()
      log.done()
    },
  }
}
