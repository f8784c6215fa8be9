import { httpGet } from '../adapters/http.ts'
import { kubeletSampler } from '../adapters/kubelet.ts'
import { retry } from '../adapters/retry.ts'
import { type AnyStage, pipeline, type Stage } from '../pipeline/stage.ts'
import { insideCluster } from '../stages/health/kubernetes.ts'
import { insideProcesses } from '../stages/health/processes.ts'
import { healthStage } from '../stages/health/stage.ts'
import type { Controller } from '../stages/ingress/stage.ts'
import type { Results } from '../stages/results.ts'
import { servicesNamespace } from '../stages/services/service.ts'
import { toolStage } from '../stages/tools/stage.ts'
import type { AppOptions, Standing } from './app.ts'
import { connectOnce } from './connect.ts'
import { controllers } from './controllers.ts'
import { clusterLoad, hostLoad, withScriptCheck } from './load.ts'

/** Health, and load when asked for, against what stands already. */
export function standingStages({ config, part, workspace, tools }: AppOptions, standing: Standing): readonly AnyStage[] {
  const { baseUrl, services, ingress, kubeconfig } = standing
  const found = pipeline<Results>()
    .add(known('services', `Services (${services.routes.map(({ name }) => name).join(', ')})`, services))
    .add(
      known('ingress', baseUrl === null ? 'No ingress' : `Base URL ${baseUrl}`, {
        controller: ingress,
        image: null,
        className: null,
        baseUrl,
        note: null,
        process: null,
      }),
    )
  const connect = connectOnce()
  const inside = kubeconfig === null ? insideProcesses : insideCluster(() => connect(kubeconfig))
  const health = found.add(healthStage({ retries: config.healthCheckRetries }, inside, { get: httpGet, retry }))
  // Whose the ingress is, we do not know.
  const followed = services.routes.map(({ name }) => ({ name, namespace: services.namespace ?? servicesNamespace, deployment: name }))
  const sampler = kubeconfig === null ? null : kubeletSampler(() => connect(kubeconfig), { services: followed, controller: null })
  if (part === 'health') return health.stages
  const load =
    kubeconfig === null || sampler === null || services.namespace === null
      ? hostLoad(config, workspace)
      : clusterLoad(config, workspace, { connect: () => connect(kubeconfig), controller: controllerOf(ingress), namespace: services.namespace, sampler })
  const all = health.add(toolStage('k6', config.k6Version, config.downloadMirror, tools)).add(load)
  return withScriptCheck(all.stages, config, workspace)
}

/** The controller of that name, or null. */
function controllerOf(name: string): Controller | null {
  return Object.values(controllers).find((controller) => controller?.name === name) ?? null
}

/** A stage whose result was known before it began. */
function known<N extends 'ingress' | 'services'>(name: N, title: string, result: Results[N]): Stage<Results, N, never> {
  return { name, title, needs: [], deadlineMs: 60_000, run: async () => result, data: (value) => value }
}
