import type { Gate } from '../../gates/gate.ts'
import { percentileOf } from '../../gates/metrics.ts'
import { entranceOf } from '../ingress/entrance.ts'
import type { Ingress } from '../ingress/ingress.ts'
import type { Service } from '../services/service.ts'
import { scenariosOf } from './scenarios.ts'
import type { LoadShape } from './shape.ts'

/** Percentiles every load reports, whatever its gates ask for. */
export const reportedPercentiles = [90, 95, 99] as const

/** Longest wait for one answer, in milliseconds; later it counts as an error. k6 may not be stopped before it, or it would forget those requests. */
export const requestTimeoutMs = 30_000

/** k6's own time before and after the load, on a busy machine, in milliseconds. */
const startAndSummaryMs = 45_000

/** What `k6/load.js` reads: the whole load as data. */
export interface LoadPlan {
  readonly timeoutMs: number
  readonly routes: readonly {
    readonly name: string
    readonly url: string
    /** Host header; null for the address's own. */
    readonly host: string | null
    readonly expect: Service['expect']
  }[]
  /** How long requests are begun, in milliseconds. */
  readonly durationMs: number
  /** Longest that k6 can take to its end, in milliseconds: the load, the last answers, its start and its summary. */
  readonly longestMs: number
  /** File the end-of-test summary is written to, as k6 made it. */
  readonly summaryFile: string
  /** k6's own options. */
  readonly options: Readonly<Record<string, unknown>>
  /** The script that runs instead of ours, or null. */
  readonly own: OwnScript | null
}

/** A script of the user's; k6 is started with one that wraps it (`wrapper.ts`). */
export interface OwnScript {
  /** Its absolute path. */
  readonly file: string
  /** What the user's script may read as `__ENV`, on top of k6's own. */
  readonly env: Readonly<Record<string, string>>
}

export interface LoadOptions {
  readonly shape: LoadShape
  readonly gates: readonly Gate[]
  /** A run of its own before, whose numbers are thrown away, in milliseconds. Default: none. */
  readonly warmupMs?: number | undefined
  /** Where the user's own script is; null for ours. */
  readonly scriptFile?: string | null
}

/**
 * Makes the plan of a load.
 * @param scriptMs how long the user's own script may take, in milliseconds, where that is known
 */
export function loadPlan(
  services: readonly Service[],
  ingress: Pick<Ingress, 'baseUrl'>,
  summaryFile: string,
  { shape, gates, scriptFile = null }: LoadOptions,
  scriptMs?: number,
): LoadPlan {
  const wanted = gates.map(({ metric, custom }) => percentileOf(custom?.statistic ?? metric)).filter((percentile) => percentile !== undefined)
  const percentiles = [...new Set<number>([...reportedPercentiles, ...wanted])].sort((a, b) => a - b)
  const names = services.map(({ name }) => name)
  const routes = services.map((service) => {
    const { url, host } = entranceOf(service, ingress)
    return { name: service.name, url, host, expect: service.expect }
  })
  const durationMs = scriptMs ?? shape.durationMs
  return {
    timeoutMs: requestTimeoutMs,
    durationMs,
    longestMs: durationMs + requestTimeoutMs + startAndSummaryMs,
    routes,
    summaryFile,
    options: {
      scenarios: scenariosOf(shape, names, requestTimeoutMs + 1000),
      summaryTrendStats: ['count', 'min', 'avg', 'med', 'max', ...percentiles.map((percentile) => `p(${percentile})`)],
      thresholds: subMetrics(names, scriptFile === null ? ours : theirs),
      // The tags we never read would only cost memory for each of their values.
      systemTags: ['status', 'scenario', 'check', 'error_code', 'expected_response'],
      userAgent: 'mlops-pipeline-action (k6)',
    },
    own: scriptFile === null ? null : { file: scriptFile, env: scriptEnvironment(ingress.baseUrl, routes) },
  }
}

/** Where requests go, for a script that is not ours. */
function scriptEnvironment(baseUrl: string | null, routes: LoadPlan['routes']): Record<string, string> {
  return { MLOPS_BASE_URL: baseUrl ?? '', MLOPS_ROUTES: JSON.stringify(routes.map(({ name, url, host }) => ({ name, url, host }))) }
}

/** What is kept of each service: by our own script, and by any other, which has only k6's own metrics. */
const ours = { mlops_latency: 'max>=0', http_reqs: 'count>=0', mlops_errors: 'rate>=0', checks: 'rate>=0' }
const theirs = { http_req_duration: 'max>=0', http_reqs: 'count>=0', http_req_failed: 'rate>=0', checks: 'rate>=0' }

/**
 * Thresholds that always hold: k6 keeps a metric per service only when a threshold names it.
 * The gates are judged by us, once, on the numbers that the report shows.
 */
function subMetrics(services: readonly string[], always: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(services.flatMap((service) => Object.entries(always).map(([metric, holds]) => [`${metric}{service:${service}}`, [holds]])))
}
