import { Failure } from '../../pipeline/failure.ts'
import type { Stage } from '../../pipeline/stage.ts'
import type { Results } from '../results.ts'
import type { Tool } from '../tools/tool.ts'
import { type LoadOptions, type LoadPlan, loadPlan } from './plan.ts'

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

export interface LoadAdapters {
  /** Where k6 is to leave its summary. */
  readonly summaryFile: string
  readonly runK6: (tool: Tool, plan: LoadPlan, signal: AbortSignal, progress: (message: string) => void) => Promise<K6Run>
}

/** Sends the load and reads what it measured. */
export function loadStage(
  options: LoadOptions,
  { summaryFile, runK6 }: LoadAdapters,
): Stage<Results, 'load', 'k6' | 'nodes' | 'ingress' | 'services' | 'health'> {
  return {
    name: 'load',
    title: `Load (${options.virtualUsers} VUs for ${options.durationMs / 1000} s)`,
    needs: ['k6', 'nodes', 'ingress', 'services', 'health'],
    // The test itself, k6's graceful stop, and its start and summary on a busy machine.
    deadlineMs: options.durationMs + 60_000,
    run: async ({ k6, ingress, services }, { signal, progress }) => {
      const plan = loadPlan(services.routes, ingress.baseUrl, summaryFile, options)
      progress(`${options.virtualUsers} virtual users on ${ingress.baseUrl}`)
      const run = await runK6(k6, plan, signal, progress)
      explainExit(run)
      if (run.summary === null) {
        throw new Failure(`k6 ended without a summary (exit code ${run.exitCode})${said(run)}`, { kind: 'measurement', remedy: 'The artifact holds k6’s log.' })
      }
      const { loadMetrics, parseSummary } = await import('./summary.ts')
      const summary = parseSummary(run.summary)
      return {
        durationMs: summary.state.testRunDurationMs,
        virtualUsers: options.virtualUsers,
        total: loadMetrics(summary),
        services: Object.fromEntries(services.routes.map(({ name }) => [name, loadMetrics(summary, name)])),
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
