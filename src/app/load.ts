import { join } from 'node:path'
import { httpGet } from '../adapters/http.ts'
import { k6OnHost } from '../adapters/k6.ts'
import { k6AsJob } from '../adapters/k6-job.ts'
import { k6ByOperator } from '../adapters/k6-operator.ts'
import { readManifest } from '../adapters/manifests.ts'
import { runProcess } from '../adapters/process.ts'
import { retry } from '../adapters/retry.ts'
import type { Config } from '../config/config.ts'
import { isLoopback } from '../config/load-runner.ts'
import { serviceNames } from '../config/services.ts'
import type { AnyStage } from '../pipeline/stage.ts'
import { stageFailure } from '../stages/cause.ts'
import type { Controller } from '../stages/ingress/stage.ts'
import type { Kubernetes } from '../stages/kubernetes.ts'
import { type LoadOptions, loadPlan } from '../stages/load/plan.ts'
import type { ResourceSampler } from '../stages/load/resources.ts'
import type { LoadRunner } from '../stages/load/runner.ts'
import { type InspectScript, scriptStage } from '../stages/load/script.ts'
import type { LoadShape } from '../stages/load/shape.ts'
import { loadStage } from '../stages/load/stage.ts'
import { echoServices, type Service } from '../stages/services/service.ts'
import type { Workspace } from './app.ts'

/** The cluster that a load may run in. */
export interface LoadCluster {
  readonly connect: () => Promise<Kubernetes>
  /** Null without an ingress. */
  readonly controller: Controller | null
  /** Of the services. */
  readonly namespace: string
  /** Follows the pods meanwhile. */
  readonly sampler: ResourceSampler
}

/** What the load stage is told. */
export function loadOptions({ shape, gates, warmup, loadScript }: Config): LoadOptions {
  return { shape, gates, warmupMs: warmup, scriptFile: loadScript?.file ?? null }
}

/** The load, by k6 on this machine, where there are no pods to follow. */
export function hostLoad(config: Config, workspace: Workspace): ReturnType<typeof loadStage> {
  return load(config, workspace, k6OnHost(k6Files(workspace)), null)
}

/** The load on a cluster, by k6 on this machine or inside, as `load-runner` says. */
export function clusterLoad(config: Config, workspace: Workspace, cluster: LoadCluster): ReturnType<typeof loadStage> {
  return load(config, workspace, chooseRunner(config, workspace, cluster), cluster.sampler)
}

function load(config: Config, { folder }: Workspace, runner: LoadRunner, sampler: ResourceSampler | null): ReturnType<typeof loadStage> {
  return loadStage(loadOptions(config), {
    runner,
    sampler,
    inspect: config.loadScript ? inspectOwn(config, folder) : null,
    summaryFile: join(folder, 'k6', 'summary.json'),
    get: httpGet,
    retry,
  })
}

/** Puts the check of the user's own script, where there is one, right behind the stage that brings k6. */
export function withScriptCheck(stages: readonly AnyStage[], config: Config, { folder }: Workspace): readonly AnyStage[] {
  const behind = stages.findIndex(({ name }) => name === 'k6') + 1
  if (config.loadScript === null || behind === 0) return stages
  const check = scriptStage(config.loadScript.path, inspectOwn(config, folder)) as unknown as AnyStage
  return [...stages.slice(0, behind), check, ...stages.slice(behind)]
}

/** Has k6 load the user's script. Addresses are not known yet and made up: nothing is sent. */
function inspectOwn(config: Config, folder: string): InspectScript {
  return async (k6, { signal }) => {
    const own = join(folder, 'k6-inspect')
    const services = echoServices('', [0, 0])
    const plan = loadPlan(services, { baseUrl: config.baseUrl ?? 'http://127.0.0.1' }, join(own, 'summary.json'), loadOptions(config))
    const { inspectScript } = await import('../adapters/k6-inspect.ts')
    const seen = await inspectScript({ run: runProcess, script: '', folder: own }, k6.path, plan, signal)
    if ('facts' in seen) return seen.facts
    throw stageFailure('script-error', `k6 cannot load ${config.loadScript?.path}: ${seen.problem}`, {
      kind: 'config',
      remedy: 'Mend the load script; k6 inspect shows the same.',
    })
  }
}

function k6Files({ root, folder, output }: Workspace) {
  return { run: runProcess, script: join(root, 'k6', 'load.js'), folder: join(folder, 'k6'), output }
}

function chooseRunner(config: Config, workspace: Workspace, { connect, controller, namespace }: LoadCluster): LoadRunner {
  const { images, parallelism, shape } = config
  const runners = config.loadRunner === 'distributed' ? parallelism : 1
  const inside = {
    ...k6Files(workspace),
    connect,
    image: images.k6,
    memoryLimit: memoryLimit(shape, runners),
    baseUrl: insideUrl(config, controller),
    ownUrl: ({ name }: Service) => `http://${name}.${namespace}.svc`,
    manifest: (file: string, values: Readonly<Record<string, string | number>>) => readManifest(workspace.root, join('load', file), values),
  }
  switch (config.loadRunner) {
    case 'host':
      return k6OnHost(k6Files(workspace))
    case 'job':
      return k6AsJob({ ...inside, shellImage: images['dns-probe'] })
    case 'distributed':
      return k6ByOperator({ ...inside, parallelism, operatorImage: images['k6-operator'], starterImage: images['k6-starter'] })
  }
}

/** Where requests from inside the cluster enter: an address that somebody gave, unless it means this machine, else the controller's Service. */
function insideUrl({ baseUrl }: Config, controller: Controller | null): string | null {
  if (baseUrl !== null && !isLoopback(baseUrl)) return baseUrl
  return controller && `http://${controller.service}.${controller.namespace}.svc`
}

/** Memory for one k6: what it needs itself, and its users' own, each a JavaScript engine with the script. */
function memoryLimit(shape: LoadShape, runners: number): string {
  return `${512 + Math.ceil((usersOf(shape) * 8) / runners)}Mi`
}

/** The most users at the same time; of a script that drives itself only a guess. */
function usersOf(shape: LoadShape): number {
  switch (shape.drive) {
    case 'virtual-users':
      return shape.virtualUsers
    case 'arrival-rate':
      return shape.maxInFlight * serviceNames.length
    case 'script':
      return Math.max(50, shape.otherwise.virtualUsers)
  }
}
