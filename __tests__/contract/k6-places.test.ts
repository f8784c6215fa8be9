import '../fakes/realm.ts'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mostParts, partBytes } from '../../src/adapters/k6-archive.ts'
import { k6AsJob } from '../../src/adapters/k6-job.ts'
import { k6ByOperator } from '../../src/adapters/k6-operator.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { readManifest } from '../../src/adapters/manifests.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { type LoadPlan, loadPlan } from '../../src/stages/load/plan.ts'
import type { LoadRunner, RunnerOutcome } from '../../src/stages/load/runner.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { hurried } from '../fakes/hurry.ts'
import { type FakeObject, type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { deployment, endpointSlice, pod, warning } from '../fakes/kubernetes-objects.ts'
import { writeProgram } from '../fakes/programs.ts'

const root = join(import.meta.dirname, '..', '..')
const space = 'mlops-load'
const ready = endpointSlice('kube-dns', 1, { namespace: 'kube-system', total: 1 })
const testRunType: FakeObject = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'testruns.k6.io' } }

let folder: string
let fake: KubernetesFake
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'places-'))
})
afterEach(async () => {
  await fake?.close()
  await rm(folder, { recursive: true })
})

/** A k6 that packs its plan and nothing else, padded to a size. */
const packing = (bytes = 0) =>
  `fs.writeFileSync(args[args.indexOf('-O') + 1], Buffer.concat([fs.readFileSync(process.env.MLOPS_PLAN), Buffer.alloc(${bytes}, ' ')]))`

/** What the pods of this cluster do when a Job or a TestRun comes: `play` is told the plan they were given. */
interface Cluster {
  readonly objects?: readonly FakeObject[]
  readonly play?: (object: FakeObject, plan: LoadPlan) => void
}

async function start({ objects = [ready], play = () => {} }: Cluster, script = packing()) {
  const maps: FakeObject[] = []
  fake = await startKubernetesFake({
    objects,
    onApplied: (object) => {
      if (object.kind === 'ConfigMap') maps.push(object)
      if (object.kind !== 'Job' && object.kind !== 'TestRun') return
      const data = maps.flatMap(({ binaryData }) => Object.values(binaryData as Record<string, string>))
      play(object, JSON.parse(Buffer.concat(data.map((part) => Buffer.from(part, 'base64'))).toString('utf8')))
    },
  })
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, fake.kubeconfig)
  const kubernetes = await connectKubernetes(kubeconfig)
  const k6 = { name: 'k6', version: '2.3.0', path: await writeProgram(folder, 'k6', script), from: 'download' } as const
  const inside = {
    run: runProcess,
    script: join(root, 'k6', 'load.js'),
    folder: join(folder, 'k6-files'),
    output: join(folder, 'report'),
    connect: async () => kubernetes,
    image: 'reg.example/k6:2.3.0',
    memoryLimit: '592Mi',
    baseUrl: 'http://traefik.traefik.svc',
    ownUrl: () => '',
    manifest: (file: string, values: Readonly<Record<string, string | number>>) => readManifest(root, join('load', file), values),
  }
  const plan = loadPlan(echoServices('echo:1', [30080, 30081]), { baseUrl: inside.baseUrl }, 'summary.json', {
    shape: { drive: 'virtual-users', virtualUsers: 6, durationMs: 4000, ramp: [] },
    gates: [],
  })
  const run = (runner: LoadRunner, signal = new AbortController().signal): Promise<readonly RunnerOutcome[]> =>
    runner.run({ k6, plan }, { signal, progress: () => {}, warn: () => {} })
  return {
    job: (signal?: AbortSignal) => run(k6AsJob({ ...inside, shellImage: 'reg.example/busybox:1' }), signal),
    distributed: (signal?: AbortSignal) =>
      run(k6ByOperator({ ...inside, parallelism: 3, operatorImage: 'reg.example/operator:1', starterImage: 'reg.example/starter:1' }), signal),
  }
}

/** What k6 prints, with a framed summary. */
function logOf(plan: LoadPlan, summary: string): string {
  const data = Buffer.from(summary).toString('base64')
  const sum = createHash('sha256').update(summary).digest('hex')
  const noise = [JSON.stringify({ level: 'info', msg: 'hey', source: 'console' }), JSON.stringify({ level: 'error', msg: 'oh', error: 'no' })]
  return [...noise, `${plan.frame} begin`, `${plan.frame} data ${data}`, noise[0], `${plan.frame} end 1 ${sum}`, ''].join('\n')
}

function podOf(object: FakeObject, suffix: string, labels: Record<string, string>, state: object, more: { phase?: string; status?: object } = {}): FakeObject {
  const made = pod(`${object.metadata.name}${suffix}`, { namespace: space, labels, container: { name: 'k6', state }, ...(more.phase && { phase: more.phase }) })
  return { ...made, status: { ...(made.status as object), ...more.status } }
}

