import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A finished run of one of our own programs. */
export interface EntryRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program of ours that runs. */
export interface RunningEntry {
  readonly child: ChildProcess
  /** What it has said on stdout so far. */
  readonly said: () => string
  /** What it has said on stderr so far. */
  readonly complained: () => string
  readonly done: Promise<EntryRun>
}

/** Starts `src/<entry>` with this Node, with the environment given and nothing else. */
export function startEntry(
  entry: 'index.ts' | 'cli.ts',
  { args = [], env, cwd }: { args?: readonly string[]; env: Record<string, string>; cwd: string },
): RunningEntry {
  const child = spawn(process.execPath, [join(root, 'src', entry), ...args], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const killed = (): void => void child.kill('SIGKILL')
  process.once('exit', killed)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const done = new Promise<EntryRun>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => {
      process.off('exit', killed)
      resolve({ exitCode, stdout, stderr })
    })
  })
  return { child, said: () => stdout, complained: () => stderr, done }
}

/**
 * The runner's files of one step: what the toolkit appends to.
 * @param file path of a GITHUB_OUTPUT or GITHUB_STATE file
 */
export function readCommandFile(file: string): Record<string, string> {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  // Later values win, as with the runner.
  return Object.fromEntries([...text.matchAll(/^(.+?)<<(ghadelimiter_\S+)\n([\s\S]*?)\n?\2$/gm)].map(([, name = '', , value = '']) => [name, value]))
}
