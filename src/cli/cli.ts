import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { actionRoot } from '../action.ts'
import { readWorkspaceFile } from '../adapters/workspace.ts'
import { type Config, ConfigError, resolveConfig } from '../config/config.ts'
import { serviceNames } from '../config/services.ts'
import { type Call, readArguments } from './arguments.ts'
import { refuse } from './exit.ts'
import { helpText } from './help.ts'

/** The program `mlops-pipeline`. Returns the exit code. */
export async function cli(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv)
  if ('help' in read) return show(helpText(read.help, version()))
  if ('version' in read) return show(version())
  if ('problems' in read) return refuse(read.problems.join('\n'))
  const { call } = read

  const { command, operand } = call
  if (command === 'report') return await (await import('./report.ts')).renderAgain(operand ?? '', call.output)
  const resolved = readConfig(call)
  if ('problem' in resolved) return refuse(resolved.problem)
  const { config, warnings } = resolved
  for (const warning of warnings) console.error(warning)
  muteWorkflowCommands()

  switch (command) {
    case 'down':
      return await (await import('./down.ts')).takeDown(config.clusterName)
    case 'validate':
      return await (await import('./validate.ts')).validate(config)
    case 'doctor':
      return await (await import('./doctor.ts')).doctor(config)
    case 'load':
      if (call.watch) return await (await import('./watch.ts')).watchLoad(config, warnings, call)
  }
  return await (await import('./session.ts')).runPart(command, config, warnings, call)
}

function readConfig({ inputs }: Call): { config: Config; warnings: readonly string[] } | { problem: string } {
  try {
    return resolveConfig({
      inputs,
      env: process.env,
      services: serviceNames,
      readFile: (path) => readWorkspaceFile(process.cwd(), path),
      workspace: process.cwd(),
    })
  } catch (error) {
    if (error instanceof ConfigError) return { problem: error.message }
    throw error
  }
}

function version(): string {
  return (JSON.parse(readFileSync(join(actionRoot(), 'package.json'), 'utf8')) as { version: string }).version
}

function show(text: string): number {
  console.log(text)
  return 0
}

/** Libraries made for runners write workflow commands, which mean nothing in a terminal. */
function muteWorkflowCommands(): void {
  const write = process.stdout.write.bind(process.stdout)
  const muted = /^(::debug::|\[command\])/
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) =>
    muted.test(String(chunk)) ? true : write(chunk, ...rest)) as typeof process.stdout.write
}
