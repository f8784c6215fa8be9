import { type InputName, inputs } from '../config/inputs.ts'

/** Inputs that only make sense on GitHub. */
const gitHubOnly = ['mode', 'comment', 'comment-key', 'artifact-name', 'github-token', 'matrix'] as const
type GitHubOnly = (typeof gitHubOnly)[number]

/** Inputs of the action that are options here too, by the same names. */
export type InputOption = Exclude<InputName, GitHubOnly>
export const inputOptions = (Object.keys(inputs) as InputName[]).filter((name): name is InputOption => !(gitHubOnly as readonly string[]).includes(name))

/** An option that only a terminal needs. */
export interface OwnOption {
  readonly type: 'text' | 'flag'
  /** What a value looks like, in one word; flags have none. */
  readonly value?: string
  readonly doc: string
  readonly short?: string
}

/** The terminal's own options. */
export const ownOptions = {
  output: { type: 'text', value: 'FOLDER', doc: 'Where the report goes; what an earlier run left there is replaced. Default: report.' },
  watch: { type: 'flag', doc: 'Load again whenever the load script changes, until Ctrl-C.' },
  help: { type: 'flag', short: 'h', doc: 'Show this, or the help of one command.' },
  version: { type: 'flag', doc: 'Show the version.' },
} as const satisfies Record<string, OwnOption>
export type OwnOptionName = keyof typeof ownOptions
