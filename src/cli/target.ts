import { findEngine } from '../adapters/engine.ts'
import { runProcess } from '../adapters/process.ts'
import { type Part, type Standing, servicesOf } from '../app/app.ts'
import type { Config, Environment } from '../config/config.ts'
import { Failure } from '../pipeline/failure.ts'
import { readStanding } from './standing.ts'

/** Where a session works. */
export interface Target {
  readonly environment: Environment
  /** What is asked; null when the session puts up its own. */
  readonly standing: Standing | null
  /** What its user should know about the choice, or null. */
  readonly note: string | null
}

/** Chooses where a part of the pipeline works, or says why it cannot. */
export async function chooseTarget(part: Part, config: Config, signal: AbortSignal): Promise<Target | { problem: string }> {
  const target = part === 'run' || part === 'up' ? await chooseEnvironment(config, signal) : await chooseStanding(config)
  return 'problem' in target || part === 'up' || part === 'health' ? target : withRunner(target, config)
}

/** A load inside a cluster needs one that we may put something into. */
function withRunner(target: Target, { loadRunner }: Config): Target | { problem: string } {
  const { environment, standing, note } = target
  if (loadRunner === 'host' || (environment === 'kind' && (standing === null || standing.kubeconfig !== null))) return target
  const why = environment === 'local' ? 'this runs on local processes' : 'nothing is known of a cluster behind that address'
  return { problem: `load-runner: ${loadRunner} needs a cluster, and ${why}; use host${note ? `. ${note}` : ''}` }
}

/** A cluster where an engine answers, else local processes, unless somebody said which. */
async function chooseEnvironment(config: Config, signal: AbortSignal): Promise<Target | { problem: string }> {
  if (config.cluster) return { environment: config.cluster, standing: null, note: null }
  try {
    await findEngine(runProcess, process.env, signal)
    return { environment: 'kind', standing: null, note: null }
  } catch (error) {
    // A cancelled search is for the session to report.
    if (signal.aborted) return { environment: 'kind', standing: null, note: null }
    if (!(error instanceof Failure)) throw error
    if (error.kind === 'config') return { problem: `${error.message}. ${error.remedy}` }
    return { environment: 'local', standing: null, note: `Running on local processes, since ${error.message}.` }
  }
}

/** What `up` left under this name; with `base-url`, that address. */
async function chooseStanding(config: Config): Promise<Target | { problem: string }> {
  const found = readStanding(config.clusterName, process.env)
  if (config.baseUrl) {
    const services = { namespace: null, routes: await servicesOf(config, 'external'), processes: null }
    const standing = { baseUrl: config.baseUrl, services, kubeconfig: null, ingress: 'whatever answers there' }
    return { environment: 'external', standing, note: null }
  }
  if (found?.standing) return { environment: found.environment, standing: found.standing, note: null }
  return { problem: `nothing stands under the name ${config.clusterName}; put it up with: mlops-pipeline up, or say --base-url` }
}
