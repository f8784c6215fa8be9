import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { OwnedCluster } from './adapters/evidence.ts'
import type { Workspace } from './app.ts'
import type { Config } from './config/config.ts'
import { type RunRecord, recordFile } from './pipeline/record.ts'
import type { PipelineEvent } from './pipeline/run.ts'
import type { Report, RunContext } from './report/report.ts'
import type { ClusterAdapters } from './stages/cluster/stage.ts'
import type { ToolsAdapters } from './stages/tools/stage.ts'
import type { Tool } from './stages/tools/tool.ts'

export interface SessionOptions {
  readonly config: Config
  readonly workspace: Workspace
  readonly tools: ToolsAdapters
  readonly context: RunContext
  readonly warnings: readonly string[]
  readonly signal: AbortSignal
  readonly listener: (event: PipelineEvent) => void
  readonly claim: ClusterAdapters['claim']
  /** Whether the run deletes its own cluster. */
  readonly teardown: (record: RunRecord) => boolean
}

/** Name of the file that holds the run record. */
export const recordName = 'run.json'

/** Runs the pipeline, gathers evidence when it fails, and makes the report. The action and the terminal share this. */
export async function runSession(options: SessionOptions): Promise<{ record: RunRecord; report: () => Promise<Report> }> {
  const { config, workspace, signal } = options
  const [{ buildStages }, { runPipeline }] = await Promise.all([import('./app.ts'), import('./pipeline/run.ts')])
  let owned: OwnedCluster | null = null
  const claim: ClusterAdapters['claim'] = (cluster) => {
    if (cluster !== null) owned = cluster
    options.claim(cluster)
  }
  const stages = buildStages({ config, workspace, tools: options.tools, claim })
  const record = await runPipeline(stages, {
    signal,
    listeners: [options.listener],
    persist: recordFile(join(workspace.folder, recordName)),
    onFailure: async (current, own) => {
      if (owned) current.warnings.push(...(await gatherEvidence(owned, current, workspace, own)))
    },
    evidenceMs: 120_000,
    teardownMs: 120_000,
    teardown: options.teardown,
  })
  return { record, report: () => makeReport(options, record) }
}

/** Evidence of a run that failed, below the output folder. */
export async function gatherEvidence(cluster: OwnedCluster, record: RunRecord, { output }: Workspace, signal: AbortSignal): Promise<string[]> {
  const [{ collectEvidence }, { runProcess }] = await Promise.all([import('./adapters/evidence.ts'), import('./adapters/process.ts')])
  const kubectl = record.stages.find(({ name }) => name === 'kubectl')?.data as Tool | null
  return await collectEvidence({ cluster, kubectl: kubectl?.path ?? null, folder: join(output, 'evidence'), run: runProcess }, signal)
}

/** The report of a run record, whoever's run it was. */
export async function makeReport(
  { config, workspace, context, warnings }: Pick<SessionOptions, 'config' | 'workspace' | 'context' | 'warnings'>,
  record: RunRecord,
): Promise<Report> {
  const [{ buildReport }, { servicesOf }] = await Promise.all([import('./report/report.ts'), import('./app.ts')])
  const files = await readdir(workspace.output).catch(() => [])
  return buildReport({ record, config, context, services: servicesOf(config), warnings, files: files.toSorted() })
}
