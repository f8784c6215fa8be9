import type { Stage } from '../../pipeline/stage.ts'
import { stageFailure } from '../cause.ts'
import { type ProbeAdapters, probeHttp } from '../health/http-probe.ts'
import type { ProbeResult } from '../health/probe.ts'
import { entranceOf } from '../ingress/entrance.ts'
import type { Results } from '../results.ts'
import { customScript } from './custom.ts'
import { generatorFacts, loadNotes } from './generator.ts'
import { type LoadOptions, loadPlan, namedPercentiles, requestTimeoutMs } from './plan.ts'
import type { ResourceSampler } from './resources.ts'
import type { LoadRunner, RunnerOutcome } from './runner.ts'
import type { InspectScript } from './script.ts'
import { describeShape } from './shape.ts'
import type { K6Summary } from './summary.ts'

export interface LoadAdapters extends ProbeAdapters {
  readonly runner: LoadRunner
  /** Null where there are no pods to follow. */
  readonly sampler: ResourceSampler | null
  /** How k6 is asked about a script of the user's; missing with ours. */
  readonly inspect?: InspectScript | null
  /** Where k6 is to leave its summary. */
  readonly summaryFile: string
}

/** Sends the load, reads what it measured, and asks every service once more. */
export function loadStage(options: LoadOptions, adapters: LoadAdapters): Stage<Results, 'load', 'k6' | 'ingress' | 'services' | 'health'> {
  const { runner, sampler } = adapters
  const { shape } = options
  return {
    name: 'load',
    title: `Load (${describeShape(shape)})`,
    // Not `nodes`: when every service has answered through the ingress, what that still waits for (a second CoreDNS
    // replica's next readiness probe, say) may end during the load. Unless it passes, the run does not.
    needs: ['k6', 'ingress', 'services', 'health'],
    // The test itself, k6's wait for the last answers, and its start and summary on a busy machine; and the same of a warm-up.
    deadlineMs: longestLoadMs(options) + (options.warmupMs === undefined ? 1 : 2) * (requestTimeoutMs + 90_000 + runner.overheadMs),
    run: async ({ k6, ingress, services }, context) => {
      const { routes } = services
      const entrance = runner.baseUrl === null ? ingress : { baseUrl: runner.baseUrl }
      const facts = (await adapters.inspect?.(k6, context)) ?? null
      const reached = routes.map((service) => (runner.ownUrl ? { ...service, url: runner.ownUrl(service) } : service))
      const plan = loadPlan(reached, entrance, adapters.summaryFile, options, facts?.durationMs)
      if (options.warmupMs !== undefined) {
        context.progress(`warming up for ${options.warmupMs / 1000} s`)
        const warming = { ...context, progress: (words: string) => context.progress(`warming up: ${words}`) }
        const outcomes = await runner.run({ k6, plan: loadPlan(reached, entrance, adapters.summaryFile, warmup(options, options.warmupMs)) }, warming)
        for (const outcome of outcomes) explainExit(outcome, options)
      }
      context.progress(`${describeShape(shape)} on ${entrance.baseUrl ?? (runner.ownUrl ? 'the services’ own addresses' : 'the NodePorts')}`)
      const stopSampling = await sampler?.start(context)
      const running = runner.run({ k6, plan }, context)
      // Sampling ends with the load, however that does.
      await Promise.allSettled([running])
      const resources = (await stopSampling?.()) ?? null
      const outcomes = await running
      const [{ loadMetrics, parseSummary }, { mergeNote, mergeSummaries }] = await Promise.all([import('./summary.ts'), import('./merge.ts')])
      const merged = mergeSummaries(outcomes.map((outcome) => parseSummary(summaryOf(outcome, options))))
      const { summary } = merged
      const mergedAs = mergeNote(merged, summary.metrics.mlops_latency ? 'mlops_latency' : 'http_req_duration', outcomes.length)
      const generator = generatorFacts(summary, outcomes)
      const custom = shape.drive === 'script' ? customScript(shape.path, summary) : null
      const percentiles = namedPercentiles(options.gates)
      const total = loadMetrics(summary, undefined, percentiles)
      if (custom) requireWork(summary, outcomes)
      const again = routes.map(async (service): Promise<ProbeResult> => {
        return { ...(await probeHttp(service, routes, entranceOf(service, ingress), { retries: 3, streak: 1 }, adapters, context)), kind: 'after-load' }
      })
      const [first] = outcomes
      return {
        durationMs: summary.state.testRunDurationMs,
        shape,
        runner: runner.name,
        runners: outcomes.length,
        total,
        services: Object.fromEntries(routes.map(({ name }) => [name, loadMetrics(summary, name, percentiles)])),
        timeline: first?.timeline ?? null,
        resources,
        generator,
        custom,
        notes: [...loadNotes({ shape, generator, total, facts, errors: outcomes.flatMap(({ errors }) => errors) }), ...(mergedAs === null ? [] : [mergedAs])],
        afterwards: await Promise.all(again),
        files: { dashboard: first?.files.dashboard ?? null, log: first?.files.log ?? '' },
      }
    },
    data: (load) => load,
  }
}

