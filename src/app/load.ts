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
import type { Controller } from '../stages/ingress/stage.ts'
import type { Kubernetes } from '../stages/kubernetes.ts'
import type { LoadRunner } from '../stages/load/runner.ts'
import type { LoadShape } from '../stages/load/shape.ts'
import { loadStage } from '../stages/load/stage.ts'
import type { Service } from '../stages/services/service.ts'
import type { Workspace } from './app.ts'

/** The cluster that a load may run in. */
export interface LoadCluster {
  readonly connect: () => Promise<Kubernetes>
  /** Null without an ingress. */
  readonly controller: Controller | null
  /** Of the services. */
  readonly namespace: string
}

/** The load, by k6 on this machine. */
export function hostLoad(config: Config, workspace: Workspace): ReturnType<typeof loadStage> {
  return load(config, workspace, k6OnHost(k6Files(workspace)))
}

/** The load on a cluster, by k6 on this machine or inside, as `load-runner` says. */
export function clusterLoad(config: Config, workspace: Workspace, cluster: LoadCluster): ReturnType<typeof loadStage> {
  return load(config, workspace, chooseRunner(config, workspace, cluster))
}

function load(config: Config, { folder }: Workspace, runner: LoadRunner): ReturnType<typeof loadStage> {
  const summaryFile = join(folder, 'k6', 'summary.json')
  return loadStage({ shape: config.shape, gates: config.gates }, { runner, sampler: null, summaryFile, get: httpGet, retry })
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
  const users = shape.drive === 'virtual-users' ? shape.virtualUsers : shape.maxInFlight * serviceNames.length
  return `${512 + Math.ceil((users * 8) / runners)}Mi`
}
