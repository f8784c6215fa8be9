import { nearest } from '../config/nearest.ts'
import { parseDurationMs, parseRatio, ValueProblem } from '../config/values.ts'
import { type CustomMetric, isCustomName, isStatistic, parseCustomLimit, statisticWords } from './custom.ts'
import { type MetricUnit, metricUnit, metricWords } from './metrics.ts'

export type Operator = '<' | '<=' | '>' | '>='

/** One condition the load must meet. */
export interface Gate {
  /** The service it looks at, or null for the whole load. */
  readonly service: string | null
  /** As written: `p(95)`, `avg`, `error-rate`, …; of a metric of the user's script `my_metric: avg`. */
  readonly metric: string
  readonly operator: Operator
  /** In the metric's own unit: milliseconds, a ratio from 0 to 1, a count, or requests per second. */
  readonly limit: number
  /** A metric of the user's own script and what of it is looked at; the limit is then in k6's own unit. */
  readonly custom?: CustomMetric
}

/** Gates of a run that names none. */
export const defaultGates: readonly Gate[] = [
  { service: null, metric: 'p(95)', operator: '<', limit: 500 },
  { service: null, metric: 'error-rate', operator: '<', limit: 0.1 },
]

/**
 * Reads one line of the gate grammar: `[service:] metric operator limit`, or `custom_metric: statistic operator limit`.
 * @param services the services a line may name
 * @param customMetrics whether a word that is no service may be a metric of the user's script; only its run can tell
 */
export function parseGate(line: string, services: readonly string[], { customMetrics = false } = {}): { gate: Gate } | { problem: string } {
  const match = /^(?:([^:<>=]+):)?\s*([^:<>=]+?)\s*(<=|>=|<|>|==?)\s*(.*)$/.exec(line)
  if (!match) return { problem: 'expected "metric < limit", such as p(95) < 500ms, or "service: metric < limit"' }
  const [, scope, word = '', operator = '', limitText = ''] = match
  const service = scope?.trim() ?? null
  const metric = word
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/^p\((\d+)\.0+\)$/, 'p($1)')

  if (customMetrics && service !== null && isCustomName(service) && !services.includes(service)) return customGate(service, metric, operator, limitText.trim())
  if (service !== null && !services.includes(service)) {
    const meant = nearest(service, services)
    return { problem: `there is no service "${service}"; services are ${services.join(', ')}${meant ? `. Did you mean "${meant}"?` : ''}` }
  }
  const unit = metricUnit(metric)
  if (!unit) {
    const meant = nearest(metric, metricWords)
    return { problem: `there is no metric "${word.trim()}"; metrics are ${metricWords.join(', ')} and p(N)${meant ? `. Did you mean "${meant}"?` : ''}` }
  }
  if (operator.startsWith('=')) return noOperator(operator)
  try {
    const limit = parseLimit(limitText.trim(), unit)
    if (limit === undefined) return { problem: `expected ${limitExpected[unit]} after ${operator}, got "${limitText.trim()}"` }
    return { gate: { service, metric, operator: operator as Operator, limit } }
  } catch (error) {
    if (error instanceof ValueProblem) return { problem: error.message }
    throw error
  }
}

function noOperator(operator: string): { problem: string } {
  return { problem: `"${operator}" is no operator of gates; use <, <=, > or >=` }
}

/** A gate on a metric that only the user's script knows, so its name and its unit are found out by the run. */
function customGate(name: string, statistic: string, operator: string, limitText: string): { gate: Gate } | { problem: string } {
  if (!isStatistic(statistic)) return { problem: `"${statistic}" is nothing k6 tells of a metric; use ${statisticWords.join(', ')} or p(N)` }
  if (operator.startsWith('=')) return noOperator(operator)
  const limit = parseCustomLimit(limitText)
  if (limit === undefined) return { problem: `expected a number such as 5, 5ms or 5% after ${operator}, got "${limitText}"` }
  return { gate: { service: null, metric: `${name}: ${statistic}`, operator: operator as Operator, limit, custom: { name, statistic } } }
}

const limitExpected: Record<MetricUnit, string> = {
  ms: 'a latency such as 500ms or 1.5s (a bare number is milliseconds, as in k6)',
  ratio: 'a percentage such as 10%',
  count: 'a number such as 1000',
  'per-second': 'a number of requests per second such as 100',
  number: 'a number such as 5',
}

function parseLimit(text: string, unit: MetricUnit): number | undefined {
  switch (unit) {
    case 'ms':
      return parseDurationMs(text, 'ms')
    case 'ratio':
      return parseRatio(text)
    case 'count':
    case 'number':
    case 'per-second':
      return /^\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined
  }
}
