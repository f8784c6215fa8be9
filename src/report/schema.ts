import { z } from 'zod'
import type { CauseCode } from '../stages/cause.ts'
import type { Report } from './report.ts'

/**
 * The whole of report.json, for whoever reads one: a text from outside is a `Report` when it fits this. The published
 * `schemas/report.schema.json` is made from it, so every description is read by people, too. Keys that are not here are
 * allowed: a later 1.x may write more.
 */

const text = z.string()
const strings = z.array(text)
const ms = z.number().min(0)
const optionalMs = ms.nullable()
const ratio = z.number().min(0).max(1).nullable()
const count = z.number().int().min(0)
const optionalText = text.nullable()
const instant = z.iso.datetime()

const context = z
  .object({
    repository: optionalText.describe('owner/name'),
    workflow: optionalText,
    job: optionalText,
    matrix: z.record(text, z.unknown()).nullable().describe('The values of the job’s matrix.'),
    sha: optionalText.describe('The commit; of a pull request its head.'),
    pullRequest: count.nullable().describe('Number of the pull request.'),
    runUrl: optionalText,
    runId: count.nullable().describe('GitHub’s number of the workflow run.'),
    runAttempt: count.nullable(),
  })
  .describe('Where and for what the run happened; null where there is no such thing.')

const rampStep = z.object({ durationMs: ms, target: z.number().describe('Virtual users, or requests per second to each service.') })
const virtualUsers = z.object({
  drive: z.literal('virtual-users'),
  virtualUsers: z.number().describe('The most at the same time.'),
  durationMs: ms,
  ramp: z.array(rampStep),
  rampFrom: z.number().exactOptional().describe('Where a ramp begins; 0 when left out.'),
})
const arrivalRate = z.object({
  drive: z.literal('arrival-rate'),
  rate: z.number().describe('Requests per second to EACH service; the highest with a ramp.'),
  maxInFlight: z.number().describe('The most requests in flight to each service.'),
  durationMs: ms,
  ramp: z.array(rampStep),
  rampFrom: z.number().exactOptional().describe('Where a ramp begins; 0 when left out.'),
})
const script = z.object({ drive: z.literal('script'), path: text, otherwise: virtualUsers, durationMs: ms })
const shape = z.discriminatedUnion('drive', [virtualUsers, arrivalRate, script]).describe('How the load is driven.')

const settings = z.object({ load: shape, clusterName: text, baseUrl: optionalText, ingress: text })

const tool = z.object({
  name: z.enum(['kind', 'kubectl', 'k6']),
  version: text.describe('Without v.'),
  path: text,
  from: z.enum(['path', 'tool-cache', 'github-cache', 'download', 'go']),
  note: text.exactOptional(),
})

const node = z.object({ name: text, kubelet: optionalText, runtime: optionalText, architecture: optionalText })
const cluster = z.object({
  name: text,
  engine: z.enum(['docker', 'podman']),
  engineVersion: optionalText,
  nodeImage: text,
  nodeCount: count,
  ports: z.array(z.object({ hostPort: count, nodePort: count })).describe('Ports of the machine that lead to the cluster.'),
  kubernetesVersion: optionalText.describe('The server’s version, such as v1.37.0.'),
  nodes: z.array(node).nullable(),
  systemPods: count.nullable(),
  dnsName: optionalText.describe('The name that was looked up from inside a pod.'),
})

const ingress = z.object({
  controller: text,
  image: optionalText,
  className: optionalText,
  baseUrl: optionalText.describe('Where services answer, by Host header.'),
  note: optionalText,
  process: z.object({ pid: count, startTime: optionalText, url: text }).nullable(),
})

const probe = z.object({
  service: text,
  kind: z.enum(['endpoints', 'node-port', 'process', 'ingress', 'after-load']),
  target: text,
  healthy: z.boolean(),
  attempts: count.describe('Requests or looks it took.'),
  durationMs: optionalMs.describe('Latency of the last answer, in milliseconds.'),
  seen: text.describe('What was seen last.'),
  // A later 1.x may know more codes, so that any text is one to read.
  code: (text as z.ZodType<unknown> as z.ZodType<CauseCode>).exactOptional().describe('What it is that was seen; missing when healthy.'),
})

const service = z.object({
  name: text,
  image: optionalText.describe('Null when it is no container.'),
  replicas: count,
  host: text.describe('Host header that the ingress routes by.'),
  path: text,
  nodePort: count.nullable(),
  url: optionalText,
  expect: z.object({ status: count, body: optionalText }).describe('What a request must be answered with.'),
  healthy: z.boolean().nullable().describe('Null when nobody asked it.'),
  probes: z.array(probe),
})

const metrics = z.object({
  requests: count,
  requestsPerSecond: z.number().nullable(),
  errorRate: ratio.describe('Share of requests without an answer, or with an unexpected status or body, 0 to 1.'),
  successRate: ratio,
  checks: z.object({ passed: count, failed: count, rate: ratio }),
  latencyMs: z
    .object({
      min: z.number().nullable(),
      avg: z.number().nullable(),
      med: z.number().nullable(),
      max: z.number().nullable(),
      grid: z.array(z.tuple([z.number(), z.number()])).describe('The distribution: percentiles from 0 to 100 in rising order, each with its value.'),
      percentiles: z.record(z.string().regex(/^\d{1,3}(\.\d{1,10})?$/), z.number().nullable()).describe('By percentile, such as {"95": 12.3}.'),
    })
    .describe('In milliseconds; null where nothing was measured.'),
  statuses: z
    .record(z.string().regex(/^(\d{1,3}|other)$/), count)
    .nullable()
    .describe('Requests by status code; 0 is no answer at all, other all codes that were not counted by themselves.'),
})

