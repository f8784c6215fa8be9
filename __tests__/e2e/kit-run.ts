import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { unzipSync } from 'fflate'
import type { Report } from '../../src/report/report.ts'
import { type ActOptions, type ActRun, runWithAct } from '../act/act.ts'
import { copyAction } from '../act/action-copy.ts'
import { type GitHubFake, startGitHubFake } from '../fakes/github.ts'
import { startResultsFake } from '../fakes/results.ts'

/** This repository. */
export const root = join(import.meta.dirname, '..', '..')

/** Tools are downloaded once for all runs of the suite. */
export const toolCache = join(tmpdir(), 'mlops-pipeline-e2e-tools')

/** What a job needs of this machine to reach the kit: its own variables and what an engine looks for. */
export function kitEnvironment(): Record<string, string> {
  if (!process.env.MLOPS_KIT_BIN) throw new Error('The end-to-end tests need the kit: MLOPS_KIT=<its folder> npm run test:e2e')
  const names = Object.keys(process.env).filter((name) => name.startsWith('MLOPS_') || ['KIND_EXPERIMENTAL_PROVIDER', 'HOME', 'XDG_RUNTIME_DIR'].includes(name))
  return Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']))
}

export interface KitRun {
  readonly act: ActRun
  readonly report: Report
  /** Files of the uploaded artifact, by path; empty when there is none. */
  readonly artifact: Readonly<Record<string, Buffer>>
  /** What is still there of the run although it should not be; empty is good. */
  readonly left: readonly string[]
}

/** Runs the committed bundle through act on the kit's cluster. */
export async function runOnKit({ github, edit, ...options }: ActOptions & { github: GitHubFake; edit?: (action: string) => Promise<void> }): Promise<KitRun> {
  const folder = await mkdtemp(join(tmpdir(), 'e2e-'))
  const results = await startResultsFake()
  const before = await traces()
  try {
    const actionDir = join(folder, 'action')
    await copyAction(root, actionDir)
    await edit?.(actionDir)
    const runnerTemp = join(folder, 'temp')
    const act = await runWithAct({
      timeoutMs: 240_000,
      githubApiUrl: github.url,
      resultsEnv: results.env,
      toolCache,
      runnerTemp,
      actionDir,
      ...options,
      env: { ...kitEnvironment(), ...options.env },
    })
    const [run] = (await readdir(runnerTemp)).filter((name) => name.startsWith('mlops-pipeline-'))
    if (!run) throw new Error(`The action made no folder for its run:\n${act.output}`)
    const report = JSON.parse(await readFile(join(runnerTemp, run, 'report', 'report.json'), 'utf8')) as Report
    const [uploaded] = await results.artifacts()
    const artifact = uploaded ? Object.fromEntries(Object.entries(unzipSync(uploaded.bytes)).map(([name, bytes]) => [name, Buffer.from(bytes)])) : {}
    const kubeconfigs = (await readdir(join(runnerTemp, run))).filter((name) => name === 'kubeconfig')
    const after = await traces()
    const left = [...after.filter((trace) => !before.includes(trace)), ...kubeconfigs, ...act.orphans.map(({ command }) => `process ${command}`)]
    return { act, report, artifact, left }
  } finally {
    await results.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Everything of ours that a run could leave on this machine. */
export async function traces(): Promise<string[]> {
  const list = async (...args: string[]) => (await execa('podman', args)).stdout.split('\n').filter(Boolean)
  const [containers, volumes, forwarded, processes] = await Promise.all([
    list('ps', '--all', '--format', '{{.Names}}'),
    list('volume', 'ls', '--quiet'),
    forwardedToNobody(),
    execa('ps', ['-eo', 'pid,args']).then(({ stdout }) =>
      stdout.split('\n').filter((line) => /(^|\/)(kind|k6|kubectl) |conmon --api-version|(index\.[jt]s) local-/.test(line) && !line.includes('<defunct>')),
    ),
  ])
  const userConfig = await readFile(join(homedir(), '.kube', 'config'), 'utf8').catch(() => 'none')
  return [
    ...containers.map((name) => `container ${name}`),
    ...volumes.map((name) => `volume ${name}`),
    ...forwarded.map((container) => `ports that lead to the container ${container}, which is gone`),
    ...processes.map((line) => `process ${line.trim()}`),
    `user kubeconfig ${userConfig}`,
  ]
}

/** Containers that are gone while podman's rules still lead ports to them, away from every later container. */
async function forwardedToNobody(): Promise<string[]> {
  const { stdout: rules } = await execa('iptables', ['--table', 'nat', '--list-rules'])
  const { stdout: containers } = await execa('podman', ['ps', '--all', '--quiet', '--no-trunc'])
  const forwarded = new Set([...rules.matchAll(/dnat name: \S+ id: ([0-9a-f]{64})/g)].map(([, id]) => String(id)))
  return [...forwarded].filter((id) => !containers.includes(id))
}

/** A fake of GitHub for one test, closed at its end. */
export async function withGitHub<T>(options: Parameters<typeof startGitHubFake>[0], use: (github: GitHubFake) => Promise<T>): Promise<T> {
  const github = await startGitHubFake(options)
  try {
    return await use(github)
  } finally {
    await github.close()
  }
}
