import type { K6Summary } from './summary.ts'

/**
 * Status codes that are counted by themselves; 0 is no answer at all. k6 keeps a count only when a threshold names it
 * beforehand, and each costs a little with every request: these are the ones that people meet, and the services' own.
 */
const usualStatuses: readonly number[] = [
  0, 200, 201, 202, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 499, 500, 501, 502, 503, 504,
]

/**
 * Thresholds that always hold and make k6 count the requests of each status, for the whole and for each service. Their
 * number is fixed before the load, so k6's memory does not grow with what services answer.
 */
export function statusThresholds(services: readonly { readonly name: string; readonly expect: { readonly status: number } }[]): Record<string, string[]> {
  const statuses = [...new Set([...usualStatuses, ...services.map(({ expect }) => expect.status)])]
  const scopes = [undefined, ...services.map(({ name }) => name)]
  return Object.fromEntries(scopes.flatMap((scope) => statuses.map((status) => [statusMetric(scope, String(status)), ['count>=0']])))
}

/** Requests by status code; those with a code nobody counted are `other`. Null when none was counted. */
export function statusCounts({ metrics }: K6Summary, service: string | undefined, requests: number): Record<string, number> | null {
  const [start, end] = statusMetric(service, '\n').split('\n') as [string, string]
  const counted = Object.entries(metrics).flatMap(([metric, { values }]): [string, number][] => {
    const status = metric.startsWith(start) && metric.endsWith(end) ? metric.slice(start.length, -end.length) : ''
    const count = values.count ?? 0
    return /^\d+$/.test(status) && count > 0 ? [[status, count]] : []
  })
  if (counted.length === 0) return null
  const other = requests - counted.reduce((sum, [, count]) => sum + count, 0)
  return Object.fromEntries(other > 0 ? [...counted, ['other', other]] : counted)
}

function statusMetric(service: string | undefined, status: string): string {
  return `http_reqs{${service === undefined ? '' : `service:${service},`}status:${status}}`
}
