import { readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Part, Standing, Workspace } from './app/app.ts'
import type { Config, Environment } from './config/config.ts'
import { credentialRedactor } from './pipeline/credentials.ts'
import { type RunRecord, recordFile } from './pipeline/record.ts'
import type { PipelineEvent } from './pipeline/run.ts'
import type { Report, RunContext } from './report/report.ts'
import { stageFailure } from './stages/cause.ts'
import type { ClusterAdapters, OwnedCluster } from './stages/cluster/stage.ts'
import type { ToolsAdapters } from './stages/tools/stage.ts'
import type { Tool } from './stages/tools/tool.ts'

/** Names of the files by which one process of a run tells another what it needs to know. */
export const runFiles = {
  /** The run record, written after every change of a stage. */
  record: 'run.json',
  /** What was asked for, without the token: post must not depend on what later steps do to the environment. */
  config: 'config.json',
  /** There when the report is out. */
  published: 'published',
  /** When the comment was last written while the run went on, in milliseconds since 1970. */
  commented: 'commented',
  /** There when a signal asked the run to stop. */
  cancelled: 'cancelled',
} as const

/** A cluster of a run, as main leaves it in the action's state for post. */
export interface LeftCluster extends OwnedCluster {
  /** Whether nobody shall delete it. */
  readonly stays: boolean
}

export interface SessionOptions {
  readonly config: Config
  readonly environment: Environment
  /** Default: the whole pipeline. */
  readonly part?: Part
  /** What `health` and `load` ask. */
  readonly standing?: Standing | null
  readonly workspace: Workspace
  readonly tools: ToolsAdapters
  readonly context: RunContext
  readonly warnings: readonly string[]
  readonly signal: AbortSignal
  readonly listener: (event: PipelineEvent) => void
  /** Given the record before the first stage and after every change of one; must not throw. */
  readonly watch?: (record: RunRecord) => void
  readonly claim: ClusterAdapters['claim']
  /** Whether the run deletes its own cluster. */
  readonly teardown: (record: RunRecord) => boolean
}

/** Runs the pipeline and gathers evidence unless it passed. The action and the terminal share this. */
export async function runSession(options: SessionOptions): Promise<{ record: RunRecord; report: () => Promise<Report> }> {
  const { config, environment, part = 'run', standing = null, workspace, tools, signal } = options
  const { githubToken: _, ...shared } = config
  writeFileSync(join(workspace.folder, runFiles.config), JSON.stringify(shared))
  const [{ buildStages }, { runPipeline }] = await Promise.all([import('./app/app.ts'), import('./pipeline/run.ts')])
  let owned: OwnedCluster | null = null
  const claim: ClusterAdapters['claim'] = (cluster) => {
    if (cluster !== null) owned = cluster
    options.claim(cluster)
  }
  const stages = await buildStages({ config, environment, part, standing, workspace, tools, claim })
  const write = recordFile(join(workspace.folder, runFiles.record))
  const record = await runPipeline(stages, {
    signal,
    listeners: [options.listener],
    persist: (current) => {
      // First: a disk that is full has nothing to do with who watches.
      options.watch?.(current)
      write(current)
    },
    beforeTeardown: async (current, own) => {
      if (owned && (await makeReport(options, current)).verdict !== 'passed') await gatherEvidence(owned, current, workspace, own)
    },
    beforeTeardownMs: 120_000,
    teardownMs: 120_000,
    teardown: options.teardown,
    redact: credentialRedactor(process.env),
  })
  return { record, report: () => makeReport(options, record) }
}

/** Puts evidence below the output folder; what cannot be gathered becomes a warning of the record. */
export async function gatherEvidence(cluster: OwnedCluster, record: RunRecord, { output }: Workspace, signal: AbortSignal): Promise<void> {
  const [{ collectEvidence }, { runProcess }] = await Promise.all([import('./adapters/evidence.ts'), import('./adapters/process.ts')])
  const kubectl = record.stages.find(({ name }) => name === 'kubectl')?.data as Tool | null
  const redact = credentialRedactor(process.env)
  const missing = await collectEvidence({ cluster, kubectl: kubectl?.path ?? null, folder: join(output, 'evidence'), run: runProcess, redact }, signal)
  record.warnings.push(...missing.map(redact))
}

/** The report of a run record, whoever's run it was. */
export async function makeReport(
  {
    config,
    environment,
    standing,
    workspace,
    context,
    warnings,
  }: Pick<SessionOptions, 'config' | 'environment' | 'standing' | 'workspace' | 'context' | 'warnings'>,
  record: RunRecord,
): Promise<Report> {
  const [{ buildReport }, { servicesOf }] = await Promise.all([import('./report/report.ts'), import('./app/app.ts')])
  const files = await readdir(workspace.output).catch(() => [])
  const services = standing?.services.routes ?? (await servicesOf(config, environment))
  return buildReport({ record, config, environment, context, services, warnings, files: files.toSorted() })
}

/** Reads a JSON file of the run's folder; null when it is not there or not whole. */
export function readRunFile<T>(folder: string, name: string): T | null {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T
  } catch {
    return null
  }
}

/**
 * Aborts at the first signal that asks the process to stop, and leaves a mark for post. Further signals change nothing.
 * GitHub's runner sends SIGINT, SIGTERM 7.5 s later, and kills the process 2.5 s after that.
 */
export function cancelOnSignals(folder: string): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) return
      try {
        writeFileSync(join(folder, runFiles.cancelled), name)
      } catch {
        // A full disk must not keep the run from stopping.
      }
      controller.abort(stageFailure('cancelled', `cancelled by ${name}`, { kind: 'cancelled' }))
    })
  }
  return controller.signal
}
