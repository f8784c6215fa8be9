import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import { actionRoot, gitHubChannels } from './action.ts'
import { readRunContext } from './adapters/github/context.ts'
import type { Config } from './config/config.ts'
import { messageOf } from './pipeline/failure.ts'
import { withDeadline } from './pipeline/race.ts'
import type { RunRecord } from './pipeline/record.ts'
import { gatherEvidence, makeReport, readRunFile, runFiles } from './session.ts'
import type { OwnedCluster } from './stages/cluster/stage.ts'

/**
 * The action's post step, which runs whatever became of main: finishes the report of a run that was
 * cut off, and deletes the cluster unless it shall stay. Works from what main left on disk and in
 * the action's state, so that nothing a later step did can mislead it. Running it twice does no harm.
 * Returns 0 even when something is left, and says so: post never changes a verdict.
 */
export async function post(): Promise<number> {
  const folder = core.getState('folder')
  const config = folder === '' ? null : readRunFile<Config>(folder, runFiles.config)
  if (!config) return 0 // main never got as far as making anything
  const cluster = JSON.parse(core.getState('cluster') || 'null') as OwnedCluster | null

  const unfinished = existsSync(join(folder, runFiles.published)) ? null : readRunFile<RunRecord>(folder, runFiles.record)
  if (unfinished && cluster) {
    const workspace = workspaceOf(folder)
    await attempt('Evidence could not be gathered', () =>
      withDeadline(75_000, new AbortController().signal, (signal) => gatherEvidence(cluster, unfinished, workspace, signal)),
    )
  }
  // At the same time: a slow artifact service must not cost the cluster its deletion.
  await Promise.all([
    unfinished && attempt('The report could not be finished', () => finishReport(unfinished, config, folder)),
    cluster && config.cleanup !== 'never' && deleteCluster(cluster),
  ])
  if (config.cleanup !== 'never') await rm(join(folder, 'kubeconfig'), { force: true })
  return 0
}

/** Reports a run that main did not, from the record it kept. */
async function finishReport(record: RunRecord, saved: Config, folder: string): Promise<void> {
  record.cancelled = existsSync(join(folder, runFiles.cancelled)) && record.failedStage === null
  for (const stage of record.stages) {
    if (stage.status === 'running') stage.status = 'cancelled'
    if (stage.status === 'pending') stage.status = 'skipped'
  }
  const config = { ...saved, githubToken: core.getInput('github-token') || process.env.MLOPS_GITHUB_TOKEN }
  const context = readRunContext(process.env, config.matrix)
  const workspace = workspaceOf(folder)
  const report = await makeReport({ config, environment: config.cluster ?? 'kind', workspace, context, warnings: [] }, record)
  const [{ publishReport }, { renderTerminal }] = await Promise.all([import('./publish.ts'), import('./report/terminal.ts')])
  core.info(renderTerminal(report))
  await publishReport(report, workspace.output, gitHubChannels(config, context, AbortSignal.timeout(3 * 60_000)))
  await writeFile(join(folder, runFiles.published), '')
}

async function deleteCluster({ name, engine, kind, kubeconfig }: OwnedCluster): Promise<void> {
  core.info(`Deleting the cluster ${name}`)
  await attempt(`The cluster ${name} could not be deleted; do it by hand: kind delete cluster --name ${name}`, async () => {
    const [{ kindProgram }, { runProcess }] = await Promise.all([import('./adapters/kind.ts'), import('./adapters/process.ts')])
    const remove = (signal: AbortSignal) => kindProgram(runProcess, kind, engine).remove(name, kubeconfig, signal)
    await withDeadline(120_000, new AbortController().signal, remove)
  })
}

function workspaceOf(folder: string) {
  return { root: actionRoot(), folder, output: join(folder, 'report') }
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    core.warning(`${what} (${messageOf(error)})`)
  }
}
