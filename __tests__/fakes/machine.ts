import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Report } from '../../src/report/report.ts'
import { killTracked, trackedProcesses } from '../act/processes.ts'
import { type EntryRun, type RunningEntry, readCommandFile, startEntry } from './entry.ts'
import { eventually } from './eventually.ts'
import { type GitHubFake, startGitHubFake } from './github.ts'
import { type KindFixture, writeKind } from './kind.ts'
import { type FakeObject, type KubernetesFake, startKubernetesFake } from './kubernetes.ts'
import { deployment, endpointSlice, node, pod } from './kubernetes-objects.ts'
import { serveOnLoopback } from './loopback.ts'
import { type Call, callsOf, writeProgram } from './programs.ts'
import { k6Summary } from './summary.ts'

export const clusterName = 'mlops-test-cluster'
const nodeNames = ['control-plane', 'worker', 'worker2'].map((name) => `${clusterName}-${name}`)
const versions = { kind: '0.33.0', kubectl: '1.37.0', k6: '2.3.0' }

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** What of a machine a test may change before a run, and look at after it. */
export interface Machine {
  readonly folder: string
  readonly kind: KindFixture
  readonly kubernetes: KubernetesFake
  readonly github: GitHubFake
  /** Inputs of the action; a test adds its own. */
  readonly inputs: Record<string, string>
  /** Variables of the job; a test adds its own. */
  readonly env: Record<string, string>
  /** What the cluster's controllers do with an object that was applied; false leaves the usual to happen. */
  readonly controllers: ((object: FakeObject) => boolean)[]
  /** What answers behind the ingress and on each service's NodePort. */
  readonly answers: Record<'ingress' | 'foo' | 'bar', Answer>
  /** Replaces a program by another script. */
  readonly setProgram: (name: 'kind' | 'k6' | 'kubectl' | 'docker', script: string) => Promise<void>
  readonly path: (...parts: string[]) => string
  /** Starts main, as the runner does. */
  readonly startMain: () => RunningEntry
  /** Starts post, as the runner does after main, however that ended. */
  readonly startPost: () => RunningEntry
  readonly outputs: () => Record<string, string>
  /** The job summary of main and post. */
  readonly summary: () => string
  /** The run's report; null when there is none. */
  readonly report: () => Report | null
  /** The run's folder. */
  readonly runFolder: () => string
  /** Every start of any program. */
  readonly calls: () => Call[]
  /** What is there of the run although it should not be, once its processes have had the time to end. */
  readonly left: () => Promise<string[]>
  readonly close: () => Promise<void>
}

