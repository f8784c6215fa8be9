import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/pipeline/failure.ts'
import type { Kubernetes, KubernetesObject } from '../../src/stages/kubernetes.ts'
import { eventually } from '../fakes/eventually.ts'

/** A server to hold to the contract. */
export interface Server {
  readonly kubernetes: Kubernetes
  readonly close: () => Promise<void>
}

/** What the adapter promises on any API server, the fake and a real one alike. Leaves nothing behind. */
export function kubernetesContract(what: string, open: () => Promise<Server>): void {
  describe(`the Kubernetes adapter on ${what}`, () => {
    const namespace = `mlops-contract-${randomUUID().slice(0, 8)}`
    const { signal } = new AbortController()
    let server: Server
    let kubernetes: Kubernetes
    const space: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }
    beforeAll(async () => {
      server = await open()
      kubernetes = server.kubernetes
      await kubernetes.apply([space], signal)
    })
    afterAll(async () => {
      await kubernetes.remove(space, signal)
      await server.close()
    })

    // Without replicas, so that nothing runs anywhere.
    const deployment = (name: string, labels: Record<string, string> = {}, image = 'example.invalid/none:1'): KubernetesObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'none', image }] } },
      },
    })
    const names = (items: readonly { metadata: { name: string } }[]) => items.map(({ metadata }) => metadata.name).sort()

    test('answers, and tells its version', async () => {
      expect(await kubernetes.answers(signal)).toBe(true)
      expect(await kubernetes.version(signal)).toMatch(/^v\d+\.\d+\.\d+/)
    })

    test('applies an object, once or twice', async () => {
      await kubernetes.apply([deployment('twice')], signal)
      await kubernetes.apply([deployment('twice', {}, 'example.invalid/none:2')], signal)
      const found = (await kubernetes.list('deployments', { namespace }, signal)).filter(({ metadata }) => metadata.name === 'twice')
      expect(found).toHaveLength(1)
      expect(JSON.stringify(found)).toContain('example.invalid/none:2')
    })

    test('names an object that it may not apply, in the server’s words', async () => {
      const lost = { ...deployment('lost'), metadata: { name: 'lost', namespace: `${namespace}-nowhere` } }
      const error: unknown = await kubernetes.apply([lost], signal).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Failure)
      expect(error).toMatchObject({
        message: `Deployment ${namespace}-nowhere/lost could not be applied: namespaces "${namespace}-nowhere" not found`,
        kind: 'workload',
      })
    })

    test('lists by namespace and by label', async () => {
      await kubernetes.apply([deployment('blue', { colour: 'blue' }), deployment('red', { colour: 'red' })], signal)
      expect(names(await kubernetes.list('deployments', { namespace }, signal))).toEqual(expect.arrayContaining(['blue', 'red']))
      expect(names(await kubernetes.list('deployments', { namespace, labelSelector: 'colour=red' }, signal))).toEqual(['red'])
      expect(await kubernetes.list('deployments', { namespace: `${namespace}-nowhere` }, signal)).toEqual([])
    })

    test('follows what comes and goes', async () => {
      const seen: string[][] = []
      const watching = kubernetes.watch(
        'deployments',
        { namespace, labelSelector: 'watched=yes' },
        (items) => {
          seen.push(names(items))
          return seen.length > 1 && items.length === 0 ? 'gone again' : undefined
        },
        signal,
      )
      await eventually('the first look', () => seen.length > 0)
      const watched = deployment('watched', { watched: 'yes' })
      await kubernetes.apply([watched], signal)
      await eventually('it is seen', () => seen.some((list) => list.includes('watched')))
      await kubernetes.remove(watched, signal)
      expect(await watching).toBe('gone again')
      expect(seen[0]).toEqual([])
    })

    test('removes what is there, and is content when it is not', async () => {
      await kubernetes.apply([deployment('brief')], signal)
      await kubernetes.remove(deployment('brief'), signal)
      await kubernetes.remove(deployment('brief'), signal)
      expect(names(await kubernetes.list('deployments', { namespace }, signal))).not.toContain('brief')
    })

    test('says what an API server says of a service that leads nowhere, and of none', async () => {
      const service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'nowhere', namespace },
        spec: { selector: { app: 'none' }, ports: [{ name: 'http', port: 80 }] },
      }
      await kubernetes.apply([service], signal)
      const ask = (name: string) => kubernetes.askService({ namespace, service: name, port: 'http', path: '/health' }, signal)
      expect(await ask('nowhere')).toEqual({ status: 503, words: expect.stringContaining('no endpoints available for service') })
      expect(await ask('nobody')).toEqual({ status: 404, words: 'services "nobody" not found' })
      expect((await kubernetes.list('services', { namespace }, signal)).find(({ metadata }) => metadata.name === 'nowhere')?.spec?.selector).toEqual({
        app: 'none',
      })
    })

    test('has no log of a pod that does not exist', async () => {
      expect(await kubernetes.logs({ metadata: { name: 'nobody', namespace } }, 'none', { tailLines: 5 }, signal)).toBe('')
    })
  })
}
