import { existsSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as core from '@actions/core'
import { actionRoot, gitHubChannels } from './action.ts'
import type { OwnedCluster } from './adapters/evidence.ts'
import { readRunContext } from './adapters/github/context.ts'
import { readActionInputs } from './adapters/github/inputs.ts'
import { type Config, ConfigError, resolveConfig } from './config/config.ts'
import { serviceNames } from './config/services.ts'
import { publishedName } from './main.ts'
import { withDeadline } from './pipeline/race.ts'
import type { RunRecord } from './pipeline/record.ts'
import { gatherEvidence, makeReport, recordName } from './session.ts'

/**
 * The action's post step, which runs whatever became of main: finishes the report of a run that was
 * cut off, then deletes the cluster unless it shall stay. Running it twice does no harm.
 * Returns 0 even when something is left, and says so: post never changes a verdict.
 */
export async function post(): Promise<number> {
  const folder = core.getState('folder')
  if (folder === '') return 0 // main never got as far as making anything
  const config = readConfig()
  if (!config) return 0
  const cluster = JSON.parse(core.getState('cluster') || 'null') as OwnedCluster | null

  if (!existsSync(join(folder, publishedName))) await attempt('The report could not be finished', () => finishReport(config, folder, cluster))
  if (cluster && config.cleanup !== 'never')
    await attempt(`The cluster ${cluster.name} could not be deleted; do it by hand: kind delete cluster --name ${cluster.name}`, () => deleteCluster(cluster))
  if (config.cleanup !== 'never') await rm(join(folder, 'kubeconfig'), { force: true })
  return 0
}

/** Reports a run that main did not, from the record it kept. */
async function finishReport(config: Config, folder: string, cluster: OwnedCluster | null): Promise<void> {
  const record = readRecord(folder)
  if (!record) return
  record.cancelled = record.failedStage === null
  for (const stage of record.stages) {
    if (stage.status === 'running') stage.status = 'cancelled'
    if (stage.status === 'pending') stage.status = 'skipped'
  }
  const workspace = { root: actionRoot(), folder, output: join(folder, 'report') }
  const signal = AbortSignal.timeout(4 * 60_000)
  if (cluster) record.warnings.push(...(await withDeadline(60_000, signal, (own) => gatherEvidence(cluster, record, workspace, own))))
  const context = readRunContext(process.env, config.matrix)
  const report = await makeReport({ config, workspace, context, warnings: [] }, record)
  const [{ publishReport }, { renderTerminal }] = await Promise.all([import('./publish.ts'), import('./report/terminal.ts')])
  core.info(renderTerminal(report))
  await publishReport(report, workspace.output, gitHubChannels(config, context, signal))
  await writeFile(join(folder, publishedName), '')
}

async function deleteCluster({ name, engine, kind, kubeconfig }: OwnedCluster): Promise<void> {
  const [{ kindProgram }, { runProcess }] = await Promise.all([import('./adapters/kind.ts'), import('./adapters/process.ts')])
  core.info(`Deleting the cluster ${name}`)
  await withDeadline(120_000, new AbortController().signal, (signal) => kindProgram(runProcess, kind, engine).remove(name, kubeconfig, signal))
}

function readRecord(folder: string): RunRecord | null {
  try {
    return JSON.parse(readFileSync(join(folder, recordName), 'utf8')) as RunRecord
  } catch {
    return null // cut off before the first stage
  }
}

function readConfig(): Config | undefined {
  try {
    return resolveConfig({ inputs: readActionInputs(process.env), env: process.env, services: serviceNames }).config
  } catch (error) {
    if (error instanceof ConfigError) return undefined
    throw error
  }
}

async function attempt(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    core.warning(`${what} (${error instanceof Error ? error.message : String(error)})`)
  }
}
