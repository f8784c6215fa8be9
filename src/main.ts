import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as core from '@actions/core'
import { actionRoot, gitHubChannels, noCommentReason, startLiveComment } from './action.ts'
import { readRunContext } from './adapters/github/context.ts'
import { readActionInputs } from './adapters/github/inputs.ts'
import type { LiveComment } from './adapters/github/live-comment.ts'
import { startGuard } from './adapters/guard.ts'
import { currentPlatform, toolsAdapters } from './adapters/tool-cache.ts'
import { readWorkspaceFile } from './adapters/workspace.ts'
import type { Workspace } from './app/app.ts'
import { type Config, ConfigError, resolveConfig } from './config/config.ts'
import { serviceNames } from './config/services.ts'
import { eventProblem } from './events.ts'
import { proxyPasswords } from './pipeline/credentials.ts'
import { Failure, toFailure } from './pipeline/failure.ts'
import type { PipelineEvent } from './pipeline/run.ts'
import { refuse } from './refuse.ts'
import type { Report, RunContext } from './report/report.ts'
import { cancelOnSignals, type LeftCluster, runFiles, runSession } from './session.ts'

/** The action's main step. Returns the exit code: 0 only for a passed run. */
export async function main(): Promise<number> {
  const given = readActionInputs(process.env)
  let read: ReturnType<typeof resolveConfig>
  try {
    const workspace = process.env.GITHUB_WORKSPACE || process.cwd()
    const readFile = (path: string) => readWorkspaceFile(workspace, path)
    read = resolveConfig({ inputs: given, env: process.env, services: serviceNames, readFile, workspace })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const warning of error.warnings) core.warning(warning)
    return await refuse(error.message, given)
  }
  const { config, warnings } = read
  for (const warning of warnings) core.warning(warning)
  if (config.githubToken) core.setSecret(config.githubToken)
  const wrongEvent = eventProblem(config.mode, process.env.GITHUB_EVENT_NAME)
  if (wrongEvent) return await refuse(wrongEvent, { ...given, comment: 'false' })
  if (config.mode === 'publish') return await (await import('./publisher/publisher.ts')).publish(config, process.env)

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
  const workspace = prepareWorkspace(temporary)
  if (workspace instanceof Failure) return await refuse(`${workspace.message}\n${workspace.remedy ?? ''}`, given, 'infrastructure')
  const { folder } = workspace
  // Before anything is created: post must find the run even when this process is killed.
  core.saveState('folder', folder)
  for (const password of proxyPasswords(process.env)) core.setSecret(password)

  const signal = cancelOnSignals(folder)
  let judged = false
  // At once: whatever else this process still wants to do, it may not live to do it.
  signal.addEventListener('abort', () => {
    core.saveState('cancelled', 'true')
    if (!judged) setVerdict({ verdict: 'cancelled', reason: 'cancel' })
  })
  const programs = startGuard(process.argv[1] as string)
  const context = readRunContext(process.env, config.matrix)
  const [log, live] = await Promise.all([eventLog(), startLiveComment(config, environment, context, folder, signal)])
  const session = await runSession({
    config,
    environment,
    workspace,
    tools: toolsAdapters({ temporary: folder, platform, expose: (file) => core.addPath(dirname(file)), debug: core.debug }),
    context,
    warnings,
    signal,
    listener: (event) => {
      live?.changed()
      log(event)
    },
    ...(live && { watch: live.watch }),
    claim: (cluster) => core.saveState('cluster', JSON.stringify(cluster && ({ ...cluster, stays: config.cleanup === 'never' } satisfies LeftCluster))),
    // Local processes end with this one whatever it does, so they are ended in good order.
    teardown: () => (environment === 'local' || config.cleanup === 'step') && !signal.aborted,
  })
  const report = await session.report()
  judged = true
  // A cancel that came too late to stop anything changes no verdict.
  setVerdict(report)
  const exitCode = report.verdict === 'passed' || isTolerated(report, config) ? 0 : 1
  if (signal.aborted) {
    // The runner kills this process a few seconds after its first signal; post has the time to gather, report and delete.
    core.info(`Cancelled; the post step finishes the report${environment === 'local' ? '' : ' and deletes the cluster'}.`)
    await programs.allEnded(cancelMs)
    return exitCode
  }
  await publish(report, config, context, workspace, live, aborted(signal, cancelMs))
  return exitCode
}

