import { describe, expect, test } from '@jest/globals'
import { nodePorts } from '../../../../src/config/config.ts'
import { serviceNames } from '../../../../src/config/services.ts'
import type { Cluster } from '../../../../src/stages/cluster/cluster.ts'
import { nginx } from '../../../../src/stages/ingress/controllers/nginx.ts'
import { traefik } from '../../../../src/stages/ingress/controllers/traefik.ts'
import { noIngressStage } from '../../../../src/stages/ingress/none.ts'
import { ingressStage } from '../../../../src/stages/ingress/stage.ts'
import { echoServices } from '../../../../src/stages/services/service.ts'
import { servicesStage } from '../../../../src/stages/services/stage.ts'
import { services } from '../../runs.ts'
import { clusterInMemory } from '../kubernetes.ts'
import { deploymentOf, waitingPod } from '../objects.ts'

const context = () => ({ signal: new AbortController().signal, progress: () => {} })
const ports = [
  { hostPort: 8080, nodePort: 80 },
  { hostPort: 32768, nodePort: 30080 },
]
const needs = { cluster: { kubeconfig: '/k', created: Promise.resolve(), ports } as unknown as Cluster }
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
        url: null,
        expect: { status: 200, body: 'foo' },
      },
      {
        name: 'bar',
        image: 'reg.example/echo:1',
        replicas: 2,
        host: 'bar.localhost',
        path: '/',
        nodePort: 30081,
        url: null,
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
    servicesStage(
      { namespace: 'mlops-services', services: echoServices('echo:1', nodePorts), objects: async () => [object], readyTimeoutMs: 300_000 },
      async () => cluster.kubernetes,
    )

  test('applies them, waits for every replica, and hands on their routes with the addresses that the cluster’s ports give them', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('foo', 2), deploymentOf('bar', 1)] })
    const run = stageOf(cluster).run(needs, context())
    await settled()
    expect(cluster.applied).toEqual([object])
    cluster.put('deployments', [deploymentOf('foo', 2), deploymentOf('bar', 2)])
    const { namespace, routes, processes } = await run
    expect([namespace, processes]).toEqual(['mlops-services', null])
    expect(routes.map(({ name, url }) => `${name} ${url}`)).toEqual(['foo http://127.0.0.1:32768', 'bar null'])
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
  const stageOf = (cluster: ReturnType<typeof clusterInMemory>, controller = nginx, baseUrl: string | null = null) =>
    ingressStage({ controller, image: 'reg.example/nginx:1', objects: async () => [object], baseUrl, readyTimeoutMs: 300_000 }, async () => cluster.kubernetes)

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

  test.each([nginx, traefik])('$name that fails is never the workload’s failure, which did not ask for it', async (controller) => {
    const cluster = clusterInMemory()
    const run = stageOf(cluster, controller).run(needs, context())
    run.catch(() => {})
    await settled()
    cluster.put('pods', [waitingPod(`${controller.deployment}-1`, 'ErrImagePull', 'not found')])
    await expect(run).rejects.toMatchObject({
      kind: 'infrastructure',
      message: expect.stringMatching(new RegExp(`^${controller.deployment}: .* cannot be pulled`)),
    })
  })

  test('of Traefik says nothing against it', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('traefik', 1, 1)] })
    expect(await stageOf(cluster, traefik).run(needs, context())).toMatchObject({ controller: 'traefik', className: 'traefik', note: null })
  })

  test('hands on base-url where that says something else', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('traefik', 1, 1)] })
    expect((await stageOf(cluster, traefik, 'https://elsewhere.example').run(needs, context())).baseUrl).toBe('https://elsewhere.example')
  })

  test('that no port leads to is a failure of the configuration', async () => {
    const cluster = clusterInMemory({ deployments: [deploymentOf('traefik', 1, 1)] })
    const portless = { cluster: { ...needs.cluster, ports: [] } }
    await expect(stageOf(cluster, traefik).run(portless, context())).rejects.toMatchObject({ kind: 'config', remedy: expect.stringContaining('base-url') })
  })
})

describe('no ingress', () => {
  test('waits for nothing, and says where requests go', async () => {
    const { needs: stages, run } = noIngressStage(null)
    expect(stages).toEqual([])
    expect(await run({}, context())).toEqual({
      controller: 'none',
      image: null,
      className: null,
      baseUrl: null,
      note: 'No ingress: straight to NodePorts.',
      process: null,
    })
  })

  test('of ours leaves base-url to somebody else’s', async () => {
    expect(await noIngressStage('https://elsewhere.example').run({}, context())).toMatchObject({
      baseUrl: 'https://elsewhere.example',
      note: 'No ingress of ours: requests go to https://elsewhere.example with each service’s Host header.',
    })
  })
})
