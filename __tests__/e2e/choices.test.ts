import '../fakes/realm.ts'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { currentPlatform, toolsAdapters } from '../../src/adapters/tool-cache.ts'
import { readWorkspaceFile } from '../../src/adapters/workspace.ts'
import { resolveConfig } from '../../src/config/config.ts'
import { serviceNames } from '../../src/config/services.ts'
import type { Report } from '../../src/report/report.ts'
import { runSession } from '../../src/session.ts'
import { root, toolCache, traces } from './kit-run.ts'

/** Two control planes boot at once on a small machine. */
const bootMs = 240_000
const load = { vus: '2', duration: '3s', 'max-p95': '5s' }

/** The pipeline from a terminal, on Traefik and whatever ports are free. */
async function runTraefik(folder: string): Promise<Report> {
  const inputs = { ...load, 'cluster-name': 'choices-traefik', ingress: 'traefik', 'http-port': '0', workers: '0' }
  const args = Object.entries(inputs).flatMap(([name, value]) => [`--${name}`, value])
  const { exitCode, stdout } = await execa(process.execPath, [join(root, 'src', 'cli.ts'), ...args], {
    cwd: folder,
    reject: false,
    env: { RUNNER_TOOL_CACHE: toolCache },
  })
  if (exitCode !== 0) throw new Error(stdout)
  return JSON.parse(await readFile(join(folder, 'report', 'report.json'), 'utf8')) as Report
}

/** The pipeline in this process, with no ingress and a kind configuration of the user's own. */
async function runOwnConfig(folder: string): Promise<Report> {
  const mappings = [30080, 30081].map((port) => ({ containerPort: port, hostPort: 0, listenAddress: '127.0.0.1' }))
  const own = {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [{ role: 'control-plane', labels: { theirs: 'yes' }, extraPortMappings: mappings }],
  }
  await writeFile(join(folder, 'kind.yaml'), stringify(own))
  const { config } = resolveConfig({
    inputs: { ...load, 'cluster-name': 'choices-none', ingress: 'none', 'kind-config': 'kind.yaml' },
    env: process.env,
    services: serviceNames,
    readFile: (path) => readWorkspaceFile(folder, path),
  })
  const platform = currentPlatform()
  if (!platform) throw new Error('this machine is not supported')
  process.env.RUNNER_TOOL_CACHE = toolCache
  process.env.RUNNER_TEMP = join(folder, 'temp')
  const workspace = { root, folder: join(folder, 'run'), output: join(folder, 'run', 'report') }
  await Promise.all([mkdir(process.env.RUNNER_TEMP), mkdir(workspace.output, { recursive: true })])
  const { report } = await runSession({
    config,
    environment: 'kind',
    workspace,
    tools: toolsAdapters({ temporary: workspace.folder, platform, expose: () => {} }),
    context: { repository: null, workflow: null, job: null, matrix: null, sha: null, pullRequest: null, runUrl: null, runId: null, runAttempt: null },
    warnings: [],
    signal: new AbortController().signal,
    listener: () => {},
    claim: () => {},
    teardown: () => true,
  })
  return await report()
}

describe('two runs at once on one machine, each on free ports', () => {
  let folder: string
  let before: string[]
  let traefik: Report
  let none: Report
  const env = { RUNNER_TOOL_CACHE: process.env.RUNNER_TOOL_CACHE, RUNNER_TEMP: process.env.RUNNER_TEMP }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'choices-'))
    before = await traces()
    await Promise.all(['traefik', 'none'].map((name) => mkdir(join(folder, name))))
    ;[traefik, none] = await Promise.all([runTraefik(join(folder, 'traefik')), runOwnConfig(join(folder, 'none'))])
  }, bootMs)
  afterAll(async () => {
    Object.assign(process.env, env)
    await rm(folder, { recursive: true, force: true })
  })

  test('both pass', () => {
    expect([traefik, none].map(({ verdict, sentence }) => `${verdict}: ${sentence}`)).toEqual(Array(2).fill(expect.stringMatching(/^passed: /)))
  })

  test('have no port in common', () => {
    const ports = [traefik, none].flatMap(({ cluster }) => cluster?.ports.map(({ hostPort }) => hostPort) ?? [])
    expect(ports).toHaveLength(6)
    expect(new Set(ports).size).toBe(6)
    expect(Math.min(...ports)).toBeGreaterThan(1024)
  })

  test('Traefik routes by Host at the port that the engine chose, and NodePorts answer at theirs', () => {
    const port = (nodePort: number) => traefik.cluster?.ports.find((mapping) => mapping.nodePort === nodePort)?.hostPort
    expect(traefik.ingress).toMatchObject({ controller: 'traefik', className: 'traefik', baseUrl: `http://127.0.0.1:${port(80)}`, note: null })
    expect(traefik.services.flatMap(({ probes }) => probes.map(({ kind, target, healthy }) => `${kind} ${target} ${healthy}`)).sort()).toEqual(
      [
        'endpoints mlops-services/foo true',
        'endpoints mlops-services/bar true',
        `node-port http://127.0.0.1:${port(30080)}/ true`,
        `node-port http://127.0.0.1:${port(30081)}/ true`,
        ...['foo', 'bar'].flatMap((name) => ['ingress', 'after-load'].map((kind) => `${kind} http://127.0.0.1:${port(80)}/ (Host: ${name}.localhost) true`)),
      ].sort(),
    )
    expect(traefik.load?.total).toMatchObject({ errorRate: 0 })
  })

  test('without an ingress load and probes go straight to the NodePorts', () => {
    expect(none.ingress).toEqual({ controller: 'none', image: null, className: null, baseUrl: null, note: 'No ingress: straight to NodePorts.', process: null })
    expect(none.services.flatMap(({ probes }) => probes.map(({ kind }) => kind)).sort()).toEqual(
      ['foo', 'bar'].flatMap(() => ['after-load', 'endpoints', 'node-port']).sort(),
    )
    for (const { name, url, probes } of none.services) {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect(probes.filter(({ kind }) => kind !== 'endpoints').map(({ target }) => target)).toEqual([`${url}/`, `${url}/`])
      expect(none.load?.services[name]).toMatchObject({ errorRate: 0, requests: expect.any(Number) })
      expect(none.load?.services[name]?.requests).toBeGreaterThan(10)
    }
  })

  test('the user’s configuration made the cluster, and stayed as it was', async () => {
    expect(none.cluster).toMatchObject({ nodeCount: 1, nodes: [{ name: 'choices-none-control-plane' }] })
    expect(await readFile(join(folder, 'none', 'kind.yaml'), 'utf8')).not.toContain('ingress-ready')
  })

  test('leave nothing behind', async () => {
    const ours = (trace: string) => !trace.startsWith('process ') || trace.includes('choices-')
    expect((await traces()).filter((trace) => ours(trace) && !before.includes(trace))).toEqual([])
  })
})
