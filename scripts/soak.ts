/**
 * Runs the pipeline so many times in a row and compares what is on this machine before and after: processes, containers,
 * volumes, temporary files, state and cache. Fails on a run that does not pass, and on anything that grows.
 *
 *     npm run soak -- RUNS [--OPTION VALUE …]
 *
 * Options go to the pipeline as they are. The first run may fill caches, so what is compared is what stands after it.
 */
import { spawn } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** What a run must not make more of. */
export interface Traces {
  readonly processes: readonly string[]
  readonly containers: readonly string[]
  readonly volumes: readonly string[]
  readonly temporary: readonly string[]
  /** Bytes below the folders that runs share. */
  readonly stateBytes: number
  readonly cacheBytes: number
}

/** What a history that keeps the last few runs, and no more, may come to in bytes. */
const sizeSlackBytes = 16 * 1024

/** Each thing that is there now and was not before, and each size that has grown; one line each. */
export function growthOf(before: Traces, after: Traces): string[] {
  const lists = ['processes', 'containers', 'volumes', 'temporary'] as const
  const more = lists.flatMap((what) => after[what].filter((one) => !before[what].includes(one)).map((one) => `${what}: ${one}`))
  const sizes = ['stateBytes', 'cacheBytes'] as const
  return [...more, ...sizes.filter((what) => after[what] - before[what] > sizeSlackBytes).map((what) => `${what}: ${before[what]} → ${after[what]}`)]
}

/** Runs a program to its end; its stdout, and its exit code. */
function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<{ exitCode: number | null; stdout: string }> {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.once('error', fail)
    child.once('close', (exitCode) => done({ exitCode, stdout }))
  })
}

async function lines(file: string, ...args: string[]): Promise<string[]> {
  const { exitCode, stdout } = await run(file, args)
  if (exitCode !== 0) throw new Error(`${file} ${args.join(' ')} ended with exit code ${exitCode}`)
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async ({ parentPath, name }) => (await lstat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Programs of ours, by their names alone: pids and paths of temporary folders differ from run to run. */
async function programs(): Promise<string[]> {
  const ours = /^(kind|k6|kubectl|conmon|http-echo|traefik)$/
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      return ours.test(name) && !stat.includes(') Z ') ? `${name} ${pid}` : undefined
    }),
  )
  return names.filter((name) => name !== undefined)
}

interface Folders {
  readonly temporary: string
  readonly state: string
  readonly cache: string
}

async function look(engine: string, { temporary, state, cache }: Folders): Promise<Traces> {
  return {
    processes: await programs(),
    containers: await lines(engine, 'ps', '--all', '--format', '{{.Names}}'),
    volumes: await lines(engine, 'volume', 'ls', '--quiet'),
    temporary: await readdir(temporary),
    stateBytes: await bytesBelow(state),
    cacheBytes: await bytesBelow(cache),
  }
}

async function soak(runs: number, options: readonly string[]): Promise<number> {
  const engine = process.env.KIND_EXPERIMENTAL_PROVIDER ?? 'docker'
  const home = await mkdtemp(join(tmpdir(), 'soak-'))
  const folders: Folders = { temporary: join(home, 'temp'), state: join(home, 'state'), cache: join(home, 'cache') }
  const workspace = join(home, 'workspace')
  for (const folder of [...Object.values(folders), workspace]) await mkdir(folder)
  const env = {
    ...process.env,
    RUNNER_TEMP: folders.temporary,
    TMPDIR: folders.temporary,
    XDG_STATE_HOME: folders.state,
    XDG_CACHE_HOME: folders.cache,
    HOME: homedir(),
  }
  const cli = resolve(import.meta.dirname, '..', 'src', 'cli.ts')
  const problems: string[] = []
  try {
    let before = await look(engine, folders)
    for (let count = 1; count <= runs; count += 1) {
      const began = performance.now()
      const { exitCode, stdout } = await run(process.execPath, [cli, ...options], { cwd: workspace, env })
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      if (exitCode !== 0) problems.push(`run ${count} ended with exit code ${exitCode}:\n${stdout.slice(-3000)}`)
      const after = await look(engine, folders)
      // Caches and state fill once; nothing else may.
      const growth = growthOf(count === 1 ? { ...before, stateBytes: after.stateBytes, cacheBytes: after.cacheBytes } : before, after)
      problems.push(...growth.map((line) => `run ${count} left more than there was: ${line}`))
      console.log(`run ${count} of ${runs}: exit code ${exitCode}, ${seconds} s; ${describe(after)}`)
      if (count === 1) before = { ...before, stateBytes: after.stateBytes, cacheBytes: after.cacheBytes }
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
  for (const problem of problems) console.error(problem)
  console.log(problems.length === 0 ? `${runs} runs, no flake, no growth` : `${problems.length} problems in ${runs} runs`)
  return problems.length === 0 ? 0 : 1
}

function describe({ processes, containers, volumes, temporary, stateBytes, cacheBytes }: Traces): string {
  const counts = { processes, containers, volumes, temporary }
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  return `${Object.entries(counts)
    .map(([what, list]) => `${list.length} ${what}`)
    .join(', ')}, state ${mebibytes(stateBytes)}, cache ${mebibytes(cacheBytes)}`
}

if (import.meta.main) {
  process.exitCode = 1
  const [count = '10', ...options] = process.argv.slice(2)
  if (/^[1-9]\d*$/.test(count)) process.exitCode = await soak(Number(count), options)
  else console.error('usage: npm run soak -- RUNS [--OPTION VALUE …]')
}
