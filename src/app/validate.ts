import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspectScript } from '../adapters/k6-inspect.ts'
import { loadNamespace } from '../adapters/k6-pods.ts'
import { readManifest } from '../adapters/manifests.ts'
import { runProcess } from '../adapters/process.ts'
import type { Config } from '../config/config.ts'
import { messageOf } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import type { KubernetesObject } from '../stages/kubernetes.ts'
import { loadPlan } from '../stages/load/plan.ts'
import type { ToolsAdapters } from '../stages/tools/stage.ts'
import { controllers } from './controllers.ts'
import { clusterServices } from './kind.ts'
import { loadOptions } from './load.ts'
import { clusterManifests } from './manifests.ts'

/** One thing that was looked at. */
export interface Validation {
  readonly title: string
  /** `unknown` where it could not be looked at. */
  readonly status: 'ok' | 'problem' | 'unknown'
  readonly seen: string
}

/** Longest that k6 may take to load a script, in milliseconds. */
const inspectMs = 30_000

/** Looks at what a run would apply and send, and starts nothing: manifests are read and filled in, k6 loads the script. */
export async function validateRun(config: Config, root: string, tools: ToolsAdapters, signal: AbortSignal): Promise<readonly Validation[]> {
  return await Promise.all([validateManifests(config, root), validateScript(config, root, tools, signal)])
}

async function validateManifests(config: Config, root: string): Promise<Validation> {
  const title = 'Manifests'
  const controller = controllers[config.ingress]
  const manifests = clusterManifests(root, config, clusterServices(config), controller)
  try {
    const all = await Promise.all([controller ? manifests.ingress(controller) : [], manifests.services(), manifests.dnsProbe(), ...loadManifests(config, root)])
    const objects = all.flat()
    const nameless = objects.filter(({ apiVersion, kind, metadata }) => !apiVersion || !kind || !metadata?.name)
    if (nameless.length > 0) return { title, status: 'problem', seen: `${nameless.length} objects have no apiVersion, kind or name` }
    return { title, status: 'ok', seen: `${objects.length} objects` }
  } catch (error) {
    return { title, status: 'problem', seen: messageOf(error) }
  }
}

const loadFiles: Readonly<Record<Config['loadRunner'], readonly string[]>> = { host: [], job: ['job.yaml'], distributed: ['operator.yaml', 'testrun.yaml'] }

/** What a load inside the cluster would bring. */
function loadManifests({ loadRunner, images, parallelism }: Config, root: string): Promise<readonly KubernetesObject[]>[] {
  const named = { name: 'mlops-load', namespace: loadNamespace, image: images.k6, starterImage: images['k6-starter'] }
  const values = { ...named, parallelism, memoryLimit: '1Gi', deadlineSeconds: 60 }
  return loadFiles[loadRunner].map((file) => readManifest(root, join('load', file), values))
}

async function validateScript(config: Config, root: string, tools: ToolsAdapters, signal: AbortSignal): Promise<Validation> {
  const title = 'Load script'
  const ours = join(root, 'k6', 'load.js')
  const script = config.loadScript?.path ?? ours
  const k6 = (await tools.onPath('k6')) ?? (await tools.cache.find('k6', config.k6Version))
  const version = k6 === null ? null : await tools.askVersion('k6', k6, signal)
  if (k6 === null || version === null) return { title, status: 'unknown', seen: `${script} was not loaded: no k6 on PATH or in the tool cache` }
  const folder = await mkdtemp(join(tmpdir(), 'mlops-pipeline-'))
  try {
    const plan = loadPlan(clusterServices(config), { baseUrl: config.baseUrl ?? 'http://127.0.0.1' }, join(folder, 'summary.json'), loadOptions(config))
    const seen = await withDeadline(inspectMs, signal, (own) => inspectScript({ run: runProcess, script: ours, folder }, k6, plan, own))
    return 'facts' in seen ? { title, status: 'ok', seen: `${script}, loaded by k6 ${version}` } : { title, status: 'problem', seen: seen.problem }
  } catch (error) {
    return { title, status: 'problem', seen: `k6 ${version} could not load ${script}: ${messageOf(error)}` }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