const timelinePoint = z.object({
  atMs: ms.describe('Milliseconds since the load began, at this point’s end.'),
  requestsPerSecond: z.number().nullable(),
  errorsPerSecond: z.number().nullable(),
  virtualUsers: z.number().nullable(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
})

const containerUse = z.object({
  pod: text,
  container: text,
  readings: count,
  cpuCores: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  limits: z.object({ cpuCores: z.number().nullable(), memoryBytes: z.number().nullable() }),
  throttled: z.number().nullable().describe('Share of scheduling periods in which it was throttled, 0 to 1.'),
  restarts: count,
  oomKilled: z.boolean(),
})
const use = z.object({ name: text, containers: z.array(containerUse) })

const unit = z.enum(['ms', 'ratio', 'count', 'per-second', 'number'])
const custom = z.object({
  path: text,
  metrics: z.array(z.object({ name: text, type: text, contains: text, values: z.record(text, z.number()) })),
  thresholds: z.array(z.object({ metric: text, condition: text, held: z.boolean(), value: z.number().nullable(), unit })),
})

const load = z.object({
  durationMs: ms.describe('Time k6 measured, in milliseconds.'),
  shape,
  runner: z.enum(['host', 'job', 'distributed']),
  runners: count.describe('How many k6 shared the load.'),
  total: metrics,
  services: z.record(text, metrics).describe('By service.'),
  timeline: z.array(timelinePoint).nullable(),
  resources: z
    .object({ services: z.array(use), controller: use.nullable(), note: optionalText })
    .nullable()
    .describe('What the pods used meanwhile.'),
  generator: z.object({ dropped: z.number(), late: z.number().nullable(), cpuShare: z.number().nullable() }).describe('What k6 itself had to say.'),
  custom: custom.nullable().describe('What a script of the user’s measured and asked for.'),
  notes: strings.describe('What a reader should know about the numbers.'),
  afterwards: z.array(probe).describe('Each service asked once more when the load was over.'),
  files: z.object({ dashboard: optionalText, log: text }),
})

const gate = z.object({
  service: optionalText.describe('Null for the whole load.'),
  metric: text,
  operator: z.enum(['<', '<=', '>', '>=', '==', '!=']),
  limit: z.number().describe('In the metric’s unit.'),
  value: z.number().nullable().describe('Null when it was not measured; then the gate is missing, which is never a pass.'),
  unit,
  status: z.enum(['passed', 'failed', 'missing']),
})

const kind = z.enum(['workload', 'infrastructure', 'measurement', 'config', 'cancelled']).describe('Whose fault it is.')
const failure = z.object({
  kind,
  code: optionalText.describe('The cause as a word that programs can rely on, such as out-of-memory.'),
  message: text,
  remedy: optionalText,
  evidence: strings,
  causes: strings,
})
const stage = z.object({
  name: text,
  title: text,
  status: z.enum(['pending', 'running', 'passed', 'failed', 'skipped', 'cancelled']),
  startedAfterMs: optionalMs.describe('Milliseconds since the run began; null when it never did.'),
  durationMs: optionalMs,
  leftOut: optionalText.describe('Why the run leaves it out; null for a stage that belongs to it.'),
  progress: optionalText.describe('The last thing it said it was doing.'),
  failure: failure.nullable(),
})
const diagnosis = z
  .object({
    stage: text,
    title: text,
    kind,
    code: optionalText.describe('The cause as a word that programs can rely on, such as out-of-memory.'),
    cause: text,
    remedy: optionalText.describe('What to do.'),
    evidence: strings.describe('What was seen that proves it.'),
    causes: strings.describe('The errors behind it, outermost first.'),
  })
  .describe('Why the run ended before its time.')

export const reportSchema = z.object({
  schemaVersion: z.literal(1),
  verdict: z.enum(['passed', 'failed', 'invalid', 'inconclusive', 'cancelled']),
  reason: z.enum(['gate', 'stage', 'measurement', 'config', 'infrastructure', 'cancel']).nullable().describe('Why it is not passed.'),
  sentence: text.describe('The verdict’s reason for people.'),
  environment: z.enum(['kind', 'local', 'external']).describe('Where the services ran; local proves nothing about Kubernetes.'),
  context,
  startedAt: instant.describe('UTC.'),
  finishedAt: instant.nullable(),
  durationMs: optionalMs,
  settings,
  tools: z.array(tool),
  cluster: cluster.nullable(),
  ingress: ingress.nullable(),
  services: z.array(service),
  load: load.nullable(),
  gates: z.array(gate),
  diagnosis: diagnosis.nullable(),
  stages: z.array(stage),
  files: strings.describe('Names of files beside this one.'),
  warnings: strings,
})

/** Read-only all the way down, as our own types are. */
type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
// Does not compile when the schema and the interfaces say different things.
true satisfies Same<Frozen<z.infer<typeof reportSchema>>, Frozen<Report>>

/** Where the published schema is found. */
export const reportSchemaUrl = 'https://raw.githubusercontent.com/org/mlops-pipeline-action/v1/schemas/report.schema.json'

/** The schema for other people's programs: JSON Schema 2020-12. */
export function reportJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema, { io: 'input' })
  return {
    $schema,
    $id: reportSchemaUrl,
    title: 'report.json of mlops-pipeline-action',
    description: 'A run of the pipeline in full. Durations are milliseconds. What was not measured is null, never 0. A later 1.x may add keys.',
    ...schema,
  }
}
