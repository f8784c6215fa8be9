import { environmentNames } from '../config/config.ts'
import { type Input, inputs } from '../config/inputs.ts'
import { type Command, type CommandName, commands } from './commands.ts'
import { type InputOption, type OwnOption, type OwnOptionName, ownOptions } from './options.ts'

const exitCodesText = 'Exit codes: 0 passed, 1 failed, 2 invalid, 3 bad usage, 130 cancelled.'

/** The help of the program, or of one command: made of the tables of commands and options. */
export function helpText(command: CommandName | null, version: string): string {
  return command === null ? programHelp(version) : commandHelp(command, version)
}

function programHelp(version: string): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    `mlops-pipeline ${version}: boots a cluster, proves and loads its services, judges the result, reports.`,
    `Usage: mlops-pipeline [COMMAND] [OPTION…]; without a command: run.\n\nCommands:\n${rows.join('\n')}`,
    `Options of run; --help after a command shows those of that command:\n${optionsText(commands.run)}`,
    exitCodesText,
  ].join('\n\n')
}

function commandHelp(name: CommandName, version: string): string {
  const command: Command = commands[name]
  return [
    `mlops-pipeline ${version}: ${name}. ${command.summary}\n${command.details}`,
    `Usage: mlops-pipeline ${[name, command.operand, '[OPTION…]'].filter(Boolean).join(' ')}`,
    `Options:\n${optionsText(command)}`,
    exitCodesText,
  ].join('\n\n')
}

function optionsText({ inputs: names, own }: Command): string {
  const ownNames: readonly OwnOptionName[] = [...own, 'help', 'version']
  return [...names.map(inputText), ...ownNames.map(ownText)].join('\n')
}

function inputText(name: InputOption): string {
  const row: Input<unknown> = inputs[name]
  const fallback = row.default ?? row.defaultDoc?.replaceAll('`', '')
  return `  --${name}\n      ${row.doc.replaceAll('`', '')}${fallback ? ` Default: ${fallback}.` : ''}\n      Environment: ${environmentNames(name).join(', ')}`
}

function ownText(name: OwnOptionName): string {
  const { short, value, doc }: OwnOption = ownOptions[name]
  return `  ${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}\n      ${doc}`
}
