import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as core from '@actions/core'
import { actionRoot, gitHubChannels, noCommentReason } from './action.ts'
import { readRunContext } from './adapters/github/context.ts'
import { readActionInputs } from './adapters/github/inputs.ts'
import { currentPlatform, toolsAdapters } from './adapters/tool-cache.ts'
import { readWorkspaceFile } from './adapters/workspace.ts'
import { type Config, ConfigError, resolveConfig } from './config/config.ts'
import { serviceNames } from './config/services.ts'
import type { PipelineEvent } from './pipeline/run.ts'
import { refuse } from './refuse.ts'
import { verdictWords } from './report/headline.ts'
import type { Report, RunContext } from './report/report.ts'
import { cancelOnSignals, runFiles, runSession } from './session.ts'

/** The action's main step. Returns the exit code: 0 only for a passed run. */
export async function main(): Promise<number> {
  const given = readActionInputs(process.env)
  let read: ReturnType<typeof resolveConfig>
  try {
    const readFile = (path: string) => readWorkspaceFile(process.env.GITHUB_WORKSPACE || process.cwd(), path)
    read = resolveConfig({ inputs: given, env: process.env, services: serviceNames, readFile })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const warning of error.warnings) core.warning(warning)
    return await refuse(error.message, given)
  }
  const { config, warnings } = read
  for (const warning of warnings) core.warning(warning)
  if (config.githubToken) core.setSecret(config.githubToken)

  // On a runner nobody looks at what a run without Kubernetes left out: it must be asked for by name.
  const environment = config.cluster ?? 'kind'
  const platform = currentPlatform()
  if (!platform) {
    const programs = environment === 'local' ? 'k6 needs' : 'kind, kubectl and k6 need'
    return await refuse(`${process.platform} on ${process.arch} is not supported: ${programs} Linux or macOS on x64 or arm64`, given)
  }
  const temporary = process.env.RUNNER_TEMP
  if (!temporary || !process.env.RUNNER_TOOL_CACHE)
    return await refuse('RUNNER_TEMP and RUNNER_TOOL_CACHE are not set; from a terminal use: npm run pipeline', given)
  mkdirSync(temporary, { recursive: true })
  const folder = mkdtempSync(join(temporary, 'mlops-pipeline-'))
  const workspace = { root: actionRoot(), folder, output: join(folder, 'report') }
  mkdirSync(workspace.output)
  // Before anything is created: post must find the run even when this process is killed.
  core.saveState('folder', folder)

  const signal = cancelOnSignals(folder)
  const context = readRunContext(process.env, config.matrix)
  const { record, report: makeReport } = await runSession({
    config,
    environment,
    workspace,
    tools: toolsAdapters({ temporary: folder, platform, expose: (file) => core.addPath(dirname(file)), debug: core.debug }),
    context,
    warnings,
    signal,
    listener: await eventLog(),
    claim: (cluster) => core.saveState('cluster', JSON.stringify(cluster)),
    // Local processes end with this one whatever it does, so they are ended in good order.
    teardown: () => (environment === 'local' || config.cleanup === 'step') && !signal.aborted,
  })
  if (!signal.aborted) {
    const report = await makeReport()
    await publish(report, config, context, workspace, signal)
    if (!signal.aborted) {
      writeFileSync(join(folder, runFiles.published), '')
      return report.verdict === 'passed' ? 0 : 1
    }
  }
  // The runner kills this process a few seconds after its first signal; post has the time to gather, report and delete.
  core.info(`Cancelled; the post step finishes the report${environment === 'local' ? '' : ' and deletes the cluster'}.`)
  if (record.failedStage === null) {
    core.setOutput('verdict', 'cancelled')
    core.setOutput('reason', 'cancel')
  }
  return 1
}

async function publish(report: Report, config: Config, context: RunContext, workspace: { folder: string; output: string }, signal: AbortSignal): Promise<void> {
  const [{ renderTerminal }, { publishReport }, { outputsOf }] = await Promise.all([
    import('./report/terminal.ts'),
    import('./publish.ts'),
    import('./outputs.ts'),
  ])
  core.info(renderTerminal(report))
  const reason = noCommentReason(config, context)
  if (reason) core.notice(reason)
  const { report: file, links } = await publishReport(report, workspace.output, gitHubChannels(config, context, signal))
  const kubeconfig = config.cleanup === 'step' ? null : join(workspace.folder, 'kubeconfig')
  for (const [name, value] of Object.entries(outputsOf(report, { report: file, kubeconfig }, links))) core.setOutput(name, value)
  for (const warning of report.warnings) core.warning(warning)
  if (report.ingress?.note) core.notice(report.ingress.note)
  if (report.verdict === 'passed') return
  const remedy = report.stages.find(({ failure }) => failure !== null)?.failure?.remedy
  core.error(`${report.sentence}${remedy ? `\n${remedy}` : ''}`, { title: `Pipeline ${verdictWords(report)}` })
}

async function eventLog(): Promise<(event: PipelineEvent) => void> {
  const { eventLine } = await import('./report/terminal.ts')
  const began = performance.now()
  return (event) => core.info(eventLine(event, performance.now() - began))
}
