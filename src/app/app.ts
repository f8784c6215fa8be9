import type { Config, Environment } from '../config/config.ts'
import type { AnyStage } from '../pipeline/stage.ts'
import type { ClusterAdapters } from '../stages/cluster/stage.ts'
import type { Service, Services } from '../stages/services/service.ts'
import type { ToolsAdapters } from '../stages/tools/stage.ts'

/** Where a run keeps its files. */
export interface Workspace {
  /** The action's own folder, with `manifests` and `k6`. */
  readonly root: string
  /** Private files: the run record, the kubeconfig, what k6 reads. */
  readonly folder: string
  /** What people get: report, dashboard, logs, evidence. */
  readonly output: string
}

/**
 * What a session does: the whole pipeline, or a part of it. `up` leaves out health and load; `health` and `load` ask
 * what stands already.
 */
export type Part = 'run' | 'up' | 'health' | 'load'

/** What stands and can be asked, by whomever it was put up. */
export interface Standing {
  /** Where it answers by Host header; null where each service is asked at its own address. */
  readonly baseUrl: string | null
  readonly services: Services
  /** Kubeconfig of the cluster, or null when there is none or it is not known. */
  readonly kubeconfig: string | null
  /** What routes requests there, in words. */
  readonly ingress: string
}

export interface AppOptions {
  readonly config: Config
  readonly environment: Environment
  readonly part: Part
  /** What `health` and `load` ask; the other parts put up their own. */
  readonly standing: Standing | null
  readonly workspace: Workspace
  readonly tools: ToolsAdapters
  readonly claim: ClusterAdapters['claim']
}

/** Stages that only `run` and the parts of their own name have. */
const later = ['k6', 'script', 'health', 'load']

/** The pipeline of a session as one list. Each environment is a file of its own, loaded when it is the one. */
export async function buildStages(options: AppOptions): Promise<readonly AnyStage[]> {
  if (options.standing) return (await import('./standing.ts')).standingStages(options, options.standing)
  const stages = await environmentStages(options)
  return options.part === 'up' ? stages.filter(({ name }) => !later.includes(name)) : stages
}

async function environmentStages(options: AppOptions): Promise<readonly AnyStage[]> {
  switch (options.environment) {
    case 'kind':
      return (await import('./kind.ts')).kindStages(options)
    case 'local':
      return (await import('./local.ts')).localStages(options)
    case 'external':
      throw new Error('what is external is only asked, never put up')
  }
}

/** The services that were asked for, which may never come up. */
export async function servicesOf(config: Config, environment: Environment): Promise<readonly Service[]> {
  switch (environment) {
    case 'kind':
      return (await import('./kind.ts')).clusterServices(config)
    case 'local':
      return (await import('./local.ts')).localServices()
    case 'external':
      return (await import('./kind.ts')).clusterServices(config).map((service) => ({ ...service, nodePort: null }))
  }
}
