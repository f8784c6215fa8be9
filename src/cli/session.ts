import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { actionRoot, ownProgram } from '../action.ts'
import { startGuard } from '../adapters/guard.ts'
import type { Part } from '../app/app.ts'
import type { Config } from '../config/config.ts'
import type { RunRecord } from '../pipeline/record.ts'
import { writeReport } from '../publish.ts'
import { renderTerminal } from '../report/terminal.ts'
import { runSession } from '../session.ts'
import type { OwnedCluster } from '../stages/cluster/stage.ts'
import { wantsColor, wantsRedraw } from '../terminal/capabilities.ts'
import { durationsPath, plannedDurations, type StageDurations, stageDurations } from '../terminal/durations.ts'
import { type TerminalProgress, terminalProgress } from '../terminal/progress.ts'
import type { Call } from './arguments.ts'
import { listenForSignals } from './cancel.ts'
import { exitCodes, refuse } from './exit.ts'
import { thisMachine } from './machine.ts'
import { prepareOutput } from './output.ts'
import { forgetStanding, processesOf, readStanding, type StandingRecord, standingFolder, standingOf, writeStanding } from './standing.ts'
import { chooseTarget } from './target.ts'

/**
 * Runs the pipeline or a part of it in this terminal: progress on stderr while it runs, then the result on stdout, and
 * the report in the output folder. Ctrl-C cleans up, a second one leaves at once and says what is left.
 * @returns the exit code
 */
export async function runPart(part: Part, config: Config, warnings: readonly string[], call: Call): Promise<number> {
  const { env } = process
  const name = config.clusterName
  const machine = thisMachine()
  if ('problem' in machine) return refuse(machine.problem)
  if (part === 'up' && readStanding(name, env)) return refuse(`${name} stands already; ask it with health or load, or take it away with down`)

  const left: Left = { cluster: null, folder: null }
  // Should this process be killed, or leave at once, its programs end all the same.
  startGuard(ownProgram()[1] as string)
  const cancellation = listenForSignals(
    () => console.error('Cancelling: cleaning up. Press Ctrl-C again to leave at once.'),
    () => leaveAtOnce(left),
  )
  const target = await chooseTarget(part, config, cancellation.signal)
  if ('problem' in target) return refuse(target.problem)
  const { environment, standing, note } = target
  const output = prepareOutput(call.output ?? 'report', standing ? ['services'] : [])
  if ('problem' in output) return refuse(output.problem)
  if (note) console.error(note)

  // Only what shall stay needs a folder that stays. Local processes outlive this one when up starts them, and only then.
  const stays = part === 'up' || (part === 'run' && environment === 'kind' && config.cleanup === 'never')
  const folder = stays ? standingFolder(name, env) : mkdtempSync(join(machine.temporary, 'mlops-pipeline-'))
  mkdirSync(folder, { recursive: true })
  left.folder = folder

  const { progress, durations } = startProgress(config)
  const known = (more: Partial<StandingRecord>) =>
    writeStanding({ schemaVersion: 1, name, environment, standing: null, cluster: null, processes: [], ...more }, env)
  const { record, report: makeReport } = await runSession({
    config,
    environment,
    part,
    standing,
    workspace: { root: actionRoot(), folder, output: output.folder },
    tools: machine.tools(folder),
    context: { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null, runId: null, runAttempt: null },
    warnings: note ? [...warnings, note] : warnings,
    signal: cancellation.signal,
    listener: progress.listener,
    // Written down before it exists, so that `down` finds it whatever becomes of this process.
    claim: (cluster) => {
      left.cluster = cluster
      if (cluster) known({ cluster })
      else forgetStanding(name, env)
    },
    teardown: (current) => (part === 'up' ? !isWhole(current) : !stays),
  })
  progress.end()
  durations.note(record)
  const report = await makeReport()
  await writeReport(report, output.folder)
  cancellation.end()

  const stands = stays && (part !== 'up' || isWhole(record)) ? standingOf(record, left.cluster) : null
  const processes = stands ? processesOf(record) : []
  if (stays && (left.cluster || processes.length > 0)) known({ standing: stands, cluster: left.cluster, processes })
  else rmSync(folder, { recursive: true, force: true })

  console.log(`\n${renderTerminal(report, { color: wantsColor(env, process.stdout.isTTY) })}\n\nreport: ${output.folder}`)
  if (stands) {
    const addresses = stands.baseUrl ?? stands.services.routes.map(({ url }) => url).join(', ')
    console.log(`standing: ${addresses}${stands.kubeconfig ? ` KUBECONFIG=${stands.kubeconfig}` : ''}`)
  }
  // What could not be measured may be let through; its verdict is told all the same.
  return report.verdict === 'invalid' && config.onInvalid === 'warn' ? 0 : exitCodes[report.verdict]
}

/** What a session has made so far, for those who leave before its end. */
interface Left {
  cluster: OwnedCluster | null
  folder: string | null
}

function leaveAtOnce({ cluster, folder }: Left): never {
  const parts = [
    ...(cluster ? [`the cluster ${cluster.name} (delete it with: mlops-pipeline down --cluster-name ${cluster.name})`] : []),
    ...(folder ? [`files in ${folder}`] : []),
  ]
  console.error(`Left at once. What may be left: ${parts.join('; ') || 'nothing'}.`)
  process.exit(exitCodes.cancelled)
}

/** Whether every stage did its work. */
function isWhole({ failedStage, cancelled }: RunRecord): boolean {
  return failedStage === null && !cancelled
}

function startProgress(config: Config): { progress: TerminalProgress; durations: StageDurations } {
  const { env, stderr } = process
  const durations = stageDurations(durationsPath(env), plannedDurations(config))
  const progress = terminalProgress({
    stream: stderr,
    redraw: wantsRedraw(env, stderr.isTTY),
    color: wantsColor(env, stderr.isTTY),
    now: () => performance.now(),
    usual: durations.usual,
  })
  return { progress, durations }
}
