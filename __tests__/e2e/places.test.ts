import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { readManifest } from '../../src/adapters/manifests.ts'
import type { Report } from '../../src/report/report.ts'
import { startOperatorStandIn } from '../fakes/k6-operator.ts'
import { root, toolCache, traces } from './kit-run.ts'

let folder: string
let before: string[]
const kubeconfig = () => join(folder, 'state', 'mlops-pipeline-action', 'standing', 'mlops-test-cluster', 'kubeconfig')
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'places-'))
  before = await traces()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the program from its sources in a folder of its own, all of them on the one cluster that stands. */
async function run(where: string, ...args: string[]) {
  const cwd = join(folder, where)
  await mkdir(cwd, { recursive: true })
  const env = { RUNNER_TOOL_CACHE: toolCache, XDG_STATE_HOME: join(folder, 'state') }
  return await execa(process.execPath, ['--no-warnings', join(root, 'src', 'cli.ts'), ...args], { cwd, reject: false, env })
}
const reportOf = async (where: string) => JSON.parse(await readFile(join(folder, where, 'report', 'report.json'), 'utf8')) as Report
const kubectl = async (...args: string[]) => (await execa(join(process.env.MLOPS_KIT_BIN ?? '', 'kubectl'), ['--kubeconfig', kubeconfig(), ...args])).stdout
const brought = () => kubectl('get', 'jobs,configmaps', '--namespace', 'mlops-load', '--selector', 'app.kubernetes.io/managed-by', '--output', 'name')

describe('the load inside the cluster', () => {
  test('one cluster stands', async () => {
    const { exitCode, all } = await run('up', 'up', '--workers', '0', '--ingress', 'traefik')
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 })
  }, 240_000)

  test('as a Job: enters at the controller’s Service, comes back whole, and leaves nothing', async () => {
    const { exitCode, stdout, stderr } = await run('job', 'load', '--load-runner', 'job', '--duration', '5s', '--vus', '4')
    expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^passed: /m) })
    const { load } = await reportOf('job')
    expect(load).toMatchObject({ runner: 'job', runners: 1, services: { foo: { errorRate: 0 }, bar: { errorRate: 0 } } })
    expect(load?.services.foo?.requests).toBeGreaterThan(10)
    expect(load?.durationMs).toBeGreaterThanOrEqual(5000)
    expect(await brought()).toBe('')
  }, 120_000)

  test('over three pods, merged; and of an image that is not there, told, both removed afterwards', async () => {
    const kubernetes = await connectKubernetes(kubeconfig())
    const { signal } = new AbortController()
    const operator = await readManifest(root, 'load/operator.yaml', { namespace: 'k6-operator-system', image: 'none' })
    await kubernetes.apply(
      operator.filter(({ kind }) => kind === 'CustomResourceDefinition'),
      signal,
    )
    const stop = startOperatorStandIn(kubeconfig())
    try {
      const [spread, unpullable] = await Promise.all([
        run('distributed', 'load', '--load-runner', 'distributed', '--duration', '5s', '--vus', '6'),
        run('unpullable', 'load', '--load-runner', 'job', '--duration', '5s', '--image-overrides', 'k6=grafana/k6:none'),
      ])
      expect(spread).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^passed: /m) })
      const { load } = await reportOf('distributed')
      expect(load).toMatchObject({ runner: 'distributed', runners: 3, services: { foo: { errorRate: 0 }, bar: { errorRate: 0 } } })
      expect(load?.notes).toEqual([expect.stringContaining('Percentiles are mixed from those of 3 runners')])
      expect((load?.services.foo?.requests ?? 0) + (load?.services.bar?.requests ?? 0)).toBe(load?.total.requests)
      expect(unpullable).toMatchObject({ stdout: expect.stringMatching(/^invalid: .*image \S*grafana\/k6:none cannot be pulled/m) })
      expect(unpullable.exitCode).not.toBe(0)
    } finally {
      await stop()
    }
    expect(await brought()).toBe('')
    expect(await kubectl('get', 'testruns.k6.io', '--all-namespaces', '--output', 'name')).toBe('')
  }, 180_000)

  test('and the cluster goes', async () => {
    expect(await run('down', 'down')).toMatchObject({ exitCode: 0 })
    expect((await traces()).filter((trace) => !before.includes(trace))).toEqual([])
  }, 120_000)
})
