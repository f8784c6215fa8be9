import type { StageContext } from '../../pipeline/stage.ts'
import type { Service } from '../services/service.ts'
import type { Tool } from '../tools/tool.ts'
import type { LoadPlan } from './plan.ts'
import type { TimelinePoint } from './timeline.ts'

/** Where k6 runs: on this machine, as a Job in the cluster, or in many pods of the k6-operator. */
export type RunnerName = 'host' | 'job' | 'distributed'

/** What one k6 left behind. */
export interface RunnerOutcome {
  /** Tells it from its siblings, for example `runner 2`; empty when it is the only one. */
  readonly name: string
  readonly exitCode: number
  /** The text of its summary, or null when it wrote none. */
  readonly summary: string | null
  /** k6's own error lines, the last ones. */
  readonly errors: readonly string[]
  /** Its numbers second by second; null when they could not be had. */
  readonly timeline: readonly TimelinePoint[] | null
  /** Share of its CPU that k6 had busy, 0 to 1 for all cores it may use; null when not known. */
  readonly cpuShare: number | null
  /** Names of files beside the report. */
  readonly files: { readonly dashboard: string | null; readonly log: string }
}

/** What a load is sent with. */
export interface LoadRequest {
  readonly k6: Tool
  readonly plan: LoadPlan
}

/** One way to run k6. A file of its own each, chosen where the pipeline is composed. */
export interface LoadRunner {
  readonly name: RunnerName
  /** How many k6 share the load. */
  readonly runners: number
  /** Where requests enter, when that is not where they do from this machine: inside the cluster the controller's Service. Without a trailing slash. */
  readonly baseUrl: string | null
  /** A service's own address where k6 runs, asked where there is no ingress. Missing: that of this machine. */
  readonly ownUrl?: (service: Service) => string
  /** What it needs on top of the load's own time, in milliseconds: pulling, scheduling, collecting. */
  readonly overheadMs: number
  /**
   * Runs the load to its end.
   * @throws Failure when k6 could not be run or did not end as it should
   */
  readonly run: (request: LoadRequest, context: StageContext) => Promise<readonly RunnerOutcome[]>
}
