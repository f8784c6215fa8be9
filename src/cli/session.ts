import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { actionRoot } from '../action.ts'
import { currentPlatform, toolsAdapters } from '../adapters/tool-cache.ts'
import type { Part } from '../app/app.ts'
import type { Config } from '../config/config.ts'
import { renderTerminal } from '../report/terminal.ts'
import { runSession } from '../session.ts'
import type { OwnedCluster } from '../stages/cluster/stage.ts'
import { wantsColor, wantsRedraw } from '../terminal/capabilities.ts'
import { durationsPath, stageDurations } from '../terminal/durations.ts'
import { terminalProgress } from '../terminal/progress.ts'
import type { Call } from './arguments.ts'
import { listenForSignals } from './cancel.ts'
import { exitCodes, refuse } from './exit.ts'
import { prepareOutput } from './output.ts'
import { forgetStanding, processesOf, readStanding, standingFolder, standingOf, writeStanding } from './standing.ts'
import { chooseTarget } from './target.ts'

/**
 * Runs the pipeline or a part of it in this terminal: progress while it runs, then the result, and the report in the
 * output folder. Ctrl-C cleans up, a second one leaves at once and says what is left.
 */
export async function runPart(part: Part, config: Config, warnings: readonly string[], call: Call): Promise<number> {
  const platform = currentPlatform()
  if (!platform) return refuse(`${process.platform} on ${process.arch} is not supported: kind, kubectl and k6 need Linux or macOS on x64 or arm64`)
  const { env } = process
  if (part === 'up' && readStanding(config.clusterName, env)) {
    return refuse(`${config.clusterName} stands already; ask it with health or load, or take it away with down`)
  }
  env.RUNNER_TOOL_CACHE ??= join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mlops-pipeline-action')
  env.RUNNER_TEMP ??= tmpdir()
  let owned: OwnedCluster | null = null
  let folder = ''
  const left = (): string[] => [
    ...(owned ? [`the cluster ${owned.name}; delete it with: mlops-pipeline down --cluster-name ${owned.name}`] : []),
    ...(folder ? [`files in ${folder}`] : []),
  ]
  const cancellation = listenForSignals(
    () => console.error('Cancelling: cleaning up. Press Ctrl-C again to leave at once.'),
    () => {
      console.error(`Left at once. What may be left: ${left().join('; ') || 'nothing'}.`)
      process.exit(exitCodes.cancelled)
    },
  )
  const target = await chooseTarget(part, config, cancellation.signal)
  if ('problem' in target) return refuse(target.problem)
  const { environment, standing, note } = target
  const output = prepareOutput(call.output ?? 'report', standing ? ['services'] : [])
  if ('problem' in output) return refuse(output.problem)
  if (note) console.error(note)

  // Only what shall stay needs a folder that stays.
  const stays = part === 'up' || (part === 'run' && config.cleanup === 'never')
  folder = stays ? standingFolder(config.clusterName, env) : mkdtempSync(join(env.RUNNER_TEMP, 'mlops-pipeline-'))
  mkdirSync(folder, { recursive: true })
  const base = { schemaVersion: 1, name: config.clusterName, environment } as const

  const durations = stageDurations(durationsPath(env), { load: config.duration })
  const { stderr, stdout } = process
  const progress = terminalProgress({
    stream: stderr,
    redraw: wantsRedraw(env, stderr.isTTY),
    color: wantsColor(env, stderr.isTTY),
    now: () => performance.now(),
    usual: durations.usual,
  })
  const { record, report: makeReport } = await runSession({
    config,
    environment,
    part,
    standing,
    workspace: { root: actionRoot(), folder, output: output.folder },
    tools: toolsAdapters({ temporary: folder, platform, expose: () => {} }),
    context: { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null },
    warnings: note ? [...warnings, note] : warnings,
    signal: cancellation.signal,
    listener: progress.listener,
    // Written down before it exists, so that `down` finds it whatever becomes of this process.
    claim: (cluster) => {
      owned = cluster
      if (cluster) writeStanding({ ...base, standing: null, cluster, processes: [] }, env)
      else forgetStanding(config.clusterName, env)
    },
    teardown: ({ failedStage, cancelled }) => (part === 'up' ? failedStage !== null || cancelled : config.cleanup !== 'never'),
  })
  progress.end()
  durations.note(record)
  const report = await makeReport()
  const { writeReport } = await import('../publish.ts')
  await writeReport(report, output.folder)
  cancellation.end()

  const stands = stays && (owned !== null || environment === 'local') ? standingOf(record, owned) : null
  if (stays && owned) writeStanding({ ...base, standing: stands, cluster: owned, processes: [] }, env)
  else if (stays && stands) writeStanding({ ...base, standing: stands, cluster: null, processes: processesOf(record) }, env)
  else rmSync(folder, { recursive: true, force: true })

  console.log(`\n${renderTerminal(report, { color: wantsColor(env, stdout.isTTY) })}\n\nreport: ${output.folder}`)
  if (stands)
    console.log(
      `standing: ${stands.baseUrl ?? stands.services.routes.map(({ url }) => url).join(', ')}${stands.kubeconfig ? ` KUBECONFIG=${stands.kubeconfig}` : ''}`,
    )
  return exitCodes[report.verdict]
}
