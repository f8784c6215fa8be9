import { Failure } from '../../pipeline/failure.ts'
import type { Stage } from '../../pipeline/stage.ts'
import { type ProbeAdapters, probeHttp } from '../health/http-probe.ts'
import type { ProbeResult } from '../health/probe.ts'
import { entranceOf } from '../ingress/entrance.ts'
import type { Results } from '../results.ts'
import type { Tool } from '../tools/tool.ts'
import { type LoadOptions, type LoadPlan, loadPlan, requestTimeoutMs } from './plan.ts'

/** One run of k6. */
export interface K6Run {
  readonly exitCode: number
  /** The text of the summary file, or null when k6 wrote none. */
  readonly summary: string | null
  /** k6's own error lines, the last ones. */
  readonly errors: readonly string[]
  readonly dashboard: string | null
  readonly log: string
}

export interface LoadAdapters extends ProbeAdapters {
  /** Where k6 is to leave its summary. */
  readonly summaryFile: string
  readonly runK6: (tool: Tool, plan: LoadPlan, signal: AbortSignal, progress: (message: string) => void) => Promise<K6Run>
}

/** Sends the load, reads what it measured, and asks every service once more. */
export function loadStage(options: LoadOptions, adapters: LoadAdapters): Stage<Results, 'load', 'k6' | 'ingress' | 'services' | 'health'> {
  return {
    name: 'load',
    title: `Load (${options.virtualUsers} VUs for ${options.durationMs / 1000} s)`,
    // Not `nodes`: when every service has answered through the ingress, what that still waits for (a second CoreDNS
    // replica's next readiness probe, say) may end during the load. Unless it passes, the run does not.
    needs: ['k6', 'ingress', 'services', 'health'],
    // The test itself, k6's wait for the last answers, and its start and summary on a busy machine.
    deadlineMs: options.durationMs + requestTimeoutMs + 90_000,
    run: async ({ k6, ingress, services }, context) => {
      const { routes } = services
      const plan = loadPlan(routes, ingress, adapters.summaryFile, options)
      context.progress(`${options.virtualUsers} virtual users on ${ingress.baseUrl ?? 'the NodePorts'}`)
      const run = await adapters.runK6(k6, plan, context.signal, context.progress)
      explainExit(run)
      if (run.summary === null) {
        throw new Failure(`k6 ended without a summary (exit code ${run.exitCode})${said(run)}`, {
          kind: 'measurement',
          remedy: 'The artifact holds k6’s log.',
        })
      }
      const { loadMetrics, parseSummary } = await import('./summary.ts')
      const summary = parseSummary(run.summary)
      const again = routes.map(async (service): Promise<ProbeResult> => {
        return { ...(await probeHttp(service, routes, entranceOf(service, ingress), { retries: 3, streak: 1 }, adapters, context)), kind: 'after-load' }
      })
      return {
        durationMs: summary.state.testRunDurationMs,
        virtualUsers: options.virtualUsers,
        total: loadMetrics(summary),
        services: Object.fromEntries(routes.map(({ name }) => [name, loadMetrics(summary, name)])),
        afterwards: await Promise.all(again),
        files: { dashboard: run.dashboard, log: run.log },
      }
    },
    data: (load) => load,
  }
}

/** What k6's exit codes mean; our thresholds always hold, so 99 never comes from a gate. */
function explainExit(run: K6Run): void {
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

function said({ errors }: K6Run): string {
  return errors.length > 0 ? `: ${errors.join(' / ')}` : ''
}
