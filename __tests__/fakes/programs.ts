import { existsSync, readFileSync } from 'node:fs'
import { chmod, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How a fixture program was started. */
export interface Call {
  readonly args: string[]
  readonly env: Record<string, string>
  readonly cwd: string
  readonly pid: number
}

/**
 * Writes an executable into a folder: a script that the Node of this test runs, whatever PATH or
 * environment it is given. It notes every start, and `script` (CommonJS) then does the rest; it may
 * use `args`, `fs`, `say(text)` for stdout, `complain(text)` for stderr and `forever()`.
 * @param folder must have no space in its path
 */
export async function writeProgram(folder: string, name: string, script: string): Promise<string> {
  const path = join(folder, name)
  // The first line of a script may be neither long nor quoted, so it names a link beside it.
  const node = join(folder, '.node')
  if (!existsSync(node)) await symlink(process.execPath, node)
  await writeFile(
    path,
    `#!${node}
const fs = require('node:fs')
const args = process.argv.slice(2)
fs.appendFileSync(${JSON.stringify(`${path}.calls`)}, JSON.stringify({ args, env: process.env, cwd: process.cwd(), pid: process.pid }) + '\\n')
const say = (text) => fs.writeSync(1, text)
const complain = (text) => fs.writeSync(2, text)
const forever = () => setInterval(() => {}, 60_000)
${script}
`,
  )
  await chmod(path, 0o755)
  return path
}

/** Every start of a program written by `writeProgram`, in order. */
export function callsOf(path: string): Call[] {
  if (!existsSync(`${path}.calls`)) return []
  const lines = readFileSync(`${path}.calls`, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Call)
}

/** Whether a process runs. One that ended and that nobody has waited for yet (a zombie) does not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ')
  return !stat.includes(') Z ')
}

/** Ends what a test may have left of a program written by `writeProgram`; the process ids are those it noted itself. */
export async function endProgram(path: string): Promise<void> {
  for (const { pid } of callsOf(path)) await endProcess(pid)
}

/** Kills a process of ours that still runs. */
export async function endProcess(pid: number): Promise<void> {
  if (!(await isAlive(pid))) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has ended in this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
