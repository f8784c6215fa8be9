import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as core from '@actions/core'
import { actionRoot, gitHubChannels, noCommentReason } from './action.ts'
import { readRunContext } from './adapters/github/context.ts'
import { readActionInputs } from './adapters/github/inputs.ts'
import { currentPlatform, toolsAdapters } from './adapters/tool-cache.ts'
import { type Config, ConfigError, resolveConfig } from './config/config.ts'
import { serviceNames } from './config/services.ts'
import { Failure } from './pipeline/failure.ts'
import { runSession } from './session.ts'

/** Name of the file that says a run's report is out, so that post need not finish it. */
export const publishedName = 'published'

/** The action's main step. Returns the exit code: 0 only for a passed run. */
export async function main(): Promise<number> {
  const read = readConfig()
  if (!read) return 1
  const { config, warnings } = read
  for (const warning of warnings) core.warning(warning)
  if (config.githubToken) core.setSecret(config.githubToken)

  const platform = currentPlatform()
  if (!platform) return refuse(`${process.platform} on ${process.arch} is not supported: kind, kubectl and k6 need Linux or macOS on x64 or arm64`)

  const temporary = process.env.RUNNER_TEMP
  if (!temporary || !process.env.RUNNER_TOOL_CACHE) return refuse('RUNNER_TEMP and RUNNER_TOOL_CACHE are not set; from a terminal use: npm run pipeline')
  mkdirSync(temporary, { recursive: true })
  const folder = mkdtempSync(join(temporary, 'mlops-pipeline-'))
  const workspace = { root: actionRoot(), folder, output: join(folder, 'report') }
  mkdirSync(workspace.output)
  // Before anything is created: post must find the run even when this process is killed.
  core.saveState('folder', folder)

  const cancel = cancelOnSignals()
  const context = readRunContext(process.env, config.matrix)
  const tools = toolsAdapters({ temporary: folder, platform, expose: core.addPath })
  const started = performance.now()
  const { record, report: makeReport } = await runSession({
    config,
    workspace,
    tools,
    context,
    warnings,
    signal: cancel,
    listener: await eventLog(started),
    claim: (cluster) => core.saveState('cluster', JSON.stringify(cluster)),
    teardown: ({ cancelled }) => config.cleanup === 'step' && !cancelled,
  })
  if (record.cancelled) {
    // The runner kills this process a few seconds after its first signal; post has the time to gather, report and delete.
    core.info('Cancelled; the post step finishes the report and deletes the cluster.')
    return 1
  }

  const report = await makeReport()
  const { renderTerminal } = await import('./report/terminal.ts')
  core.info(renderTerminal(report))
  const [{ publishReport }, { outputsOf }] = await Promise.all([import('./publish.ts'), import('./outputs.ts')])
  const reason = noCommentReason(config, context)
  if (reason) core.notice(reason)
  const published = await publishReport(report, workspace.output, gitHubChannels(config, context, cancel))
  const outputs = outputsOf(report, { report: published.report, kubeconfig: join(folder, 'kubeconfig') }, published.links)
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  for (const warning of report.warnings.filter((text) => !warnings.includes(text))) core.warning(warning)
  if (report.ingress?.note) core.notice(report.ingress.note)
  writeFileSync(join(folder, publishedName), '')

  if (report.verdict === 'passed') return 0
  const remedy = report.stages.find(({ failure }) => failure !== null)?.failure?.remedy
  core.error(`${report.sentence}${remedy ? `\n${remedy}` : ''}`, { title: `Pipeline ${report.verdict}` })
  return 1
}

function readConfig(): { config: Config; warnings: string[] } | undefined {
  try {
    return resolveConfig({ inputs: readActionInputs(process.env), env: process.env, services: serviceNames })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    refuse(error.message)
    return undefined
  }
}

/** Ends a run that never began. */
function refuse(message: string): number {
  core.error(message, { title: 'Pipeline invalid' })
  core.setOutput('verdict', 'invalid')
  core.setOutput('reason', 'config')
  if (process.env.GITHUB_STEP_SUMMARY) {
    writeFileSync(
      process.env.GITHUB_STEP_SUMMARY,
      `### ⚠️ Pipeline invalid\n\nNothing was started.\n\n\`\`\`text\n${message.replaceAll('```', "'''")}\n\`\`\`\n`,
      { flag: 'a' },
    )
  }
  return 1
}

/** Aborts at SIGINT or SIGTERM, which is how the runner cancels a job. */
export function cancelOnSignals(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => controller.abort(new Failure(`cancelled by ${name}`, { kind: 'cancelled' })))
  }
  return controller.signal
}

async function eventLog(started: number): Promise<Parameters<typeof runSession>[0]['listener']> {
  const { eventLine } = await import('./report/terminal.ts')
  return (event) => core.info(eventLine(event, performance.now() - started))
}
