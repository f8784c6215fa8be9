import { join } from 'node:path'
import { findEngine, publishedPorts, takenPorts } from '../adapters/engine.ts'
import { httpGet } from '../adapters/http.ts'
import { kindProgram } from '../adapters/kind.ts'
import { kubeletSampler } from '../adapters/kubelet.ts'
import { listenersOf } from '../adapters/listeners.ts'
import { machineEvidence } from '../adapters/machine-evidence.ts'
import { runProcess } from '../adapters/process.ts'
import { retry, until } from '../adapters/retry.ts'
import { type Config, nodePorts } from '../config/config.ts'
import { type AnyStage, pipeline } from '../pipeline/stage.ts'
import { kindConfig } from '../stages/cluster/cluster.ts'
import { nodesStage } from '../stages/cluster/nodes.ts'
import { clusterStage } from '../stages/cluster/stage.ts'
import { insideCluster } from '../stages/health/kubernetes.ts'
import { healthStage } from '../stages/health/stage.ts'
import { noIngressStage } from '../stages/ingress/none.ts'
import { type Controller, ingressStage } from '../stages/ingress/stage.ts'
import type { Results } from '../stages/results.ts'
import { echoServices, type Service, servicesNamespace } from '../stages/services/service.ts'
import { servicesStage } from '../stages/services/stage.ts'
import { toolStage } from '../stages/tools/stage.ts'
import type { AppOptions } from './app.ts'
import { connectOnce } from './connect.ts'
import { controllers } from './controllers.ts'
import { clusterLoad, withScriptCheck } from './load.ts'
import { clusterManifests } from './manifests.ts'

/** The services of a run in a cluster. */
export function clusterServices(config: Config): readonly Service[] {
  return echoServices(config.images['http-echo'], nodePorts)
}

/** The pipeline on a kind cluster as one list that reads top to bottom. A stage starts as soon as what it needs has passed. */
export function kindStages({ config, workspace, tools, claim }: AppOptions): readonly AnyStage[] {
  const { root, folder } = workspace
  const connect = connectOnce()
  const kubeconfig = join(folder, 'kubeconfig')
  const controller = controllers[config.ingress]
  const services = clusterServices(config)

  const { clusterName: name, nodeImage, workers, ports } = config
  const cluster = clusterStage(
    { name, nodeImage, config: config.kindConfig?.config ?? kindConfig({ workers, image: nodeImage, ports }), kubeconfig, ports },
    {
      findEngine: (signal) => findEngine(runProcess, process.env, signal),
      kind: (tool, engine) => kindProgram(runProcess, tool.path, engine),
      takenPorts,
      listeners: listenersOf,
      machineEvidence: machineEvidence(runProcess, process.env),
      // A client of its own each time: a cluster that is created once more has another address and other keys.
      connect: async (file) => (await import('../adapters/kubernetes.ts')).connectKubernetes(file),
      publishedPorts: (engine, container, signal) => publishedPorts(runProcess, engine, container, signal),
      claim,
      until,
    },
  )
  const manifests = clusterManifests(root, config, services, controller)
  const installed = (which: Controller) =>
    ingressStage(
      {
        controller: which,
        image: config.images[which.imageName],
        objects: () => manifests.ingress(which),
        baseUrl: config.baseUrl,
        readyTimeoutMs: config.nodeReadyTimeout,
      },
      connect,
    )
  const ingress = controller ? installed(controller) : noIngressStage(config.baseUrl)

  const sampler = kubeletSampler(() => connect(kubeconfig), {
    services: services.map(({ name: service }) => ({ name: service, namespace: servicesNamespace, deployment: service })),
    controller: controller && { name: controller.name, namespace: controller.namespace, deployment: controller.deployment },
  })

  const all = pipeline<Results>()
    .add(toolStage('kind', config.kindVersion, config.downloadMirror, tools))
    .add(toolStage('kubectl', config.kubectlVersion, config.downloadMirror, tools))
    .add(toolStage('k6', config.k6Version, config.downloadMirror, tools))
    .add(cluster)
    .add(nodesStage({ readyTimeoutMs: config.nodeReadyTimeout, dnsProbe: manifests.dnsProbe }, connect))
    .add(ingress)
    .add(servicesStage({ namespace: servicesNamespace, services, objects: manifests.services, readyTimeoutMs: config.nodeReadyTimeout }, connect))
    .add(
      healthStage(
        { retries: config.healthCheckRetries },
        insideCluster(() => connect(kubeconfig)),
        { get: httpGet, retry },
      ),
    )
    .add(clusterLoad(config, workspace, { connect: () => connect(kubeconfig), controller, namespace: servicesNamespace, sampler }))
  return withScriptCheck(all.stages, config, workspace)
}
