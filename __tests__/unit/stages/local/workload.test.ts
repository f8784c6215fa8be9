import { describe, expect, test } from '@jest/globals'
import type { KubernetesObject } from '../../../../src/stages/kubernetes.ts'
import { readWorkload } from '../../../../src/stages/local/workload.ts'

const deployment = (container: object, spec: object = { replicas: 3 }): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'foo' },
  spec: { ...spec, template: { spec: { containers: [container] } } },
})
const service: KubernetesObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'foo' } }

describe('the workload of a manifest', () => {
  test('is its Deployment’s replicas, arguments and readiness probe', () => {
    const container = { args: ['-text=foo'], readinessProbe: { httpGet: { path: '/health', port: 'http' }, timeoutSeconds: 2, periodSeconds: 1 } }
    expect(readWorkload([service, deployment(container)])).toEqual({ replicas: 3, args: ['-text=foo'], readiness: { path: '/health', timeoutMs: 2000 } })
  })

  test('has the defaults of the Kubernetes API', () => {
    expect(readWorkload([deployment({ readinessProbe: { httpGet: {} } }, {})])).toEqual({ replicas: 1, args: [], readiness: { path: '/', timeoutMs: 1000 } })
  })

  test.each([
    ['no Deployment', [service], 'expected one Deployment for a local service, got 0'],
    ['two', [deployment({}), deployment({})], 'got 2'],
    ['a probe that is no HTTP', [deployment({ readinessProbe: { exec: {} } })], /Deployment foo cannot be run as local processes: .*httpGet/s],
    ['no probe', [deployment({})], /readinessProbe/],
  ])('with %s cannot be run here', (_, objects, message) => {
    expect(() => readWorkload(objects)).toThrow(message)
  })
})
