import { describe, expect, test } from '@jest/globals'
import { nodePorts } from '../../../../src/config/config.ts'
import { serviceNames } from '../../../../src/config/services.ts'
import type { Cluster } from '../../../../src/stages/cluster/cluster.ts'
import { nginx } from '../../../../src/stages/ingress/controllers/nginx.ts'
import { ingressStage } from '../../../../src/stages/ingress/stage.ts'
import { echoServices } from '../../../../src/stages/services/service.ts'
import { servicesStage } from '../../../../src/stages/services/stage.ts'
import { services } from '../../runs.ts'
import { clusterInMemory } from '../kubernetes.ts'
import { deploymentOf, waitingPod } from '../objects.ts'

const context = () => ({ signal: new AbortController().signal, progress: () => {} })
const needs = { cluster: { kubeconfig: '/k', created: Promise.resolve() } as Cluster }
const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the echo services', () => {
  test('are foo and bar, two replicas each, each with its host, NodePort and answer', () => {
    expect(echoServices('reg.example/echo:1', nodePorts)).toEqual([
      {
        name: 'foo',
        image: 'reg.example/echo:1',
        replicas: 2,
        host: 'foo.localhost',
        path: '/',
        nodePort: 30080,
        expect: { status: 200, body: 'foo' },
      },
      {
        name: 'bar',
        image: 'reg.example/echo:1',
        replicas: 2,
        host: 'bar.localhost',
        path: '/',
        nodePort: 30081,
        expect: { status: 200, body: 'bar' },
      },
    ])
  })

  test('are the ones that thresholds may name', () => {
    expect(services.map(({ name }) => name)).toEqual([...serviceNames])
  })
})

describe('rolling out the services', () => {
  const stageOf = (cluster: ReturnType<typeof clusterInMemory>) =>
    servicesStage({ namespace: 'mlops-services', services, objects: async () => [object], readyTimeoutMs: 300_000 }, async () => cluster.kubernetes)

  test('applies them, waits for every replica, and hands on their routes', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('foo', 2), deploymentOf('bar', 1)] })
    const run = stageOf(cluster).run(needs, context())
    await settled()
    expect(cluster.applied).toEqual([object])
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 2)])
    expect(await run).toEqual({ namespace: 'mlops-services', routes: services, processes: null })
  })

  test('that fails is the workload’s failure', async () => {
    const cluster = clusterInMemory()
    const run = stageOf(cluster).run(needs, context())
    run.catch(() => {})
    await settled()
    cluster.put('pods', [waitingPod('foo-1', 'ErrImagePull', 'not found')])
    await expect(run).rejects.toMatchObject({ kind: 'workload', message: expect.stringMatching(/^foo: 0 of 1 pods ready; pod foo-1: image/) })
  })
})

describe('installing the ingress controller', () => {
  const stageOf = (cluster: ReturnType<typeof clusterInMemory>) =>
    ingressStage(
      { controller: nginx, image: 'reg.example/nginx:1', objects: async () => [object], baseUrl: 'http://127.0.0.1:8080', readyTimeoutMs: 300_000 },
      async () => cluster.kubernetes,
    )

  test('hands on where services answer, and that upstream retired it', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('ingress-nginx-controller', 1, 1)] })
    expect(await stageOf(cluster).run(needs, context())).toEqual({
      controller: 'nginx',
      image: 'reg.example/nginx:1',
      className: 'nginx',
      baseUrl: 'http://127.0.0.1:8080',
      note: expect.stringContaining('retired'),
      process: null,
    })
    expect(cluster.applied).toEqual([object])
  })

  test('that fails is never the workload’s failure, which did not ask for it', async () => {
    const cluster = clusterInMemory()
    const run = stageOf(cluster).run(needs, context())
    run.catch(() => {})
    await settled()
    cluster.put('pods', [waitingPod('ingress-nginx-controller-1', 'ErrImagePull', 'not found')])
    await expect(run).rejects.toMatchObject({ kind: 'infrastructure' })
  })
})