/** The pod of a Job, ended. */
function endJob(object: FakeObject, plan: LoadPlan, { exitCode = 0, summary = '{}' as string | null } = {}): void {
  const labels = { 'app.kubernetes.io/name': object.metadata.name }
  const made = podOf(
    object,
    '-x7k2p',
    labels,
    { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } },
    { phase: exitCode === 0 ? 'Succeeded' : 'Failed' },
  )
  fake.setLog(space, made.metadata.name, 'k6', summary === null ? 'nothing\n' : logOf(plan, summary))
  fake.put(made)
}

const brought = () => fake.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path.split('/').at(-2))
const left = () =>
  fake.requests
    .filter(({ method, path }) => method === 'PATCH' && /(jobs|configmaps|testruns)\//.test(path))
    .filter(({ body }) => fake.get(body as FakeObject) !== undefined)
    .map(({ path }) => path)

describe('k6 as a Job', () => {
  test('gives what its log holds between what a script prints, and leaves nothing', async () => {
    const cluster = await start({ play: (object, plan) => endJob(object, plan, { summary: '{"a":"…"}' }) })
    const files = { dashboard: null, log: 'k6.log' }
    expect(await cluster.job()).toEqual([{ name: '', exitCode: 0, summary: '{"a":"…"}', errors: ['oh: no'], timeline: null, cpuShare: null, files }])
    expect(brought()).toEqual(['namespaces', 'configmaps', 'jobs'])
    expect(left()).toEqual([])
    const log = await readFile(join(folder, 'report', 'k6.log'), 'utf8')
    expect(log).toContain('"msg":"hey"')
    expect(log).not.toContain(' data ')
  })

  test('hands on an exit code and the want of a summary: what they mean is the stage’s to say', async () => {
    const cluster = await start({ play: (object, plan) => endJob(object, plan, { exitCode: 107, summary: null }) })
    expect(await cluster.job()).toMatchObject([{ exitCode: 107, summary: null }])
  })

  test('comes in parts when its archive is large, each small enough', async () => {
    const cluster = await start({ play: endJob }, packing(2 * partBytes))
    expect(await cluster.job()).toMatchObject([{ exitCode: 0, summary: '{}' }])
    expect(brought()).toEqual(['namespaces', 'configmaps', 'configmaps', 'configmaps', 'jobs'])
    expect(left()).toEqual([])
  }, 30_000)

  test('is refused when its archive is larger than all parts, before anything is brought', async () => {
    const cluster = await start({ play: endJob }, packing(mostParts * partBytes))
    expect(await failureOf(cluster.job())).toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/^the load script with all it opens is 14\d{3} KiB; at most 14400 KiB/),
    })
    expect(brought()).toEqual([])
  }, 30_000)

  test('is refused in k6’s own words when it cannot load the script', async () => {
    const cluster = await start({}, `complain(JSON.stringify({ level: 'error', msg: 'ReferenceError: x is not defined' }) + '\\n'); process.exit(107)`)
    expect(await failureOf(cluster.job())).toMatchObject({ kind: 'config', message: 'k6 could not pack the load script: ReferenceError: x is not defined' })
  })

  test.each<[string, (object: FakeObject) => FakeObject, string, RegExp]>([
    [
      'cannot be pulled',
      (object) => podOf(object, '-1', { 'app.kubernetes.io/name': object.metadata.name }, { waiting: { reason: 'ErrImagePull', message: 'k6: not found' } }),
      'infrastructure',
      /cannot be pulled/,
    ],
    [
      'was OOMKilled',
      (object) =>
        podOf(object, '-1', { 'app.kubernetes.io/name': object.metadata.name }, { terminated: { exitCode: 137, reason: 'OOMKilled' } }, { phase: 'Failed' }),
      'measurement',
      /OOMKilled/,
    ],
    [
      'was evicted',
      (object) =>
        podOf(
          object,
          '-1',
          { 'app.kubernetes.io/name': object.metadata.name },
          { terminated: { exitCode: 137, reason: 'Error' } },
          { phase: 'Failed', status: { reason: 'Evicted', message: 'The node was low on resource: memory.' } },
        ),
      'infrastructure',
      /Evicted: The node was low on resource/,
    ],
  ])('whose pod %s is a failure, not the workload’s, and leaves nothing', async (_, made, kind, message) => {
    const cluster = await start({ play: (object) => fake.put(made(object)) })
    expect(await failureOf(cluster.job())).toMatchObject({ kind, message: expect.stringMatching(message) })
    expect(left()).toEqual([])
  })

  test('that gets no pod says so, with the cluster’s last words', async () => {
    const cluster = await start({
      play: (object) => {
        fake.put(warning(object.metadata.name, 'FailedCreate', 'exceeded quota', space))
        fake.put(warning('mlops-load-of-another', 'Failed', 'none of ours', space))
      },
    })
    expect(await failureOf(hurried(() => cluster.job(), 5000))).toMatchObject({
      kind: 'infrastructure',
      message: 'k6 did not start in the cluster within 150 s: 0 of 1 pods are there; last event: FailedCreate: exceeded quota',
    })
  }, 30_000)

  test('that does not end is ended', async () => {
    const cluster = await start({
      play: (object) => fake.put(podOf(object, '-1', { 'app.kubernetes.io/name': object.metadata.name }, { running: {} }, { phase: 'Running' })),
    })
    expect(await failureOf(hurried(() => cluster.job(), 1000))).toMatchObject({ kind: 'measurement', message: expect.stringMatching(/^k6 hangs: /) })
    expect(left()).toEqual([])
  }, 30_000)

  test('is removed when the run is cancelled', async () => {
    const controller = new AbortController()
    const cluster = await start({ play: () => {} })
    const running = cluster.job(controller.signal)
    running.catch(() => {})
    await eventually('the Job is there', () => brought().includes('jobs'))
    controller.abort(new Error('cancelled'))
    await expect(running).rejects.toThrow('cancelled')
    expect(left()).toEqual([])
  })

  test('waits for the cluster’s DNS, and reads its log again when that is cut off', async () => {
    const cluster = await start({ objects: [], play: endJob })
    const running = cluster.job()
    await eventually('the DNS is looked at', () => fake.watches() > 0)
    expect(brought()).toEqual([])
    fake.fail({ path: /log$/, status: 'cut' })
    fake.put(ready)
    expect(await running).toMatchObject([{ summary: '{}' }])
  })
})

