import '../fakes/realm.ts'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { publishedPorts, takenPorts } from '../../src/adapters/engine.ts'
import { kindProgram } from '../../src/adapters/kind.ts'
import { connectKubernetes } from '../../src/adapters/kubernetes.ts'
import { ProcessError, runProcess } from '../../src/adapters/process.ts'
import { until } from '../../src/adapters/retry.ts'
import type { WantedPort } from '../../src/config/ports.ts'
import { kindConfig } from '../../src/stages/cluster/cluster.ts'
import { type ClusterAdapters, clusterStage } from '../../src/stages/cluster/stage.ts'
import type { Tool } from '../../src/stages/tools/tool.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { type KindFixture, writeKind } from '../fakes/kind.ts'
import { type KubernetesFake, kubeconfigOf, startKubernetesFake } from '../fakes/kubernetes.ts'
import { callsOf, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
let kind: KindFixture
let fake: KubernetesFake | undefined
/** Ends with the test, as the pipeline ends what a failed stage left waiting. */
let over: AbortController
const before = { ...process.env }
const reason = new Error('the run is over')
const never = new AbortController().signal
beforeEach(async () => {
  over = new AbortController()
  folder = await mkdtemp(join(tmpdir(), 'kind-'))
  kind = await writeKind(folder)
  await writePodman()
  process.env = {
    PATH: folder,
    HOME: folder,
    GITHUB_TOKEN: 'ghs_1',
    INPUT_VUS: '3',
    KIND_EXPERIMENTAL_PROVIDER: 'nerdctl',
    HTTPS_PROXY: 'http://proxy.example:3128',
  }
})
afterEach(async () => {
  over.abort(reason)
  process.env = { ...before }
  await endProgram(kind.path)
  await fake?.close()
  fake = undefined
  await rm(folder, { recursive: true })
})

/** podman as far as volumes go. */
async function writePodman(volumes: object[] | null = [], exit = 0): Promise<void> {
  await writeProgram(
    folder,
    'podman',
    `if (args[0] === 'ps') process.exit(0)
if (args[1] === 'ls') say(${JSON.stringify(JSON.stringify(volumes))}); if (${exit}) complain('Error: database is locked\\n'); process.exit(${exit})`,
  )
}

const kubeconfig = () => join(folder, 'kubeconfig')
const program = (engine: 'docker' | 'podman' = 'docker') => kindProgram(runProcess, kind.path, engine)
const argsOf = (command: string) =>
  kind
    .calls()
    .map(({ args }) => args)
    .filter((args) => args.join(' ').startsWith(command))

function create(lines: string[] = [], signal = never): Promise<void> {
  const creating = program('podman').create(
    {
      name: 'mine',
      config: { kind: 'Cluster', nodes: [{ role: 'control-plane' }] },
      kubeconfig: kubeconfig(),
      onLine: (line) => lines.push(line),
    },
    signal,
  )
  creating.catch(() => {})
  return creating
}

describe('kind as a program', () => {
  test('gets the engine that was found, no credentials, and what reaches registries', async () => {
    await program('podman').clusters(never)
    expect(kind.calls()[0]?.env).toEqual({ PATH: folder, HOME: folder, KIND_EXPERIMENTAL_PROVIDER: 'podman', HTTPS_PROXY: 'http://proxy.example:3128' })
  })

  test('lists clusters, none or some', async () => {
    expect(await program().clusters(never)).toEqual([])
    kind.addCluster('one')
    kind.addCluster('two')
    expect(await program().clusters(never)).toEqual(['one', 'two'])
  })

  test('creates from a file, keeps failed nodes for their logs, leaves waiting to us, and never touches the user’s kubeconfig', async () => {
    const lines: string[] = []
    kind.boot(kubeconfigOf('http://127.0.0.1:9'))
    kind.finish()
    await create(lines)
    const file = join(folder, 'kind.yaml')
    expect(argsOf('create')).toEqual([['create', 'cluster', '--name', 'mine', '--config', file, '--kubeconfig', kubeconfig(), '--retain']])
    expect(parse(await readFile(file, 'utf8'))).toEqual({ kind: 'Cluster', nodes: [{ role: 'control-plane' }] })
    expect(lines[0]).toBe('Creating cluster "mine" ...')
  })

  test('fails with all that kind said', async () => {
    kind.finish(
      'ERROR: failed to create cluster: command "podman run" failed with error: exit status 126\nCommand Output: rootlessport listen tcp 127.0.0.1:80: bind: address already in use',
    )
    const error: unknown = await create().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProcessError)
    expect((error as ProcessError).stderr).toContain('address already in use')
  })

  test('exports logs into a folder', async () => {
    await program().exportLogs('mine', join(folder, 'logs'), never)
    expect(argsOf('export')).toEqual([['export', 'logs', join(folder, 'logs'), '--name', 'mine']])
  })
})

