import { nearest } from '../config/nearest.ts'
import { parseDurationMs, parseRatio, ValueProblem } from '../config/values.ts'
import { type MetricUnit, metricUnit, metricWords } from './metrics.ts'

export type Operator = '<' | '<=' | '>' | '>='

/** One condition the load must meet. */
export interface Gate {
  /** The service it looks at, or null for the whole load. */
  readonly service: string | null
  /** As written: `p(95)`, `avg`, `error-rate`, … */
  readonly metric: string
  readonly operator: Operator
  /** In the metric's own unit: milliseconds, a ratio from 0 to 1, a count, or requests per second. */
  readonly limit: number
}

/** Gates of a run that names none. */
export const defaultGates: readonly Gate[] = [
  { service: null, metric: 'p(95)', operator: '<', limit: 500 },
  { service: null, metric: 'error-rate', operator: '<', limit: 0.1 },
]

/**
 * Reads one line of the gate grammar: `[service:] metric operator limit`.
 * @param services the services a line may name
 */
export function parseGate(line: string, services: readonly string[]): { gate: Gate } | { problem: string } {
  const match = /^(?:([^:<>=]+):)?\s*([^:<>=]+?)\s*(<=|>=|<|>|==?)\s*(.*)$/.exec(line)
  if (!match) return { problem: 'expected "metric < limit", such as p(95) < 500ms, or "service: metric < limit"' }
  const [, scope, word = '', operator = '', limitText = ''] = match
  const service = scope?.trim() ?? null
  const metric = word
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/^p\((\d+)\.0+\)$/, 'p($1)')

  if (service !== null && !services.includes(service)) {
    const meant = nearest(service, services)
    return { problem: `there is no service "${service}"; services are ${services.join(', ')}${meant ? `. Did you mean "${meant}"?` : ''}` }
  }
  const unit = metricUnit(metric)
  if (!unit) {
    const meant = nearest(metric, metricWords)
    return { problem: `there is no metric "${word.trim()}"; metrics are ${metricWords.join(', ')} and p(N)${meant ? `. Did you mean "${meant}"?` : ''}` }
  }
  if (operator.startsWith('=')) return { problem: `"${operator}" is no operator of gates; use <, <=, > or >=` }
  try {
    const limit = parseLimit(limitText.trim(), unit)
    if (limit === undefined) return { problem: `expected ${limitExpected[unit]} after ${operator}, got "${limitText.trim()}"` }
    return { gate: { service, metric, operator: operator as Operator, limit } }
  } catch (error) {
    if (error instanceof ValueProblem) return { problem: error.message }
    throw error
  }
}

const limitExpected: Record<MetricUnit, string> = {
  ms: 'a latency such as 500ms or 1.5s (a bare number is milliseconds, as in k6)',
  ratio: 'a percentage such as 10%',
  count: 'a number such as 1000',
  'per-second': 'a number of requests per second such as 100',
}

function parseLimit(text: string, unit: MetricUnit): number | undefined {
  switch (unit) {
    case 'ms':
      return parseDurationMs(text, 'ms')
    case 'ratio':
      return parseRatio(text)
    case 'count':
    case 'per-second':
      return /^\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined
  }
}
