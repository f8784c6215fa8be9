import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { actionRoot } from '../action.ts'
import { currentPlatform, toolsAdapters } from '../adapters/tool-cache.ts'
import { ConfigError, environmentNames, resolveConfig } from '../config/config.ts'
import { type Input, type InputName, inputs } from '../config/inputs.ts'
import { nearest } from '../config/nearest.ts'
import { serviceNames } from '../config/services.ts'
import type { Report } from '../report/report.ts'
import { eventLine, renderTerminal } from '../report/terminal.ts'
import { cancelOnSignals, runSession } from '../session.ts'

/** Inputs that only make sense on GitHub. */
const gitHubOnly: readonly InputName[] = ['comment', 'comment-key', 'artifact-name', 'github-token', 'matrix']
const options = (Object.keys(inputs) as InputName[]).filter((name) => !gitHubOnly.includes(name))

const exitCodes: Record<Report['verdict'], number> = { passed: 0, failed: 1, invalid: 2, inconclusive: 2, cancelled: 130 }
const usageExitCode = 3

/** Libraries made for runners write workflow commands, which mean nothing in a terminal. */
function muteWorkflowCommands(): void {
  const write = process.stdout.write.bind(process.stdout)
  const muted = /^(::debug::|\[command\])/
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) =>
    muted.test(String(chunk)) ? true : write(chunk, ...rest)) as typeof process.stdout.write
}

/** The pipeline from a terminal; writes `report/` into the current folder. Returns the exit code. */
export async function cli(args: readonly string[]): Promise<number> {
  const read = readArguments(args)
  if (typeof read === 'number') return read
  const { config, warnings } = read
  for (const warning of warnings) console.error(warning)

  const platform = currentPlatform()
  if (!platform) return usage(`${process.platform} on ${process.arch} is not supported: kind, kubectl and k6 need Linux or macOS on x64 or arm64`)
  process.env.RUNNER_TOOL_CACHE ??= join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mlops-pipeline-action')
  process.env.RUNNER_TEMP ??= tmpdir()
  const folder = mkdtempSync(join(process.env.RUNNER_TEMP, 'mlops-pipeline-'))
  const output = resolve('report')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output)

  muteWorkflowCommands()
  const signal = cancelOnSignals(folder)
  const tools = toolsAdapters({ temporary: folder, platform, expose: () => {} })
  const started = performance.now()
  const context = { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null }
  const { report: makeReport } = await runSession({
    config,
    environment: config.cluster ?? 'kind',
    workspace: { root: actionRoot(), folder, output },
    tools,
    context,
    warnings,
    signal,
    listener: (event) => console.log(eventLine(event, performance.now() - started)),
    claim: () => {},
    teardown: () => config.cleanup !== 'never',
  })
  const report = await makeReport()
  const { writeReport } = await import('../publish.ts')
  const { json } = await writeReport(report, output)
  console.log(`\n${renderTerminal(report)}\n\nreport: ${dirname(json)}`)
  if (config.cleanup === 'never') console.log(`the cluster stays: KUBECONFIG=${join(folder, 'kubeconfig')}`)
  else rmSync(folder, { recursive: true, force: true })
  return exitCodes[report.verdict]
}

function readArguments(args: readonly string[]): ReturnType<typeof resolveConfig> | number {
  const { values, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: { help: { type: 'boolean', short: 'h' }, ...Object.fromEntries(options.map((name) => [name, { type: 'string' as const }])) },
  })
  if (values.help) {
    console.log(help())
    return 0
  }
  const problems: string[] = []
  // parseArgs takes the value of an option it does not know for a word of its own.
  let valueOfUnknown = -1
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (token.index !== valueOfUnknown) problems.push(`"${token.value}" is no option; options look like --vus 5`)
    } else if (token.kind === 'option' && token.name !== 'help') {
      const known = (options as readonly string[]).includes(token.name)
      if (!known) {
        const meant = nearest(token.name, options)
        problems.push(`unknown option ${token.rawName}${meant ? `; did you mean --${meant}?` : ''}`)
        valueOfUnknown = token.index + 1
      } else if (token.value === undefined) {
        problems.push(`${token.rawName} needs a value: ${inputs[token.name as InputName].type.expected}`)
      }
    }
  }
  if (problems.length > 0) return usage(problems.join('\n'))
  try {
    return resolveConfig({ inputs: values as Record<string, string>, env: process.env, services: serviceNames })
  } catch (error) {
    if (error instanceof ConfigError) return usage(error.message)
    throw error
  }
}

function usage(message: string): number {
  console.error(`${message}\nTry --help.`)
  return usageExitCode
}

function help(): string {
  const { version } = JSON.parse(readFileSync(join(actionRoot(), 'package.json'), 'utf8')) as { version: string }
  const rows = options.map((name) => {
    const row: Input<unknown> = inputs[name]
    const fallback = row.default ?? row.defaultDoc?.replaceAll('`', '')
    return `  --${name}\n      ${row.doc.replaceAll('`', '')}${fallback ? ` Default: ${fallback}.` : ''}\n      Environment: ${environmentNames(name).join(', ')}`
  })
  return `mlops-pipeline ${version}: boots a cluster, proves and loads its services, judges the result, writes report/.\n\nExit codes: 0 passed, 1 failed, 2 invalid, 3 bad usage, 130 cancelled.\n\nOptions:\n${rows.join('\n')}`
}
