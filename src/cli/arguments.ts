import { parseArgs } from 'node:util'
import { inputs } from '../config/inputs.ts'
import { nearest } from '../config/nearest.ts'
import { type Command, type CommandName, commands } from './commands.ts'
import { type InputOption, inputOptions, type OwnOption, type OwnOptionName, ownOptions } from './options.ts'

/** What a command line asks for. */
export interface Call {
  readonly command: CommandName
  /** Inputs as written. */
  readonly inputs: Readonly<Record<string, string>>
  readonly output: string | null
  readonly watch: boolean
  /** The one word beside options, for commands that take one. */
  readonly operand: string | null
}

/** A command line, read: a call, a wish for help or the version, or everything that is wrong with it. */
export type Arguments =
  | { readonly call: Call }
  | { readonly help: CommandName | null }
  | { readonly version: true }
  | { readonly problems: readonly string[]; readonly command: CommandName | null }

const own: Readonly<Record<string, OwnOption>> = ownOptions
/** Flags that no command needs to name. */
const everywhere: readonly string[] = ['help', 'version']

/** Reads a command line without the program's name. Every problem at once, typos with the nearest name. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, tokens } = parseArgs({ args: [...argv], allowPositionals: true, strict: false, tokens: true, options: parseOptions() })
  const words: string[] = []
  const problems: string[] = []
  const seen = new Set<string>()
  const known = [...inputOptions, ...Object.keys(own)]
  // parseArgs takes the value of an option it does not know for a word of its own, and an option for a missing value.
  let valueOfUnknown = -1
  const options: { name: string; rawName: string }[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (token.index !== valueOfUnknown) words.push(token.value)
    } else if (token.kind === 'option') {
      const { name, rawName, value } = token
      if (!known.includes(name)) {
        const meant = nearest(name, known)
        problems.push(`unknown option ${rawName}${meant ? `; did you mean --${meant}?` : ''}`)
        if (value === undefined) valueOfUnknown = token.index + 1
        continue
      }
      options.push({ name, rawName })
      if (own[name]?.type === 'flag') {
        if (value !== undefined) problems.push(`${rawName} takes no value`)
      } else if (value === undefined || (!token.inlineValue && /^--[a-z]/.test(value))) {
        problems.push(`${rawName} needs a value: ${expected(name)}`)
        if (value !== undefined) valueOfUnknown = token.index + 2
      }
      if (seen.has(name) && !everywhere.includes(name)) problems.push(`${rawName} is given twice`)
      seen.add(name)
    }
  }

  const [first, ...rest] = words
  const command = first === undefined ? 'run' : isCommand(first) ? first : null
  if (values.help) return { help: first === undefined ? null : command }
  if (values.version) return { version: true }
  if (command === null) {
    const meant = nearest(first as string, Object.keys(commands))
    problems.unshift(`unknown command "${first}"${meant ? `; did you mean ${meant}?` : `: expected ${Object.keys(commands).join(', ')}`}`)
    return { problems, command: null }
  }
  problems.push(...misplaced(command, options), ...wordProblems(command, rest))
  if (problems.length > 0) return { problems, command }
  const text = (name: OwnOptionName): string | null => (typeof values[name] === 'string' ? values[name] : null)
  const given = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && !(entry[0] in own))
  return { call: { command, inputs: Object.fromEntries(given), output: text('output'), watch: values.watch === true, operand: rest[0] ?? null } }
}

function parseOptions() {
  const ofInputs = inputOptions.map((name) => [name, { type: 'string' as const }] as const)
  const ofOwn = Object.entries(own).map(
    ([name, { type, short }]) => [name, { type: type === 'flag' ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) }] as const,
  )
  return Object.fromEntries([...ofInputs, ...ofOwn])
}

function expected(name: string): string {
  return own[name]?.value ?? inputs[name as InputOption].type.expected
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word)
}

/** Options that exist, but not for this command. */
function misplaced(command: CommandName, options: readonly { name: string; rawName: string }[]): string[] {
  const { inputs: taken, own: ownTaken }: Command = commands[command]
  const allowed: readonly string[] = [...taken, ...ownTaken, ...everywhere]
  return options.filter(({ name }) => !allowed.includes(name)).map(({ rawName }) => `${command} takes no ${rawName}`)
}

function wordProblems(command: CommandName, words: readonly string[]): string[] {
  const { operand }: Command = commands[command]
  if (operand !== null && words.length === 0) return [`${command} needs a word: ${operand}`]
  const extra = words.slice(operand === null ? 0 : 1)
  return extra.map((word) => `"${word}" is one word too many; options look like --vus 5`)
}
