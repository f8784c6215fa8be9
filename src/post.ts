import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import { actionRoot, gitHubChannels } from './action.ts'
import { readRunContext } from './adapters/github/context.ts'
import type { Config } from './config/config.ts'
import { messageOf } from './pipeline/failure.ts'
import { withDeadline } from './pipeline/race.ts'
import { isCutOff, type RunRecord } from './pipeline/record.ts'
import { gatherEvidence, type LeftCluster, makeReport, readRunFile, runFiles } from './session.ts'

/**
 * The action's post step, which runs whatever became of main: finishes the report of a run that was
 * cut off, and deletes the cluster unless it shall stay. Works from what main left on disk and in
 * the action's state, so that nothing a later step did can mislead it. Running it twice does no harm.
 * Returns 0 even when something is left, and says so: post never changes a verdict.
 */
export async function post(): Promise<number> {
  const folder = core.getState('folder')
  const config = folder === '' ? null : readRunFile<Config>(folder, runFiles.config)
  const cluster = readState<LeftCluster>('cluster')
  const deletes = cluster !== null && !(config ? config.cleanup === 'never' : cluster.stays)

  const unfinished = config && !existsSync(join(folder, runFiles.published)) ? readRunFile<RunRecord>(folder, runFiles.record) : null
  if (unfinished && cluster) {
    const workspace = workspaceOf(folder)
    await attempt('Evidence could not be gathered', () =>
      withDeadline(75_000, new AbortController().signal, (signal) => gatherEvidence(cluster, unfinished, workspace, signal)),
    )
  }
  // At the same time: a slow artifact service must not cost the cluster its deletion.
  await Promise.all([
    config && unfinished && attempt('The report could not be finished', () => finishReport(unfinished, config, folder)),
    deletes && deleteCluster(cluster, 'remove'),
  ])
  // An engine that was making a node when its client was killed may have finished it meanwhile.
  if (deletes) await deleteCluster(cluster, 'removeLeft')
  if (config && config.cleanup !== 'never') await rm(join(folder, 'kubeconfig'), { force: true })
  return 0
}

/** Reports a run that main did not, from the record it kept. */
async function finishReport(record: RunRecord, saved: Config, folder: string): Promise<void> {
  const wasCancelled = core.getState('cancelled') === 'true' || existsSync(join(folder, runFiles.cancelled))
  // A cancel that came when every stage had passed changes no verdict.
  record.cancelled = wasCancelled && record.failedStage === null && isCutOff(record)
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
  await publishReport(report, workspace.output, gitHubChannels(config, context, folder, AbortSignal.timeout(3 * 60_000)))
  await writeFile(join(folder, runFiles.published), '')
}

/** `remove` is the deletion, `removeLeft` the look afterwards. */
async function deleteCluster({ name, engine, kind, kubeconfig }: LeftCluster, how: 'remove' | 'removeLeft'): Promise<void> {
  if (how === 'remove') core.info(`Deleting the cluster ${name}`)
  await attempt(`The cluster ${name} could not be deleted; do it by hand: kind delete cluster --name ${name}`, async () => {
    const [{ kindProgram }, { runProcess }] = await Promise.all([import('./adapters/kind.ts'), import('./adapters/process.ts')])
    const program = kindProgram(runProcess, kind, engine)
    await withDeadline(120_000, new AbortController().signal, (signal) =>
      how === 'remove' ? program.remove(name, kubeconfig, signal) : program.removeLeft(name, signal),
    )
  })
}

/** A value that main saved as JSON; null when there is none, or not a whole one. */
function readState<T>(name: string): T | null {
  try {
    return JSON.parse(core.getState(name) || 'null') as T | null
  } catch {
    return null
  }
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