/** A machine on which a whole run passes: an engine, the tools, a cluster with controllers, services, and GitHub. */
export async function startMachine(): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-'))
  const path = (...parts: string[]) => join(folder, ...parts)
  for (const name of ['temp', 'cache', 'workspace', 'bin', 'home']) mkdirSync(path(name))
  const trackingId = `test_${folder.slice(-6)}_${process.pid}`
  writeFileSync(path('event.json'), JSON.stringify({ number: 7, pull_request: { number: 7, head: { sha: 'abc1234' } } }))
  for (const name of ['output', 'state', 'summary', 'path', 'env']) writeFileSync(path(name), '')

  const kind = await writeKind(folder)
  await writeProgram(folder, 'k6', answersVersion('k6', k6Summary()))
  await writeProgram(folder, 'kubectl', answersVersion('kubectl', ''))
  await symlink(path('docker'), path('bin', 'docker'))
  for (const [name, version] of Object.entries(versions)) {
    const cached = path('cache', name, version, process.arch)
    mkdirSync(cached, { recursive: true })
    await symlink(path(name), join(cached, name))
    writeFileSync(`${cached}.complete`, '')
  }

  const github = await startGitHubFake()
  const controllers: Machine['controllers'] = []
  const kubernetes: KubernetesFake = await startKubernetesFake({
    objects: [...nodeNames.map((name) => node(name, true)), pod('coredns-1', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } })],
    onApplied: (object) => {
      if (!controllers.some((control) => control(object))) asUsual(kubernetes, object)
    },
  })
  kind.boot(kubernetes.kubeconfig)
  kind.finish()

  const answers: Machine['answers'] = {
    ingress: (request, response) => respond(response, request.headers.host?.split('.')[0] ?? ''),
    foo: (_, response) => respond(response, 'foo'),
    bar: (_, response) => respond(response, 'bar'),
  }
  const fronts = await Promise.all(
    (['ingress', 'foo', 'bar'] as const).map((front) => serveOnLoopback((request, response) => answers[front](request, response))),
  )
  const [ingress, foo, bar] = fronts.map(({ url }) => Number(new URL(url).port))

  const inputs: Record<string, string> = {
    'github-token': 'ghs_never-to-be-seen',
    'kind-version': versions.kind,
    'kubectl-version': versions.kubectl,
    'k6-version': versions.k6,
    duration: '1s',
    'health-check-retries': '0',
  }
  const env: Record<string, string> = {}
  const start = (state: Record<string, string>) =>
    startEntry('index.ts', {
      cwd: path('workspace'),
      env: {
        PATH: path('bin'),
        HOME: path('home'),
        RUNNER_TEMP: path('temp'),
        RUNNER_TOOL_CACHE: path('cache'),
        RUNNER_TRACKING_ID: trackingId,
        GITHUB_API_URL: github.url,
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'octo-org/service',
        GITHUB_WORKFLOW: 'pipeline',
        GITHUB_JOB: 'verify',
        GITHUB_RUN_ID: '4242',
        GITHUB_EVENT_PATH: path('event.json'),
        GITHUB_OUTPUT: path('output'),
        GITHUB_STATE: path('state'),
        GITHUB_STEP_SUMMARY: path('summary'),
        GITHUB_PATH: path('path'),
        GITHUB_ENV: path('env'),
        NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'ports.ts')).href}`,
        MLOPS_TEST_PORTS: JSON.stringify({ 80: ingress, 443: ingress, 30080: foo, 30081: bar }),
        ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
        ...env,
        ...state,
      },
    })
  const programs = ['kind', 'k6', 'kubectl', 'docker'] as const
  const calls = () => programs.flatMap((name) => callsOf(path(name)))
  const runFolder = () => path('temp', readdirSync(path('temp')).find((name) => name.startsWith('mlops-pipeline-')) ?? 'none')

  return {
    folder,
    kind,
    kubernetes,
    github,
    inputs,
    env,
    controllers,
    answers,
    path,
    calls,
    runFolder,
    setProgram: async (name, script) => void (await writeProgram(folder, name, answersVersion(name, script))),
    startMain: () => start({}),
    startPost: () => {
      const state = readCommandFile(path('state'))
      return start(Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])))
    },
    outputs: () => readCommandFile(path('output')),
    summary: () => readFileSync(path('summary'), 'utf8'),
    report: () => {
      const file = join(runFolder(), 'report', 'report.json')
      // A link to /dev/full has no end.
      return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? (JSON.parse(readFileSync(file, 'utf8')) as Report) : null
    },
    left: async () => {
      // A process that was told to end takes a moment.
      await eventually('every process has ended', async () => (await trackedProcesses(trackingId)).length === 0).catch(() => {})
      const processes = (await trackedProcesses(trackingId)).map(({ command }) => `process ${command}`)
      const containers = [...kind.clusters().map((name) => `cluster ${name}`), ...kind.nodes().map((name) => `node ${name}`)]
      const others = readdirSync(path('temp')).filter((name) => join(path('temp'), name) !== runFolder())
      const kubeconfigs = existsSync(runFolder()) ? readdirSync(runFolder()).filter((name) => name.startsWith('kubeconfig')) : []
      return [...processes, ...containers, ...others, ...kubeconfigs]
    },
    close: async () => {
      await killTracked(trackingId)
      await Promise.all([github.close(), kubernetes.close(), ...fronts.map(({ close }) => close())])
      await rm(folder, { recursive: true, maxRetries: 5, retryDelay: 50 })
    },
  }
}

/** A program that is asked for its version before it is used. */
function answersVersion(name: string, script: string): string {
  const answers: Record<string, string> = { k6: `k6 v${versions.k6}`, kubectl: JSON.stringify({ clientVersion: { gitVersion: `v${versions.kubectl}` } }) }
  const answer = answers[name]
  return answer === undefined ? script : `if (args[0] === 'version') { say(${JSON.stringify(answer)}); process.exit(0) }\n${script}`
}

/** Runs main and post, the runner's way, to their ends. */
export async function runJob(machine: Machine): Promise<{ main: EntryRun; post: EntryRun }> {
  const main = await machine.startMain().done
  return { main, post: await machine.startPost().done }
}

function respond(response: ServerResponse, body: string): void {
  response.writeHead(200).end(`${body}\n`)
}

/** What a cluster's controllers make of an object when all is well. */
function asUsual(kubernetes: KubernetesFake, { kind, metadata: { name, namespace = 'default' }, spec }: FakeObject): void {
  switch (kind) {
    case 'Deployment': {
      const { replicas = 1, template } = spec as { replicas?: number; template: { metadata: { labels: Record<string, string> }; spec: object } }
      for (let index = 1; index <= replicas; index += 1) {
        kubernetes.put({ ...pod(`${name}-${index}`, { namespace, labels: template.metadata.labels }), spec: template.spec })
      }
      kubernetes.put(deployment(name, replicas, { namespace, replicas }))
      break
    }
    case 'Service':
      kubernetes.put(endpointSlice(name, 2, { namespace }))
      break
    case 'Pod':
      // The lookup of a name.
      kubernetes.put(pod(name, { namespace, phase: 'Succeeded' }))
  }
}