/** How long this process may go on after the first signal, in milliseconds: the runner sends the next after 7.5 s. */
const cancelMs = 6000

/** A signal that aborts some time after another one: what is nearly done by then is let through. */
function aborted(after: AbortSignal, delayMs: number): AbortSignal {
  const later = new AbortController()
  after.addEventListener('abort', () => setTimeout(() => later.abort(after.reason), delayMs), { once: true })
  return later.signal
}

function setVerdict({ verdict, reason }: Pick<Report, 'verdict' | 'reason'>): void {
  core.setOutput('verdict', verdict)
  core.setOutput('reason', reason ?? '')
}

/** Makes the run's folder, or says why there can be none. */
function prepareWorkspace(temporary: string): Workspace | Failure {
  try {
    mkdirSync(temporary, { recursive: true })
    const folder = mkdtempSync(join(temporary, 'mlops-pipeline-'))
    const output = join(folder, 'report')
    mkdirSync(output)
    // A folder can be made where no file has room.
    writeFileSync(join(folder, runFiles.config), '{}')
    return { root: actionRoot(), folder, output }
  } catch (error) {
    const failure = toFailure(error)
    return new Failure(`RUNNER_TEMP cannot hold the run’s files: ${failure.message}`, {
      kind: 'infrastructure',
      code: failure.code,
      remedy: failure.remedy,
      cause: error,
    })
  }
}

async function publish(
  report: Report,
  config: Config,
  context: RunContext,
  workspace: Workspace,
  live: LiveComment | null,
  signal: AbortSignal,
): Promise<void> {
  const [{ annotationsOf }, { renderTerminal }, { publishReport }, { outputsOf }] = await Promise.all([
    import('./report/annotations.ts'),
    import('./report/terminal.ts'),
    import('./publish.ts'),
    import('./outputs.ts'),
  ])
  core.info(renderTerminal(report))
  const reason = noCommentReason(config, context)
  if (reason) core.notice(reason)
  const { report: file, junit, links } = await publishReport(report, workspace.output, gitHubChannels(config, context, workspace.folder, signal, live))
  // A report that was cut short is post's to finish.
  if (signal.aborted) return
  try {
    writeFileSync(join(workspace.folder, runFiles.published), '')
  } catch {
    // A full disk: post reports once more, which does no harm.
  }
  const kubeconfig = config.cleanup === 'step' ? null : join(workspace.folder, 'kubeconfig')
  for (const [name, value] of Object.entries(outputsOf(report, { report: file, junit, kubeconfig }, links))) core.setOutput(name, value)
  for (const warning of report.warnings) core.warning(warning)
  if (report.ingress?.note) core.notice(report.ingress.note)
  if (report.verdict === 'passed') return
  const annotate = isTolerated(report, config) ? core.warning : core.error
  for (const { title, message } of annotationsOf(report)) annotate(message, { title })
}

/** Whether a run that could not be measured lets the step pass all the same. */
function isTolerated({ verdict }: Pick<Report, 'verdict'>, { onInvalid }: Config): boolean {
  return verdict === 'invalid' && onInvalid === 'warn'
}

async function eventLog(): Promise<(event: PipelineEvent) => void> {
  const [{ eventLine }, { withoutRepeats }] = await Promise.all([import('./report/terminal.ts'), import('./terminal/repeats.ts')])
  const began = performance.now()
  const isWorthALine = withoutRepeats(() => performance.now())
  return (event) => {
    if (isWorthALine(event)) core.info(eventLine(event, performance.now() - began))
  }
}