describe('the kubeconfig', () => {
  test('is not there until the control plane has one, which is no error', async () => {
    expect(await program().writeKubeconfig('mine', kubeconfig(), never)).toBe(false)
    kind.addCluster('mine')
    expect(await program().writeKubeconfig('mine', kubeconfig(), never)).toBe(false)
    kind.boot('')
    expect(await program().writeKubeconfig('mine', kubeconfig(), never)).toBe(false)
    expect(existsSync(kubeconfig())).toBe(false)
  })

  test('is written whole and for us alone', async () => {
    kind.addCluster('mine')
    kind.boot(kubeconfigOf('http://127.0.0.1:9'))
    expect(await program().writeKubeconfig('mine', kubeconfig(), never)).toBe(true)
    expect(await readFile(kubeconfig(), 'utf8')).toBe(kubeconfigOf('http://127.0.0.1:9'))
    expect(statSync(kubeconfig()).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).filter((name) => name.startsWith('kubeconfig'))).toEqual(['kubeconfig'])
  })

  test('is not waited for after an abort', async () => {
    await expect(program().writeKubeconfig('mine', kubeconfig(), AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('a deletion', () => {
  test('takes the cluster and the kubeconfig', async () => {
    kind.addCluster('mine')
    kind.addCluster('other')
    await writeFile(kubeconfig(), 'text')
    await program().remove('mine', kubeconfig(), never)
    expect(argsOf('delete')).toEqual([['delete', 'cluster', '--name', 'mine', '--kubeconfig', kubeconfig()]])
    expect(kind.clusters()).toEqual(['other'])
    expect(existsSync(kubeconfig())).toBe(false)
  })

  test('of what is not there is no error, nor is a second one', async () => {
    await program('podman').remove('mine', kubeconfig(), never)
    await program('podman').remove('mine', kubeconfig(), never)
  })

  test('is tried again when the engine failed at it', async () => {
    kind.addCluster('mine')
    kind.failDeletions(1)
    await program().remove('mine', kubeconfig(), never)
    expect(kind.clusters()).toEqual([])
  })

  test('takes podman’s volumes of the cluster’s nodes, and nobody else’s', async () => {
    await writePodman([
      { Name: 'a1', Labels: { 'mine-control-plane': '' } },
      { Name: 'a2', Labels: { 'mine-worker2': '' } },
      { Name: 'b1', Labels: { 'mine-2-control-plane': '' } },
      { Name: 'b2', Labels: { 'not-mine-worker': '' } },
      { Name: 'c1', Labels: null },
      { Name: 'c2', Labels: {} },
    ])
    await program('podman').remove('mine', kubeconfig(), never)
    expect(callsOf(join(folder, 'podman')).map(({ args }) => args)).toEqual([
      ['ps', '--all', '--quiet', '--filter', 'label=io.x-k8s.kind.cluster=mine'],
      ['volume', 'ls', '--format', 'json'],
      ['volume', 'rm', '--force', 'a1', 'a2'],
    ])
  })

  test('asks podman nothing when the engine is docker', async () => {
    await program('docker').remove('mine', kubeconfig(), never)
    expect(callsOf(join(folder, 'podman'))).toEqual([])
  })

  test('takes the kubeconfig even when podman cannot tell its volumes', async () => {
    await writePodman([], 125)
    await writeFile(kubeconfig(), 'text')
    await program('podman')
      .remove('mine', kubeconfig(), never)
      .catch(() => {})
    expect(existsSync(kubeconfig())).toBe(false)
  })

  test('ends at an abort', async () => {
    await expect(program().remove('mine', kubeconfig(), AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('the cluster stage with kind', () => {
  type Claimed = Parameters<ClusterAdapters['claim']>[0]
  const tool = (): Tool => ({ name: 'kind', version: '0.33.0', path: kind.path, from: 'download' })

  function start({ ports = [] as WantedPort[], signal = never } = {}) {
    const claims: { claimed: Claimed; clusters: string[] }[] = []
    const said: string[] = []
    const warnings: string[] = []
    const stage = clusterStage(
      {
        name: 'mine',
        nodeImage: 'kindest/node:v1.37.0',
        config: kindConfig({ workers: 2, image: 'kindest/node:v1.37.0', ports }),
        kubeconfig: kubeconfig(),
        ports,
      },
      {
        findEngine: async () => ({ engine: 'docker', version: '29.4.0' }),
        kind: ({ path }, engine) => kindProgram(runProcess, path, engine),
        takenPorts,
        publishedPorts: (engine, container, own) => publishedPorts(runProcess, engine, container, own),
        connect: connectKubernetes,
        claim: (claimed) => claims.push({ claimed, clusters: kind.clusters() }),
        until,
      },
    )
    const running = stage.run(
      { kind: tool() },
      { signal: AbortSignal.any([signal, over.signal]), progress: (message) => said.push(message), warn: (message) => warnings.push(message) },
    )
    running.catch(() => {})
    const tearDown = (own = never) => (stage.teardown as NonNullable<typeof stage.teardown>)(own)
    return { running, tearDown, claims, said, warnings }
  }

  test('passes when the API server answers, while kind still joins the workers', async () => {
    fake = await startKubernetesFake()
    fake.fail({ status: 403 })
    const { running, tearDown, claims, said } = start()
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    kind.boot(fake.kubeconfig)
    const cluster = await running
    expect(cluster).toMatchObject({ name: 'mine', engine: 'docker', engineVersion: '29.4.0', kubeconfig: kubeconfig(), nodeCount: 3 })
    // It is claimed before it exists, so that whoever comes after can delete it.
    expect(claims).toEqual([{ claimed: { name: 'mine', engine: 'docker', kind: kind.path, kubeconfig: kubeconfig() }, clusters: [] }])
    await eventually('kind’s own steps are told', () => said.includes('kind: Preparing nodes'))
    kind.finish()
    await cluster.created

    await tearDown()
    expect(kind.clusters()).toEqual([])
    expect(claims.at(-1)?.claimed).toBeNull()
    expect(existsSync(kubeconfig())).toBe(false)
  })

  test('leaves free ports to the engine, and reads back which it took', async () => {
    fake = await startKubernetesFake()
    const published = [
      { NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }], '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '32769' }] } } },
    ]
    await writeProgram(folder, 'docker', `say(${JSON.stringify(JSON.stringify(published))})`)
    const { running, tearDown } = start({ ports: [{ hostPort: 0, nodePort: 80, node: 'control-plane', input: 'http-port' }] })
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    kind.boot(fake.kubeconfig)
    expect((await running).ports).toEqual([{ hostPort: 32768, nodePort: 80 }])
    expect(parse(await readFile(join(folder, 'kind.yaml'), 'utf8')).nodes[0].extraPortMappings).toMatchObject([{ containerPort: 80, hostPort: -1 }])
    expect(callsOf(join(folder, 'docker')).map(({ args }) => args)).toEqual([['container', 'inspect', 'mine-control-plane']])
    kind.finish()
    await tearDown()
  })

  test('leaves a cluster of that name alone that is not ours', async () => {
    kind.addCluster('mine')
    const { running, tearDown, claims } = start()
    const failure = await failureOf(running)
    expect(failure).toMatchObject({
      kind: 'config',
      message: expect.stringContaining('mine'),
      remedy: expect.stringContaining('kind delete cluster --name mine'),
    })
    await tearDown()
    expect(kind.clusters()).toEqual(['mine'])
    expect(argsOf('delete')).toEqual([])
    expect(argsOf('create')).toEqual([])
    expect(claims).toEqual([])
  })

  test('leaves one alone that somebody else created in the meantime', async () => {
    const { running, tearDown, claims } = start()
    await eventually('kind creates', () => argsOf('create').length === 1)
    kind.finish('ERROR: failed to create cluster: node(s) already exist for a cluster with the name "mine"')
    expect((await failureOf(running)).message).toContain('node(s) already exist for a cluster with the name "mine"')
    await tearDown()
    expect(argsOf('delete')).toEqual([])
    expect(claims.at(-1)?.claimed).toBeNull()
  })

  test('refuses a port that is taken, by its input’s name, before anything exists', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { running, tearDown, claims } = start({ ports: [{ hostPort: port, nodePort: 80, node: 'control-plane', input: 'http-port' }] })
    const failure = await failureOf(running)
    expect(failure).toMatchObject({ kind: 'infrastructure', message: `port ${port} (http-port) of this machine is already in use` })
    await tearDown()
    await new Promise((resolve) => server.close(resolve))
    expect(argsOf('create')).toEqual([])
    expect(argsOf('delete')).toEqual([])
    expect(claims).toEqual([])
  })

  test.each([
    [
      'docker: a port',
      'ERROR: failed to create cluster: command "docker run --name mine-control-plane" failed with error: exit status 125\nCommand Output: docker: Error response from daemon: driver failed programming external connectivity: Bind for 127.0.0.1:80 failed: port is already allocated',
      /^kind could not create mine: .*Bind for 127\.0\.0\.1:80 failed: port is already allocated$/,
      'http-port',
    ],
    [
      'an image',
      'ERROR: failed to create cluster: failed to pull image "kindest/node:v9": command "docker pull kindest/node:v9" failed with error: exit status 1\nCommand Output: Error response from daemon: manifest for kindest/node:v9 not found: manifest unknown',
      /^kind could not create mine: .*(failed to pull image "kindest\/node:v9"|manifest unknown)/,
      'node-image',
    ],
    [
      'something nobody knows',
      'ERROR: failed to create cluster: the moon is full',
      /^kind could not create mine: (failed to create cluster: )?the moon is full \(at the second try, too\)$/,
      'logs',
    ],
  ])('says why kind could not create it (%s), and deletes what there is', async (_, stderr, words, remedy) => {
    const { running, tearDown } = start()
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    kind.finish(stderr)
    const failure = await failureOf(running)
    expect(failure.message).toMatch(words)
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringContaining(remedy) })
    expect(kind.clusters()).toEqual(['mine'])
    await tearDown()
    expect(kind.clusters()).toEqual([])
  })

  test('creates it once more, on clean ground, when the failure may pass', async () => {
    fake = await startKubernetesFake()
    const { running, tearDown, said, warnings } = start()
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    // The first control plane has come as far as a kubeconfig, of a server that will never answer.
    kind.boot(kubeconfigOf('http://127.0.0.1:9'))
    await eventually('its kubeconfig is read', () => existsSync(kubeconfig()))
    kind.finish('ERROR: failed to create cluster: could not find a log line that matches "Reached target"', { once: true })
    await eventually('it is deleted', () => argsOf('delete').length === 1)
    kind.boot(fake.kubeconfig)
    await eventually('it is created once more', () => argsOf('create').length === 2 && kind.clusters().includes('mine'))
    const cluster = await running
    kind.finish()
    await cluster.created
    expect(said).toContainEqual(expect.stringMatching(/^trying once more: kind could not create mine: could not find a log line/))
    expect(warnings).toEqual([expect.stringMatching(/^The cluster was created at the second try\. The first: .*could not find a log line/)])
    await tearDown()
    expect(kind.clusters()).toEqual([])
  }, 30_000)

  test('tells of a failure that comes after it has passed, through `created`', async () => {
    fake = await startKubernetesFake()
    const { running, tearDown } = start()
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    kind.boot(fake.kubeconfig)
    const { created } = await running
    kind.finish('ERROR: failed to create cluster: failed to join node with kubeadm: exit status 1')
    expect((await failureOf(created)).message).toContain('failed to join node with kubeadm')
    await tearDown()
    expect(kind.clusters()).toEqual([])
  })

  test('at an abort ends kind, and then deletes what it had begun', async () => {
    const controller = new AbortController()
    const { running, tearDown, claims } = start({ signal: controller.signal })
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    const creating = kind.calls().find(({ args }) => args[0] === 'create')?.pid as number
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    await tearDown()
    expect(await isAlive(creating)).toBe(false)
    expect(kind.clusters()).toEqual([])
    expect(claims.at(-1)?.claimed).toBeNull()
  })

  test('torn down before it began anything does nothing', async () => {
    const { running, tearDown } = start({ signal: AbortSignal.abort(reason) })
    await expect(running).rejects.toBe(reason)
    await tearDown()
    expect(argsOf('delete')).toEqual([])
  })

  test('keeps its claim when the deletion fails, so that post tries again', async () => {
    fake = await startKubernetesFake()
    const { running, tearDown, claims } = start()
    await eventually('kind creates', () => kind.clusters().includes('mine'))
    kind.boot(fake.kubeconfig)
    await running
    kind.failDeletions(1000)
    const deadline = new AbortController()
    const tearingDown = tearDown(deadline.signal)
    tearingDown.catch(() => {})
    await eventually('it was tried', () => argsOf('delete').length > 0)
    deadline.abort(reason)
    await expect(tearingDown).rejects.toBe(reason)
    expect(claims.at(-1)?.claimed).toMatchObject({ name: 'mine' })
  })
})
