import { customUnit, customValue } from '../../gates/custom.ts'
import type { CustomScript, CustomThreshold } from './result.ts'
import type { K6Summary } from './summary.ts'

/** k6's own metrics, by their beginnings, and those of our helper. */
const builtIn = /^(http_req|iteration|vus|data_|checks|dropped_iterations|group_duration|grpc_|ws_|browser_|mlops_)/

/** What a script of the user's measured and asked for, beside the numbers that every load has. */
export function customScript(path: string, { metrics }: K6Summary): CustomScript {
  // k6 writes them in any order.
  const all = Object.entries(metrics).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    path,
    metrics: all.filter(([name]) => !builtIn.test(name)).map(([name, { type, contains = 'default', values }]) => ({ name, type, contains, values })),
    thresholds: all.flatMap(([metric, { type, contains = 'default', values, thresholds = {} }]) =>
      Object.entries(thresholds)
        .filter(([condition]) => !isOurs(metric, condition))
        .map(([condition, { ok }]): CustomThreshold => {
          const [, statistic = ''] = /^\s*([a-z]+(?:\([\d.]+\))?)/.exec(condition) ?? []
          const measured = { type, contains, values }
          return { metric, condition, held: ok, value: customValue(measured, statistic), unit: customUnit(measured, statistic) }
        }),
    ),
  }
}

/** Those of ours, which make k6 keep a metric by its tags, always hold; where they are the user's too they say as little. */
function isOurs(metric: string, condition: string): boolean {
  return metric.includes('{') && /^(max|count|rate)>=0$/.test(condition)
}
