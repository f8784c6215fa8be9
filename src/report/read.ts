import { z } from 'zod'
import type { Report } from './report.ts'

const latency = z.looseObject({ grid: z.array(z.tuple([z.number(), z.number()])), percentiles: z.record(z.string(), z.number().nullable()) })
const metrics = z.looseObject({ requests: z.number(), statuses: z.record(z.string(), z.number()).nullable(), latencyMs: latency })
const use = z.looseObject({ name: z.string(), containers: z.array(z.looseObject({ pod: z.string(), restarts: z.number(), limits: z.looseObject({}) })) })
const load = z.looseObject({
  total: metrics,
  services: z.record(z.string(), metrics),
  timeline: z.array(z.looseObject({ atMs: z.number() })).nullable(),
  resources: z.looseObject({ services: z.array(use), controller: use.nullable(), note: z.string().nullable() }).nullable(),
  notes: z.array(z.string()),
})
const service = z.looseObject({ name: z.string(), replicas: z.number(), probes: z.array(z.looseObject({ service: z.string(), healthy: z.boolean() })) })
const stage = z.looseObject({ name: z.string(), title: z.string(), status: z.string(), durationMs: z.number().nullable() })
const gate = z.looseObject({ metric: z.string(), status: z.enum(['passed', 'failed', 'missing']), limit: z.number() })

/** The parts of a report that no page can do without. */
const schema = z.looseObject({
  schemaVersion: z.literal(1),
  verdict: z.enum(['passed', 'failed', 'invalid', 'inconclusive', 'cancelled']),
  sentence: z.string(),
  environment: z.enum(['kind', 'local', 'external']),
  context: z.looseObject({}),
  startedAt: z.string(),
  settings: z.looseObject({ load: z.looseObject({ drive: z.string(), durationMs: z.number() }) }),
  tools: z.array(z.looseObject({ name: z.string(), version: z.string() })),
  services: z.array(service),
  load: load.nullable(),
  gates: z.array(gate),
  stages: z.array(stage),
  files: z.array(z.string()),
  warnings: z.array(z.string()),
})

/** Reads a report.json: the report, or everything that keeps it from being one. */
export function readReport(text: string): { report: Report } | { problems: readonly string[] } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { problems: [`it is not JSON: ${(error as Error).message}`] }
  }
  const read = schema.safeParse(json)
  if (read.success) return { report: json as Report }
  return { problems: read.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`) }
}
