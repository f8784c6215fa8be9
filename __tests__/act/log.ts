/** A line of the job's log that GitHub shows at the top of the run. */
export interface Annotation {
  level: 'error' | 'warning' | 'notice'
  message: string
  /** `title`, `file`, `line`, … as given. */
  properties: Record<string, string>
}

export type StageResult = 'success' | 'failure' | 'skipped'

/** What act's JSON log says about one job. */
export interface JobLog {
  /** What a reader of the job's log sees: the steps' own lines and act's lines around them, masked by act. */
  output: string
  annotations: Annotation[]
  /** The job summary: what the steps wrote, in order. */
  summary: string
  /** How the step under test ended; undefined for a stage that did not run. */
  stages: { main?: StageResult; post?: StageResult }
  /** Undefined if act never came to the end of the job. */
  jobResult: string | undefined
}

interface Entry {
  msg: string
  raw_output?: boolean
  /** Present if the line was a workflow command; unmasked, so never shown. */
  raw?: string
  command?: string
  content?: string
  stage?: string
  stepID?: string[]
  stepResult?: StageResult
  jobResult?: string
}

/** What act logs about the runner's files (and about where it found the action); the hosted runner shows none of it. */
const SILENT = new Set(['set-output', 'set-env', 'add-path', 'summary', 'save-state'])

/** Parses one line of `act --json`; undefined for anything else. */
export function parseEntry(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Entry
    return typeof entry.msg === 'string' ? entry : undefined
  } catch {
    return undefined
  }
}

/** Whether an entry says that a stage of a step begins. */
export function isStart(entry: Entry, stepId: string, stage: 'Main' | 'Post'): boolean {
  return entry.stage === stage && entry.stepID?.[0] === stepId && entry.msg.startsWith(`⭐ Run ${stage}`)
}

/** Reads act's JSON log, one entry a line, looking for the step `stepId`. */
export function readJobLog(lines: string[], stepId: string): JobLog {
  const entries = lines.map(parseEntry).filter((entry) => entry !== undefined)
  const resultOf = (stage: string) => entries.findLast((entry) => entry.stage === stage && entry.stepID?.[0] === stepId && entry.stepResult)?.stepResult
  const main = resultOf('Main')
  const post = resultOf('Post')
  return {
    output: entries.flatMap((entry) => shownLines(entry)).join('\n'),
    annotations: entries.flatMap((entry) => annotation(entry)),
    summary: entries.map((entry) => (entry.command === 'summary' ? (entry.content ?? '') : '')).join(''),
    stages: { ...(main && { main }), ...(post && { post }) },
    jobResult: entries.findLast((entry) => entry.jobResult)?.jobResult,
  }
}

/** What a reader of the job's log sees of an entry; nothing of some. */
export function shownLines(entry: Entry): string[] {
  if ((entry.command && SILENT.has(entry.command)) || entry.msg.startsWith('LocalRepositoryCache')) return []
  if (entry.raw_output) return [entry.msg.replace(/\n$/, '')]
  return [entry.raw === undefined ? entry.msg : commandText(entry)]
}

/** The command as the program wrote it, but masked: act puts a sign before it. */
function commandText({ msg }: Entry): string {
  return msg.replace(/^ +\S+ +/, '').replace(/\n$/, '')
}

/**
 * Parsed from the text, not from act's own fields: act cuts a command at its last `::` (so `::error::[::1] refused`
 * is no error to it) and drops a property whose value has a `=`.
 */
function annotation(entry: Entry): Annotation[] {
  if (entry.raw === undefined) return []
  const [, level, properties = '', message = ''] = /^::(error|warning|notice)(?: (.*?))?::(.*)$/s.exec(commandText(entry)) ?? []
  if (level !== 'error' && level !== 'warning' && level !== 'notice') return []
  const pairs = properties.split(',').filter((pair) => pair !== '')
  return [
    {
      level,
      message: unescapeCommand(message),
      properties: Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), unescapeCommand(pair.slice(pair.indexOf('=') + 1))])),
    },
  ]
}

/** Undoes the runner's escapes; `%25` last, so that an escaped percent sign stays one. */
function unescapeCommand(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%')
}
