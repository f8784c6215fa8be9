import type { Gate } from '../../gates/gate.ts'
import { percentileOf } from '../../gates/metrics.ts'
import { entranceOf } from '../ingress/entrance.ts'
import type { Ingress } from '../ingress/ingress.ts'
import type { Service } from '../services/service.ts'
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
  /** Longest that k6 can take to its end, in milliseconds: the load, the last answers, its start and its summary. */
  readonly longestMs: number
  /** File the end-of-test summary is written to, as k6 made it. */
  readonly summaryFile: string
  /** Marker of a summary that is printed among other lines (`k6/frame.js`); missing for one that has a file to itself. */
  readonly frame?: string
  /** k6's own options. */
  readonly options: Readonly<Record<string, unknown>>
}

export interface LoadOptions {
  readonly shape: LoadShape
  readonly gates: readonly Gate[]
}

/** Makes the plan of a load with a fixed number of virtual users. */
export function loadPlan(services: readonly Service[], ingress: Pick<Ingress, 'baseUrl'>, summaryFile: string, { shape, gates }: LoadOptions): LoadPlan {
  const wanted = gates.map(({ metric }) => percentileOf(metric)).filter((percentile) => percentile !== undefined)
  const percentiles = [...new Set<number>([...reportedPercentiles, ...wanted])].sort((a, b) => a - b)
  return {
    timeoutMs: requestTimeoutMs,
    longestMs: shape.durationMs + requestTimeoutMs + startAndSummaryMs,
    routes: services.map((service) => {
      const { url, host } = entranceOf(service, ingress)
      return { name: service.name, url, host, expect: service.expect }
    }),
    summaryFile,
    options: {
      scenarios: scenarios(shape),
      summaryTrendStats: ['count', 'min', 'avg', 'med', 'max', ...percentiles.map((percentile) => `p(${percentile})`)],
      thresholds: subMetrics(services.map(({ name }) => name)),
      // The tags we never read would only cost memory for each of their values.
      systemTags: ['status', 'scenario', 'check', 'error_code', 'expected_response'],
      userAgent: 'mlops-pipeline-action (k6)',
    },
  }
}

/** k6's scenarios for a shape. */
function scenarios(shape: LoadShape): Record<string, object> {
  const gracefulStop = `${requestTimeoutMs + 1000}ms`
  if (shape.drive === 'arrival-rate' || shape.ramp.length > 0) throw new Error('only a fixed number of virtual users can be driven yet')
  return { load: { executor: 'constant-vus', vus: shape.virtualUsers, duration: `${shape.durationMs}ms`, gracefulStop } }
}

/**
 * Thresholds that always hold: k6 keeps a metric per service only when a threshold names it.
 * The gates are judged by us, once, on the numbers that the report shows.
 */
function subMetrics(services: readonly string[]): Record<string, string[]> {
  const always: Record<string, string> = { mlops_latency: 'max>=0', http_reqs: 'count>=0', mlops_errors: 'rate>=0', checks: 'rate>=0' }
  return Object.fromEntries(services.flatMap((service) => Object.entries(always).map(([metric, holds]) => [`${metric}{service:${service}}`, [holds]])))
}
