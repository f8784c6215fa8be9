import { Failure } from '../../pipeline/failure.ts'
import type { Stage } from '../../pipeline/stage.ts'
import { type ProbeAdapters, probeHttp } from '../health/http-probe.ts'
import type { ProbeResult } from '../health/probe.ts'
import { entranceOf } from '../ingress/entrance.ts'
import type { Results } from '../results.ts'
import { type LoadOptions, loadPlan, namedPercentiles, requestTimeoutMs } from './plan.ts'
import type { ResourceSampler } from './resources.ts'
import type { LoadRunner, RunnerOutcome } from './runner.ts'
import { describeShape } from './shape.ts'

export interface LoadAdapters extends ProbeAdapters {
  readonly runner: LoadRunner
  /** Null where there are no pods to follow. */
  readonly sampler: ResourceSampler | null
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
    // The test itself, k6's wait for the last answers, and its start and summary on a busy machine.
    deadlineMs: shape.durationMs + requestTimeoutMs + 90_000 + runner.overheadMs,
    run: async ({ k6, ingress, services }, context) => {
      const { routes } = services
      const entrance = runner.baseUrl === null ? ingress : { baseUrl: runner.baseUrl }
      const plan = loadPlan(routes, entrance, adapters.summaryFile, options)
      context.progress(`${describeShape(shape)} on ${entrance.baseUrl ?? 'the NodePorts'}`)
      const stopSampling = await sampler?.start(context)
      const running = runner.run({ k6, plan }, context)
      // Sampling ends with the load, however that does.
      await Promise.allSettled([running])
      const resources = (await stopSampling?.()) ?? null
      const outcomes = await running
      const [{ loadMetrics, parseSummary }, { mergeSummaries }] = await Promise.all([import('./summary.ts'), import('./merge.ts')])
      const summary = mergeSummaries(outcomes.map((outcome) => parseSummary(summaryOf(outcome))))
      const again = routes.map(async (service): Promise<ProbeResult> => {
        return { ...(await probeHttp(service, routes, entranceOf(service, ingress), { retries: 3, streak: 1 }, adapters, context)), kind: 'after-load' }
      })
      const [first] = outcomes
      const percentiles = namedPercentiles(options.gates)
      return {
        durationMs: summary.state.testRunDurationMs,
        shape,
        runner: runner.name,
        runners: outcomes.length,
        total: loadMetrics(summary, undefined, percentiles),
        services: Object.fromEntries(routes.map(({ name }) => [name, loadMetrics(summary, name, percentiles)])),
        timeline: first?.timeline ?? null,
        resources,
        generator: { dropped: 0, cpuShare: first?.cpuShare ?? null },
        custom: null,
        notes: [],
        afterwards: await Promise.all(again),
        files: { dashboard: first?.files.dashboard ?? null, log: first?.files.log ?? '' },
      }
    },
    data: (load) => load,
  }
}

/** The summary of a k6 that ended as it should. */
function summaryOf(outcome: RunnerOutcome): string {
  explainExit(outcome)
  if (outcome.summary !== null) return outcome.summary
  throw new Failure(`k6 ended without a summary (exit code ${outcome.exitCode})${said(outcome)}`, {
    kind: 'measurement',
    remedy: 'The artifact holds k6’s log.',
  })
}

/** What k6's exit codes mean; our thresholds always hold, so 99 never comes from a gate. */
function explainExit(run: RunnerOutcome): void {
  switch (run.exitCode) {
    case 0:
      return
    case 104:
    case 107:
    case 108:
      throw new Failure(`the load script failed (k6 exit code ${run.exitCode})${said(run)}`, {
        kind: 'config',
        remedy: 'Mend the load script; the artifact holds k6’s log.',
      })
    default:
      throw new Failure(`k6 ended with exit code ${run.exitCode}${said(run)}`, {
        kind: 'measurement',
        remedy: 'Run the job again; the artifact holds k6’s log.',
      })
  }
}

function said({ errors }: RunnerOutcome): string {
  return errors.length > 0 ? `: ${errors.join(' / ')}` : ''
}
