import { join } from 'node:path'
import { ownProgram } from '../action.ts'
import { httpGet } from '../adapters/http.ts'
import { startLocal } from '../adapters/local.ts'
import { readManifest } from '../adapters/manifests.ts'
import { retry, until } from '../adapters/retry.ts'
import { type AnyStage, pipeline } from '../pipeline/stage.ts'
import { insideProcesses } from '../stages/health/processes.ts'
import { healthStage } from '../stages/health/stage.ts'
import { localIngressStage } from '../stages/local/ingress.ts'
import { watchLoss } from '../stages/local/loss.ts'
import type { StartProcess } from '../stages/local/process.ts'
import { localServicesStage } from '../stages/local/services.ts'
import type { Results } from '../stages/results.ts'
import { echoServices, type Service } from '../stages/services/service.ts'
import { toolStage } from '../stages/tools/stage.ts'
import type { AppOptions } from './app.ts'
import { hostLoad, withScriptCheck } from './load.ts'

/** The services of a run on local processes: the cluster's, without image and NodePort. */
export function localServices(): readonly Service[] {
  return echoServices('', [0, 0]).map((service) => ({ ...service, image: null, nodePort: null }))
}

/** Longest wait for a replica to be ready once it listens, in milliseconds; it is a process on this machine, nothing is pulled. */
const readyTimeoutMs = 60_000

/**
 * The pipeline on local processes as one list: services, the reverse proxy before them, then the same health and load as
 * on a cluster. What needs Kubernetes is left out and says so.
 * @param program how this very program is started, for the services and the proxy, which are roles of it
 */
export function localStages({ config, part, workspace, tools }: AppOptions, program: readonly string[] = ownProgram()): readonly AnyStage[] {
  const { root, output } = workspace
  const stay = part === 'up' || config.cleanup === 'never'
  const start: StartProcess = ({ role, log, args }, signal) => startLocal([...program, role], args, { signal, log: join(output, 'services', log), stay })
  const objects = ({ name, replicas, host }: Service) =>
    // What concerns only the cluster is filled in all the same: the template is one, whoever reads it.
    readManifest(root, 'services/echo.yaml', { name, replicas, host, text: name, namespace: '', image: '', nodePort: 0, ingressClass: '' })

  const loss = watchLoss()
  const adapters = { start, onLoss: loss.report, get: httpGet, until, retry }
  const all = pipeline<Results>()
    .leaveOut('kind', 'Install kind', 'local processes need no cluster')
    .leaveOut('kubectl', 'Install kubectl', 'local processes need no cluster')
    .add(toolStage('k6', config.k6Version, config.downloadMirror, tools))
    .leaveOut('cluster', 'Boot the cluster', 'local processes need no cluster; nothing about Kubernetes was tried')
    .leaveOut('nodes', 'Nodes, system pods and DNS', 'there is no cluster')
    .add(localServicesStage({ services: localServices(), objects, readyTimeoutMs }, adapters))
    .add(localIngressStage({ baseUrl: config.baseUrl }, adapters))
    .add(loss.guard(healthStage({ retries: config.healthCheckRetries }, insideProcesses, adapters)))
    .add(loss.guard(hostLoad(config, workspace)))
  return withScriptCheck(all.stages, config, workspace)
}
