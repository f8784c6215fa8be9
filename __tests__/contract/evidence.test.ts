import '../fakes/realm.ts'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { collectEvidence } from '../../src/adapters/evidence.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { credentialRedactor } from '../../src/pipeline/credentials.ts'
import type { OwnedCluster } from '../../src/stages/cluster/stage.ts'
import { eventually } from '../fakes/eventually.ts'
import { fakeTimers } from '../fakes/hurry.ts'
import { type KindFixture, writeKind } from '../fakes/kind.ts'
import { type KubernetesFake, startKubernetesFake } from '../fakes/kubernetes.ts'
import { crashingPod, deployment, namespace, node, pod, warning } from '../fakes/kubernetes-objects.ts'
import { callsOf, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
let kind: KindFixture
let fake: KubernetesFake
let kubectl: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-'))
  kind = await writeKind(folder)
  kind.addCluster('mine')
  kubectl = await writeProgram(folder, 'kubectl', `say('Name: foo-1\\n')`)
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'apps' }, data: { key: 'c2VjcmV0' } }
  fake = await startKubernetesFake({
    objects: [
      namespace('apps'),
      node('control-plane', true),
      pod('foo-1'),
      crashingPod('bar-1'),
      deployment('bar', 0),
      warning('bar-1', 'BackOff', 'again'),
      secret,
    ],
  })
  fake.setLog('apps', 'bar-1', 'echo', 'this run\n')
  fake.setLog('apps', 'bar-1', 'echo', 'the run before\n', { previous: true })
  fake.setLog('apps', 'foo-1', 'echo', 'all is well\n')
  await writeFile(join(folder, 'kubeconfig'), fake.kubeconfig)
})
afterEach(async () => {
  jest.useRealTimers()
  for (const program of [kind.path, kubectl]) await endProgram(program)
  await fake.close()
  await rm(folder, { recursive: true })
})

/** Deletes a cluster, as if it had never been there. */
async function kindWithout(name: string): Promise<void> {
  await runProcess(kind.path, ['delete', 'cluster', '--name', name], { signal: new AbortController().signal, env: {} })
}

const output = () => join(folder, 'evidence')
const files = async () =>
  (await readdir(output(), { recursive: true, withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(output().length + 1))
    .sort()
function collect({ withKubectl = true, signal = new AbortController().signal } = {}): Promise<string[]> {
  const cluster: OwnedCluster = { name: 'mine', engine: 'docker', kind: kind.path, kubeconfig: join(folder, 'kubeconfig') }
  return collectEvidence(
    {
      cluster,
      kubectl: withKubectl ? kubectl : null,
      folder: output(),
      run: runProcess,
      redact: credentialRedactor({ HTTPS_PROXY: 'http://someone:correct-horse@proxy.example:3128' }),
    },
    signal,
  )
}
const snapshotFiles = ['deployments.json', 'endpointslices.json', 'events.json', 'nodes.json', 'pods.json']

describe('evidence', () => {
  test('is the nodes’ logs, what the API knows, descriptions, and the logs of pods that are not well', async () => {
    expect(await collect()).toEqual([])
    expect(await files()).toEqual(
      [...snapshotFiles, 'describe.txt', 'kind/control-plane/kubelet.log', 'logs/apps_bar-1_echo.log', 'logs/apps_bar-1_echo.previous.log'].sort(),
    )
    expect(await readFile(join(output(), 'logs/apps_bar-1_echo.previous.log'), 'utf8')).toBe('the run before\n')
    expect(JSON.parse(await readFile(join(output(), 'events.json'), 'utf8'))).toMatchObject([{ reason: 'BackOff' }])
    expect(await readFile(join(output(), 'describe.txt'), 'utf8')).toMatch(/^Name: foo-1\n?$/)
  })

  test('holds no Secret: none is asked for', async () => {
    await collect()
    expect(fake.requests.filter(({ path }) => path.includes('secret'))).toEqual([])
    const [call] = callsOf(kubectl)
    expect(call?.args).toEqual(['describe', 'nodes,pods,services,ingresses', '--all-namespaces', '--kubeconfig', join(folder, 'kubeconfig')])
  })

  test('comes without descriptions when kubectl was not installed', async () => {
    expect(await collect({ withKubectl: false })).toEqual([])
    expect(await files()).not.toContain('describe.txt')
  })

  test('of a cluster that never got a node is nothing, and nothing is missing', async () => {
    await kindWithout('mine')
    await rm(join(folder, 'kubeconfig'))
    expect(await collect()).toEqual([])
    expect(await files()).toEqual([])
    expect(fake.requests).toEqual([])
  })

  test('comes as far as it can be had, and what is missing is named', async () => {
    await rm(kind.path)
    await writeProgram(folder, 'kubectl', `complain('error: the server is on fire\\n'); process.exit(1)`)
    const missing = await collect()
    expect(missing).toEqual([
      expect.stringMatching(/^the nodes’ logs could not be gathered: .*ENOENT/),
      expect.stringMatching(/^the descriptions could not be gathered: .*the server is on fire/),
    ])
    expect(await files()).toEqual(expect.arrayContaining(snapshotFiles))
  })

  test('of a cluster whose API server is gone is the rest', async () => {
    await fake.close()
    const collecting = collect()
    fakeTimers()
    const rest = ['describe.txt', 'kind/control-plane/kubelet.log']
    let missing: string[] | undefined
    void collecting.then((lines) => {
      missing = lines
    })
    await eventually(
      'the rest is there',
      async () => (await files()).join() === rest.join() && !(await Promise.all(kind.calls().map(({ pid }) => isAlive(pid)))).includes(true),
    )
    for (let second = 0; second < 70 && missing === undefined; second += 1) await jest.advanceTimersByTimeAsync(1000)
    jest.useRealTimers()
    expect(await eventually('it has ended', () => missing)).toEqual([expect.stringContaining('the snapshot of nodes, pods and events could not be gathered')])
    expect(await files()).toEqual(rest)
    fake = await startKubernetesFake()
  })

  test('does not hold up an abort', async () => {
    fake.fail({ status: 'hang', times: 100 })
    await writeProgram(folder, 'kubectl', 'forever()')
    const controller = new AbortController()
    const collecting = collect({ signal: controller.signal })
    await eventually('kubectl runs', () => callsOf(kubectl).length > 0)
    controller.abort(new Error('the run is over'))
    expect(await collecting).toEqual(expect.arrayContaining([expect.stringContaining('the run is over')]))
  })
})
