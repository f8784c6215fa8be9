/**
 * Measures what the action promises about speed, as ratios within one run, since absolute times
 * mean little on shared machines. Each ratio is the median of alternating runs (A B A B …).
 *
 *   npm run bench                 everything; needs an engine, or MLOPS_KIT
 *   npm run bench -- start size   only what needs no cluster
 *   RUNS=3 npm run bench          other than 5 runs
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { kindProgram } from '../src/adapters/kind.ts'
import { runProcess } from '../src/adapters/process.ts'
import { nodePorts, resolveConfig } from '../src/config/config.ts'
import { serviceNames } from '../src/config/services.ts'
import type { Report } from '../src/report/report.ts'
import { type Engine, kindConfig } from '../src/stages/cluster/cluster.ts'

const root = join(import.meta.dirname, '..')
const bundle = join(root, 'dist', 'index.js')
const runs = Number(process.env.RUNS ?? 5)
const loadSeconds = 10

interface Figure {
  readonly name: string
  readonly aim: string
  readonly values: readonly number[]
}

const parts: Record<string, () => Promise<Figure[]>> = { size, start, boot }
const asked = process.argv.slice(2)
const figures: Figure[] = []
for (const [name, measure] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) figures.push(...(await measure()))

console.log('\n| figure | median | min | max | aim |\n| :-- | --: | --: | --: | :-- |')
for (const { name, aim, values } of figures) {
  const sorted = values.toSorted((a, b) => a - b)
  const median = ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2
  console.log(`| ${name} | ${median.toFixed(2)} | ${sorted[0]?.toFixed(2)} | ${sorted.at(-1)?.toFixed(2)} | ${aim} |`)
}

/** Size of dist in MB (10^6 bytes). */
async function size(): Promise<Figure[]> {
  const folder = join(root, 'dist')
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size))
  return [{ name: 'size of dist, MB', aim: '8', values: [sizes.reduce((sum, bytes) => sum + bytes, 0) / 1e6] }]
}

/** Milliseconds from spawning Node until it exits, or until a line of its output matches; then it is ended. */
async function timeNode(args: readonly string[], env: Record<string, string>, until?: RegExp): Promise<number> {
  const began = performance.now()
  const child = execa(process.execPath, args, { env: { PATH: process.env.PATH ?? '', ...env }, extendEnv: false, reject: false, stdin: 'ignore' })
  let seen: number | undefined
  if (until) {
    for await (const line of child) {
      if (!until.test(line)) continue
      seen = performance.now() - began
      child.kill('SIGKILL')
      break
    }
  }
  await child
  if (until && seen === undefined) throw new Error(`no line matched ${until}`)
  return seen ?? performance.now() - began
}

/** Cold start of the bundle ÷ `node -e 0`. */
async function start(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const env = { RUNNER_TEMP: folder, RUNNER_TOOL_CACHE: folder, GITHUB_STATE: join(folder, 'state'), GITHUB_OUTPUT: join(folder, 'output') }
    await Promise.all([writeFile(env.GITHUB_STATE, ''), writeFile(env.GITHUB_OUTPUT, '')])
    const toTools: number[] = []
    const toExit: number[] = []
    // The first run of each reads files that the others find in memory.
    for (let run = -1; run < runs * 4; run += 1) {
      const bare = await timeNode(['-e', '0'], {})
      // A mirror that refuses connections: the stage starts, and nothing leaves this machine.
      const tools = await timeNode([bundle], { ...env, 'INPUT_DOWNLOAD-MIRROR': 'http://127.0.0.1:9' }, /Install kind .*…/)
      const exit = await timeNode([bundle], { ...env, INPUT_VUS: 'many' })
      if (run < 0) continue
      toTools.push(tools / bare)
      toExit.push(exit / bare)
    }
    return [
      { name: 'start to "tools started" ÷ node -e 0', aim: '3', values: toTools },
      { name: 'start to exit on a bad input ÷ node -e 0', aim: '3', values: toExit },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** (Time to the finished report − time k6 measured) ÷ bare `kind create cluster` of the same nodes. */
async function boot(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const { config } = resolveConfig({ inputs: {}, env: process.env, services: serviceNames })
    const ratios: number[] = []
    const creates: number[] = []
    // Run -1 fills the tool cache and is not counted.
    for (let run = -1; run < runs; run += 1) {
      const { report, elapsedMs, kind, engine } = await pipelineOnce(folder)
      const overheadMs = elapsedMs - (report.load?.durationMs ?? Number.NaN)
      const createMs = await createOnce(kind, engine, folder, config.nodeImage)
      console.log(
        `${run < 0 ? 'warm-up' : `run ${run + 1}`}: report after ${seconds(elapsedMs)}, of which load ${seconds(report.load?.durationMs ?? 0)}; bare create ${seconds(createMs)}`,
      )
      if (run < 0) continue
      ratios.push(overheadMs / createMs)
      creates.push(createMs / 1000)
    }
    return [
      { name: '(time to the report − load) ÷ bare kind create', aim: '1.25', values: ratios },
      { name: 'bare kind create, s', aim: '', values: creates },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function pipelineOnce(folder: string): Promise<{ report: Report; elapsedMs: number; kind: string; engine: Engine }> {
  const temporary = await mkdtemp(join(folder, 'run-'))
  const env = {
    ...process.env,
    RUNNER_TEMP: temporary,
    RUNNER_TOOL_CACHE: join(folder, 'tools'),
    GITHUB_STATE: join(temporary, 'state'),
    GITHUB_OUTPUT: join(temporary, 'output'),
    GITHUB_PATH: join(temporary, 'path'),
    DURATION: `${loadSeconds}s`,
  }
  await Promise.all([env.GITHUB_STATE, env.GITHUB_OUTPUT, env.GITHUB_PATH].map((file) => writeFile(file, '')))
  const began = performance.now()
  const { exitCode, stdout } = await execa(process.execPath, [bundle], { env, reject: false })
  const elapsedMs = performance.now() - began
  const states = await readFile(env.GITHUB_STATE, 'utf8')
  const state = Object.fromEntries([...states.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [`STATE_${name}`, value ?? '']))
  await execa(process.execPath, [bundle], { env: { ...env, ...state } })
  if (exitCode !== 0) throw new Error(`the pipeline did not pass:\n${stdout}`)
  const report = JSON.parse(await readFile(join(state.STATE_folder ?? '', 'report', 'report.json'), 'utf8')) as Report
  const kind = report.tools.find(({ name }) => name === 'kind')?.path
  if (!kind || !report.cluster) throw new Error('the report names no kind or no cluster')
  return { report, elapsedMs, kind, engine: report.cluster.engine }
}

async function createOnce(kind: string, engine: Engine, folder: string, image: string): Promise<number> {
  const file = join(folder, 'kind.yaml')
  const ports = [80, 443, ...nodePorts].map((port) => ({ hostPort: port, nodePort: port }))
  await writeFile(file, stringify(kindConfig({ workers: 2, image, ports })))
  const args = ['--name', 'mlops-bench', '--kubeconfig', join(folder, 'kubeconfig')]
  try {
    const began = performance.now()
    await execa(kind, ['create', 'cluster', ...args, '--config', file])
    return performance.now() - began
  } finally {
    await kindProgram(runProcess, kind, engine).remove('mlops-bench', join(folder, 'kubeconfig'), AbortSignal.timeout(60_000))
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
