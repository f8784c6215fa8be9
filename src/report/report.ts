import type { Config, Environment } from '../config/config.ts'
import { evaluateGates, type GateResult, healthGate } from '../gates/evaluate.ts'
import { judge, type Verdict } from '../gates/verdict.ts'
import type { FailureKind } from '../pipeline/failure.ts'
import type { RunRecord, StageRecord } from '../pipeline/record.ts'
import type { Cluster } from '../stages/cluster/cluster.ts'
import type { Nodes } from '../stages/cluster/nodes.ts'
import type { Health, ProbeResult } from '../stages/health/probe.ts'
import type { Ingress } from '../stages/ingress/ingress.ts'
import type { LoadResult } from '../stages/load/result.ts'
import type { LoadShape } from '../stages/load/shape.ts'
import type { Service, Services } from '../stages/services/service.ts'
import type { Tool } from '../stages/tools/tool.ts'

/** Where and for what a run happened; null where there is no such thing. */
export interface RunContext {
  readonly repository: string | null
  readonly workflow: string | null
  readonly job: string | null
  /** The job's matrix values, for example `{"arch": "arm64"}`. */
  readonly matrix: Readonly<Record<string, unknown>> | null
  readonly sha: string | null
  readonly pullRequest: number | null
  readonly runUrl: string | null
  /** GitHub's number of the workflow run, and which attempt of it: of two runs the later stands. */
  readonly runId: number | null
  readonly runAttempt: number | null
}

/** A stage as the report tells it; what it found out stands in the report's own parts. */
export type ReportedStage = Omit<StageRecord, 'data'>

/** Why a run ended before its time. */
export interface Diagnosis {
  /** The stage that failed, by name and as people read it. */
  readonly stage: string
  readonly title: string
  readonly kind: FailureKind
  /** The cause as a word that programs can rely on, such as `out-of-memory`; null where nobody has named it. */
  readonly code: string | null
  /** One line. */
  readonly cause: string
  /** What to do, one line. */
  readonly remedy: string | null
  /** What was seen that proves it, a line each. */
  readonly evidence: readonly string[]
  /** The errors behind it, outermost first. */
  readonly causes: readonly string[]
}

/** A run in full: what every page, comment and output is made from. Missing is null. */
export interface Report extends Verdict {
  readonly schemaVersion: 1
  /** `local` proves nothing about Kubernetes. */
  readonly environment: Environment
  readonly context: RunContext
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly durationMs: number | null
  readonly settings: {
    readonly load: LoadShape
    readonly clusterName: string
    /** What `base-url` says; null when nobody said anything. */
    readonly baseUrl: string | null
    readonly ingress: string
  }
  readonly tools: readonly Tool[]
  readonly cluster: (Omit<Cluster, 'created' | 'kubeconfig'> & { readonly [K in keyof Nodes]: Nodes[K] | null }) | null
  readonly ingress: Ingress | null
  readonly services: readonly (Service & { readonly healthy: boolean | null; readonly probes: readonly ProbeResult[] })[]
  readonly load: LoadResult | null
  readonly gates: readonly GateResult[]
  /** Null when no stage failed. */
  readonly diagnosis: Diagnosis | null
  readonly stages: readonly ReportedStage[]
  /** Names of files beside this one. */
  readonly files: readonly string[]
  readonly warnings: readonly string[]
}

/** What a report is made from. */
export interface ReportSources {
  readonly record: RunRecord
  readonly config: Config
  readonly environment: Environment
  readonly context: RunContext
  /** The services that were asked for, which may never have been rolled out. */
  readonly services: readonly Service[]
  readonly files: readonly string[]
  readonly warnings: readonly string[]
}

/** Judges a run and puts everything known about it into one piece of data. */
export function buildReport({ record, config, environment, context, services, files, warnings }: ReportSources): Report {
  const data = <T>(name: string): T | null => (record.stages.find((stage) => stage.name === name)?.data ?? null) as T | null
  const tools = ['kind', 'kubectl', 'k6'].map((name) => data<Tool>(name)).filter((tool) => tool !== null)
  const health = data<Health>('health')
  const load = data<LoadResult>('load')
  const rolledOut = data<Services>('services')?.routes ?? services
  const cluster = data<Cluster>('cluster')
  const nodes = data<Nodes>('nodes')
  const described = rolledOut.map((service) => {
    const probes = [...(health?.probes ?? []), ...(load?.afterwards ?? [])].filter((probe) => probe.service === service.name)
    return { ...service, healthy: probes.length > 0 ? probes.every(({ healthy }) => healthy) : null, probes }
  })
  const gates = [
    ...(health ? [healthGate(described.filter(({ healthy }) => healthy).length, described.length)] : []),
    ...(load ? evaluateGates(config.gates, load) : []),
  ]
  return {
    schemaVersion: 1,
    ...judge(record, gates, load ?? undefined),
    environment,
    context,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    durationMs: record.durationMs,
    settings: {
      load: config.shape,
      clusterName: config.clusterName,
      baseUrl: config.baseUrl,
      ingress: config.ingress,
    },
    tools,
    cluster: cluster && {
      name: cluster.name,
      engine: cluster.engine,
      engineVersion: cluster.engineVersion,
      nodeImage: cluster.nodeImage,
      nodeCount: cluster.nodeCount,
      ports: cluster.ports,
      kubernetesVersion: nodes?.kubernetesVersion ?? null,
      nodes: nodes?.nodes ?? null,
      systemPods: nodes?.systemPods ?? null,
      dnsName: nodes?.dnsName ?? null,
    },
    ingress: data<Ingress>('ingress'),
    services: described,
    load,
    gates,
    diagnosis: diagnosisOf(record),
    stages: record.stages.map(({ data: _, ...stage }) => stage),
    files,
    warnings: [...warnings, ...tools.flatMap(({ note }) => note ?? []), ...record.warnings],
  }
}

/** The failure that ended the run; those of other stages are its consequences. */
function diagnosisOf({ stages, failedStage }: RunRecord): Diagnosis | null {
  const failed = stages.find(({ name, failure }) => name === failedStage && failure !== null)
  if (!failed?.failure) return null
  const { message, ...failure } = failed.failure
  return { stage: failed.name, title: failed.title, cause: message, ...failure }
}
