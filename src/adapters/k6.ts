import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { availableMemory } from 'node:process'
import type { Failure } from '../pipeline/failure.ts'
import { stageFailure } from '../stages/cause.ts'
import type { LoadPlan } from '../stages/load/plan.ts'
import type { LoadRunner } from '../stages/load/runner.ts'
import { wrapScript } from '../stages/load/wrapper.ts'
import { type CpuMeter, measureCpu } from './cpu.ts'
import { httpGet } from './http.ts'
import { followNumbers, freePort } from './k6-live.ts'
import { readTimeline } from './k6-record.ts'
import { ProcessError, type ProcessResult, type RunProcess } from './process.ts'

export interface K6Options {
  readonly run: RunProcess
  /** Path of the load script. */
  readonly script: string
  /** Folder for what k6 reads and what we read back. */
  readonly folder: string
  /** Folder for what people read: the log and the dashboard. */
  readonly output: string
}

/** k6's dashboard needs more than three of its periods to write a report. */
const dashboardPeriodMs = 1000

/** k6's exit code when its REST API cannot listen. */
const portTaken = 106

/** What is kept of k6's log, its end. */
const logLimits = { lines: 10_000, lineLength: 10_000, characters: 4 * 1024 * 1024 }

/** What keeps k6 to itself. Extensions: else it may fetch another k6 for a script's imports. */
const quietK6 = { K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' }

/** Runs k6 as a program on this machine. Its environment is made here, nothing of ours that a script could use is inherited. */
export function k6OnHost({ run, script, folder, output }: K6Options): LoadRunner {
  return {
    name: 'host',
    runners: 1,
    baseUrl: null,
    overheadMs: 0,
    run: async ({ k6: tool, plan }, { signal, progress }) => {
      const { summaryFile, own: theirs } = plan
      await Promise.all([mkdir(folder, { recursive: true }), mkdir(output, { recursive: true })])
      const planFile = join(folder, 'plan.json')
      const log = join(output, 'k6.log')
      const dashboard = join(output, 'dashboard.html')
      const record = join(folder, 'dashboard.ndjson.gz')
      await Promise.all([summaryFile, dashboard, record].map((file) => rm(file, { force: true })))
      await writeFile(planFile, JSON.stringify(plan))
      const started = await entryScript({ script, folder }, plan)
      // Files that a script of the user's writes at its end are for people.
      const cwd = theirs === null ? folder : join(output, 'load-script')
      await mkdir(cwd, { recursive: true })
      const env = {
        ...quietK6,
        // By this mark GitHub's runner finds what a job left, should nobody be there to end it.
        ...(process.env.RUNNER_TRACKING_ID && { RUNNER_TRACKING_ID: process.env.RUNNER_TRACKING_ID }),
        ...theirs?.env,
        HOME: folder,
        MLOPS_PLAN: planFile,
        K6_WEB_DASHBOARD: 'true',
        K6_WEB_DASHBOARD_EXPORT: dashboard,
        // Not from its event stream: k6 would not end while somebody listens.
        K6_WEB_DASHBOARD_RECORD: record,
        K6_WEB_DASHBOARD_PERIOD: `${dashboardPeriodMs / 1000}s`,
        // -1 opens no port.
        K6_WEB_DASHBOARD_PORT: '-1',
        K6_WEB_DASHBOARD_OPEN: 'false',
      }
      const lines: string[] = []
      let size = 0
      const onLine = (line: string) => {
        // A script may print without end, and in one line.
        const kept = line.slice(0, logLimits.lineLength)
        lines.push(kept)
        size += kept.length
        while (lines.length > logLimits.lines || size > logLimits.characters) size -= lines.shift()?.length ?? 0
        const message = errorMessage(line)
        if (message) progress(message)
      }
      const overdue = new AbortController()
      let cpu: CpuMeter | null = null
      const timer = setTimeout(() => overdue.abort(hanging(plan.longestMs)), plan.longestMs)
      try {
        const exitCodes = Array.from({ length: 128 }, (_, code) => code)
        const own = AbortSignal.any([signal, overdue.signal])
        const onStart = (pid: number) => {
          cpu?.end()
          cpu = measureCpu(pid, plan.durationMs)
        }
        const withAddress = async (): Promise<number> => {
          const port = await freePort()
          const args = ['run', '--quiet', '--no-color', '--log-format', 'json', `--address=127.0.0.1:${port}`, '--include-system-env-vars', started]
          const unfollow = followNumbers({ port, get: httpGet, tell: progress, withUsers: !('pulse' in Object(plan.options.scenarios)) })
          try {
            return (await run(tool.path, args, { signal: own, env, onStart, onLine, cwd, exitCodes })).exitCode
          } finally {
            unfollow()
          }
        }
        let exitCode = await withAddress()
        if (exitCode === portTaken) {
          // Somebody else was given the port in the meantime; k6 has sent nothing yet.
          lines.length = 0
          size = 0
          exitCode = await withAddress()
        }
        const errors = lastErrors(lines)
        return [
          {
            name: '',
            exitCode,
            summary: existsSync(summaryFile) ? await readFile(summaryFile, 'utf8') : null,
            errors,
            timeline: await readTimeline(record),
            cpuShare: (cpu as CpuMeter | null)?.share() ?? null,
            files: { dashboard: existsSync(dashboard) ? basename(dashboard) : null, log: basename(log) },
          },
        ]
      } catch (error) {
        if (!(error instanceof ProcessError)) throw error
        throw endedEarly(error, lines)
      } finally {
        clearTimeout(timer)
        ;(cpu as CpuMeter | null)?.end()
        // Where nothing was written there is nothing to show.
        if (theirs !== null) await rmdir(cwd).catch(() => {})
        // A log that cannot be written must not hide why the load failed.
        await writeFile(log, `${lines.join('\n')}\n`).catch(() => {})
      }
    },
  }
}

/** The file that k6 is started with: our script, or one that hands on the user's. */
async function entryScript({ script, folder }: Pick<K6Options, 'script' | 'folder'>, { own, summaryFile, frame }: LoadPlan): Promise<string> {
  if (own === null) return script
  const wrapper = join(folder, 'own-script.js')
  const framed = frame === undefined ? null : { marker: frame, module: join(dirname(script), 'frame.js') }
  await writeFile(wrapper, wrapScript({ script: own.script, summaryFile, frame: framed, options: own.options }))
  return wrapper
}

function hanging(longestMs: number): Failure {
  return stageFailure(
    'k6-hangs',
    `k6 hangs: it had not ended ${Math.round(longestMs / 1000)} s after its start, long after its load should have, and was killed`,
    {
      kind: 'measurement',
      remedy: 'Run the job again; the artifact holds k6’s log. The machine may be short of CPU or memory.',
    },
  )
}

function endedEarly(error: ProcessError, lines: readonly string[]): Failure {
  const evidence = [...lastErrors(lines), ...lines.slice(-3)].map((line) => `k6: ${line}`)
  if (error.signal === null) {
    const remedy = 'Run the job again; the artifact holds k6’s log.'
    return stageFailure('k6-failed', `k6 ended before its test did: ${error.message}`, { kind: 'measurement', remedy, evidence, cause: error })
  }
  const guess = error.signal === 'SIGKILL' ? ' (out of memory?)' : ''
  return stageFailure('k6-killed', `k6 was killed by ${error.signal}${guess} before its test had ended`, {
    kind: 'measurement',
    remedy: 'Lower vus, or use a machine with more memory; the artifact holds k6’s log.',
    evidence: [`${megabytes(availableMemory())} of ${megabytes(totalmem())} of this machine’s memory are free`, ...evidence],
    cause: error,
  })
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`

/**
 * Runs a command of k6 that loads the script and sends nothing, such as `inspect`: init code runs, with the plan at hand.
 * @throws ProcessError as `RunProcess` does; see `scriptProblem`
 */
export async function runOnScript(
  { run, script, folder }: Pick<K6Options, 'run' | 'script' | 'folder'>,
  k6: string,
  plan: LoadPlan,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ProcessResult> {
  await mkdir(folder, { recursive: true })
  const planFile = join(folder, 'plan.json')
  await writeFile(planFile, JSON.stringify(plan))
  const env = { ...quietK6, ...plan.own?.env, HOME: folder, MLOPS_PLAN: planFile }
  const entry = await entryScript({ script, folder }, plan)
  return await run(k6, [...command, '--no-color', '--log-format', 'json', '--include-system-env-vars', entry], { signal, env, cwd: folder })
}

/** Why k6 could not load a script, in its own words. */
export function scriptProblem({ stderr, message }: ProcessError): string {
  return errorMessages(stderr.split('\n')).join(' / ') || message
}

/** The last three of k6's errors in its log, each once. */
export function lastErrors(lines: readonly string[]): string[] {
  return [...new Set(errorMessages(lines))].slice(-3)
}

function errorMessages(lines: readonly string[]): string[] {
  return lines.map(errorMessage).filter((message) => message !== null)
}

/** The message of one of k6's JSON log lines when it is an error, else null. */
function errorMessage(line: string): string | null {
  if (!line.startsWith('{')) return null
  try {
    const { level, msg, error } = JSON.parse(line) as { level?: string; msg?: string; error?: string }
    if (level !== 'error' && level !== 'fatal') return null
    return [msg, error].filter(Boolean).join(': ').replace(/\s+/g, ' ').trim().slice(0, 500)
  } catch {
    return null
  }
}