/** The longest that the load itself can take, in milliseconds: a script of the user's says only later how long it is. */
function longestLoadMs({ shape, warmupMs = 0 }: LoadOptions): number {
  return (shape.drive === 'script' ? longestScriptMs : shape.durationMs) + warmupMs
}

const longestScriptMs = 6 * 3_600_000

/** The same load at its full strength for another time. */
function warmup(options: LoadOptions, durationMs: number): LoadOptions {
  return options.shape.drive === 'script' ? options : { ...options, shape: { ...options.shape, durationMs, ramp: [] } }
}

/** The summary of a k6 that ended as it should. */
function summaryOf(outcome: RunnerOutcome, options: LoadOptions): string {
  explainExit(outcome, options)
  if (outcome.summary !== null) return outcome.summary
  throw stageFailure('k6-no-summary', `${who(outcome)} ended without a summary (exit code ${outcome.exitCode})${said(outcome)}`, {
    kind: 'measurement',
    remedy: 'The artifact holds k6’s log.',
    evidence: saidLines(outcome),
  })
}

/** What k6's exit codes mean. Our own thresholds always hold, so 99 comes from a gate only where the script is the user's. */
function explainExit(run: RunnerOutcome, { shape }: LoadOptions): void {
  if (run.exitCode === 0 || (run.exitCode === exits.thresholds && shape.drive === 'script')) return
  if (run.exitCode === exits.config || run.exitCode === exits.script || run.exitCode === exits.aborted) {
    throw stageFailure(
      'script-error',
      `the load script ${run.exitCode === exits.aborted ? 'aborted its test' : 'failed'} (${who(run)} exit code ${run.exitCode})${said(run)}`,
      {
        kind: 'config',
        remedy: 'Mend the load script; the artifact holds k6’s log.',
        evidence: saidLines(run),
      },
    )
  }
  throw stageFailure('k6-failed', `${who(run)} ended with exit code ${run.exitCode}${said(run)}`, {
    kind: 'measurement',
    remedy: 'Run the job again; the artifact holds k6’s log.',
    evidence: saidLines(run),
  })
}

/** k6's exit codes that tell something of the script. */
const exits = { thresholds: 99, config: 104, script: 107, aborted: 108 } as const

/**
 * A script that throws before its first request leaves a whole summary and measured nothing.
 * @throws Failure with k6's own words
 */
function requireWork({ metrics }: K6Summary, outcomes: readonly RunnerOutcome[]): void {
  const errors = outcomes.flatMap((outcome) => outcome.errors)
  if ((metrics.http_reqs?.values.count ?? 0) > 0 || errors.length === 0) return
  throw stageFailure('script-error', `the load script made no request: ${errors.join(' / ')}`, {
    kind: 'config',
    remedy: 'Mend the load script; the artifact holds k6’s log.',
  })
}

/** Which k6, where there are several. */
function who({ name }: RunnerOutcome): string {
  return name === '' ? 'k6' : `k6 of ${name}`
}

function saidLines({ errors }: RunnerOutcome): string[] {
  return errors.map((line) => `k6: ${line}`)
}

function said({ errors }: RunnerOutcome): string {
  return errors.length > 0 ? `: ${errors.join(' / ')}` : ''
}
