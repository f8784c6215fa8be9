import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, createWriteStream, mkdirSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import * as z from 'zod'
import { messageOf } from '../pipeline/failure.ts'
import { raceSignal, withDeadline } from '../pipeline/race.ts'
import { stageFailure } from '../stages/cause.ts'
import { describeEnd, type LocalEnd, type RunningProcess } from '../stages/local/process.ts'
import { childEnvironment } from './process.ts'
import { startTimeOf, stopProcess } from './processes.ts'

export interface LocalOptions {
  readonly signal: AbortSignal
  /** File that takes what the program says after its first line; its folder is made. */
  readonly log: string
  /** Whether the program goes on when this process is gone. */
  readonly stay: boolean
  /** How long it may take to say where it listens, in milliseconds. Default 30000: a cold disk, a busy machine. */
  readonly startMs?: number
}

/** What is kept of a program's output on disk, in bytes: a service that talks must not fill the disk. */
const logLimitBytes = 1024 * 1024

const firstLineSchema = z.object({ url: z.url({ protocol: /^http$/ }) })

/**
 * Starts a program that says `{"url": …}` in its first line and then serves, in a process group of its own and with an
 * environment of its own. Its stdin is a pipe that ends with this process, by which it knows when to end too; with
 * `stay` it is told `--stay` instead, and writes its errors into the log by itself.
 * @param program the file to run and its first arguments
 * @throws Error in words that go on after the program's name; the signal's reason when aborted. Nothing is left then
 */
export async function startLocal(program: readonly string[], args: readonly string[], options: LocalOptions): Promise<RunningProcess> {
  const { signal, log, stay, startMs = 30_000 } = options
  signal.throwIfAborted()
  const [file = '', ...first] = program
  mkdirSync(dirname(log), { recursive: true })
  const errors = stay ? openSync(log, 'w') : 'pipe'
  const child = spawn(file, [...first, ...args, ...(stay ? ['--stay'] : [])], {
    env: childEnvironment(process.env),
    detached: true,
    stdio: [stay ? 'ignore' : 'pipe', 'pipe', errors],
  })
  if (typeof errors === 'number') closeSync(errors)
  // A program that has gone cannot be told of our end.
  child.stdin?.on('error', () => {})
  const said = listen(child, log, stay)
  const startTime = child.pid === undefined ? null : await startTimeOf(child.pid)

  const stop = async (own: AbortSignal): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    // A child that nobody has waited for keeps its number, so this one needs no proof.
    if (startTime === null) child.kill('SIGKILL')
    else await stopProcess({ pid: child.pid, startTime }, own)
    await raceSignal(said.ended, own)
  }
  const early = said.ended.then((end) => Promise.reject(new Error(describeEnd(end))))
  early.catch(() => {})
  try {
    const silent = () => stageFailure('process-ended', `did not say where it listens within ${startMs / 1000} s`, { kind: 'infrastructure' })
    const line = await withDeadline(startMs, signal, async () => await Promise.race([said.firstLine, early]), silent)
    const { url } = readFirstLine(line)
    if (stay) letGo(child)
    return { pid: child.pid as number, startTime, url, ended: said.ended, stop }
  } catch (error) {
    await stop(AbortSignal.timeout(15_000))
    throw error
  }
}

function readFirstLine(line: string): { url: string } {
  try {
    const { url } = firstLineSchema.parse(JSON.parse(line))
    return { url: url.replace(/\/$/, '') }
  } catch (cause) {
    throw new Error(`said ${JSON.stringify(line.slice(0, 200))} where {"url": …} was expected`, { cause })
  }
}

/** Follows what a program says: the first line of stdout apart, the rest into the log, the last line for errors. */
function listen(child: ChildProcess, log: string, stay: boolean): { firstLine: Promise<string>; ended: Promise<LocalEnd> } {
  const firstLine = Promise.withResolvers<string>()
  firstLine.promise.catch(() => {})
  const ended = Promise.withResolvers<LocalEnd>()
  const file = stay ? null : boundedLog(log)
  let lastLine = ''
  let isFirst = true
  const follow = (stream: Readable | null, isOut: boolean) =>
    stream &&
    createInterface({ input: stream }).on('line', (line) => {
      if (isOut && isFirst) {
        isFirst = false
        firstLine.resolve(line)
        return
      }
      if (line.trim() !== '') lastLine = line
      file?.write(line)
    })
  follow(child.stdout, true)
  follow(child.stderr, false)
  child.once('error', (error) => {
    firstLine.reject(new Error(`could not be started: ${messageOf(error)}`))
    ended.resolve({ how: messageOf(error), lastLine: '' })
  })
  // `close` comes when its output has been read as well; at `exit` its last words may still be on their way.
  child.once('close', async (exitCode, name) => {
    await file?.close()
    const last = stay ? await lastLineOf(log) : lastLine
    ended.resolve({ how: exitCode === null ? `signal ${name}` : `exit code ${exitCode}`, lastLine: last.trim().slice(0, 300) })
  })
  return { firstLine: firstLine.promise, ended: ended.promise }
}

/** A log file that takes lines up to a limit and then says that it was cut off. */
function boundedLog(path: string): { write: (line: string) => void; close: () => Promise<void> } {
  const file = createWriteStream(path)
  // A log that cannot be written must not end the run.
  file.on('error', () => {})
  let sizeBytes = 0
  return {
    write: (line) => {
      if (sizeBytes > logLimitBytes) return
      sizeBytes += Buffer.byteLength(line) + 1
      file.write(sizeBytes > logLimitBytes ? `… cut off after ${logLimitBytes / 1024} KiB\n` : `${line}\n`)
    },
    close: async () => await new Promise((resolve) => file.end(() => resolve())),
  }
}

async function lastLineOf(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').at(-1) ?? ''
}

/** Lets this process end while the program goes on. */
function letGo(child: ChildProcess): void {
  child.unref()
  child.stdout?.destroy()
}