describe('k6 by the operator', () => {
  /** Ends every runner as told. */
  const endAll =
    (exitCodes: readonly number[]) =>
    (object: FakeObject, plan: LoadPlan): void => {
      for (const [index, exitCode] of exitCodes.entries()) {
        const labels = { k6_cr: object.metadata.name, runner: 'true' }
        const made = podOf(object, `-${index + 1}-x7k2p`, labels, { terminated: { exitCode } }, { phase: exitCode === 0 ? 'Succeeded' : 'Failed' })
        fake.setLog(space, made.metadata.name, 'k6', logOf(plan, `{"runner":${index + 1}}`))
        fake.put(made)
      }
    }

  test('gives what every runner measured, each by its number, where the operator is there already', async () => {
    const cluster = await start({ objects: [ready, testRunType], play: endAll([0, 0, 0]) })
    const outcomes = await cluster.distributed()
    expect(outcomes.map(({ name, summary, files }) => [name, summary, files.log])).toEqual([
      ['runner 1', '{"runner":1}', 'k6-1.log'],
      ['runner 2', '{"runner":2}', 'k6-2.log'],
      ['runner 3', '{"runner":3}', 'k6-3.log'],
    ])
    expect(brought()).toEqual(['namespaces', 'configmaps', 'testruns'])
    expect(left()).toEqual([])
  })

  test('installs the operator where it is not', async () => {
    const cluster = await start({ play: endAll([0, 0, 0]) })
    const running = cluster.distributed()
    running.catch(() => {})
    await eventually('the operator is applied', () => brought().includes('deployments'))
    expect(brought()).not.toContain('testruns')
    fake.put(deployment('k6-operator', 1, { namespace: 'k6-operator-system', replicas: 1 }))
    expect(await running).toHaveLength(3)
  })

  test('ends with the runner that failed', async () => {
    const cluster = await start({
      objects: [ready, testRunType],
      play: (object, plan) => {
        const labels = { k6_cr: object.metadata.name, runner: 'true' }
        fake.put(podOf(object, '-1-a', labels, { running: {} }, { phase: 'Running' }))
        const failed = podOf(object, '-2-b', labels, { terminated: { exitCode: 107 } }, { phase: 'Failed' })
        fake.setLog(space, failed.metadata.name, 'k6', logOf(plan, '{}'))
        fake.put(failed)
      },
    })
    expect(await cluster.distributed()).toMatchObject([{ name: 'runner 2', exitCode: 107, errors: ['oh: no'] }])
    expect(left()).toEqual([])
  })

  test('that gets stuck says where', async () => {
    const cluster = await start({
      objects: [ready, testRunType],
      play: (object) => fake.put({ ...object, status: { stage: 'initialization' } }),
    })
    expect(await failureOf(hurried(() => cluster.distributed(), 5000))).toMatchObject({
      kind: 'infrastructure',
      message: 'k6 did not start in the cluster within 150 s: 0 of 3 pods are there; the operator’s TestRun is at initialization',
    })
    expect(left()).toEqual([])
  }, 30_000)

  test('takes one ConfigMap and no more', async () => {
    const cluster = await start({ objects: [ready, testRunType] }, packing(partBytes))
    expect(await failureOf(cluster.distributed())).toMatchObject({ kind: 'config', remedy: 'Open less data, or use load-runner: job or host.' })
  }, 30_000)
})
