import { describe, expect, test } from '@jest/globals'
import type { ProbeResult } from '../../../../src/stages/health/probe.ts'
import { serviceCause, serviceEvidence } from '../../../../src/stages/health/service-cause.ts'
import type { Sight } from '../../../../src/stages/health/sight.ts'
import type { IngressObject, PodObject, ServiceObject } from '../../../../src/stages/kubernetes.ts'
import { services } from '../../runs.ts'
import { readyPod } from '../objects.ts'

const [foo] = services as [(typeof services)[number]]

const serviceOf = (name: string, spec: object = {}): ServiceObject => ({
  metadata: { name },
  spec: { type: 'NodePort', selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: 30080 }], ...spec },
})
const podOf = (name: string, app = 'foo', ready = true): PodObject => ({
  ...readyPod(name),
  metadata: { name, labels: { app } },
  spec: { containers: [{ name: 'echo', ports: [{ name: 'http', containerPort: 5678 }] }] },
  ...(ready ? {} : { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
})
const ingressOf = (host: string | undefined, { service = 'foo', port = 'http' as string | number, path = '/', pathType = 'Prefix' } = {}): IngressObject => ({
  metadata: { name: 'foo' },
  spec: {
    ingressClassName: 'nginx',
    rules: [
      {
        ...(host === undefined ? {} : { host }),
        http: { paths: [{ path, pathType, backend: { service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } } } }] },
      },
    ],
  },
})
const probe = (kind: ProbeResult['kind'], code?: ProbeResult['code'], seen = 'something'): ProbeResult => {
  const target = kind === 'ingress' ? 'http://127.0.0.1/ (Host: foo.localhost)' : 'http://127.0.0.1:30080/'
  return { service: 'foo', kind, target, healthy: code === undefined, attempts: 1, durationMs: null, seen, ...(code === undefined ? {} : { code }) }
}

/** Everything in order, but for what is changed; only the probes say that it is not. */
const sight = (more: Partial<Sight> = {}): Sight => ({
  service: foo,
  namespace: 'apps',
  baseUrl: 'http://127.0.0.1',
  probes: [probe('endpoints'), probe('node-port'), probe('ingress', 'ingress-no-rule', '404 instead of 200: …')],
  services: [serviceOf('foo')],
  pods: [podOf('foo-1'), podOf('foo-2')],
  ingresses: [ingressOf('foo.localhost')],
  slices: [
    { metadata: { name: 'foo-x' }, ports: [{ name: 'http', port: 5678 }], endpoints: [{ conditions: { ready: true } }, { conditions: { ready: false } }] },
  ],
  inside: { status: 200, words: 'foo' },
  ...more,
})
const refusedInside = { status: 503, words: 'error trying to reach service: dial tcp 10.244.1.3:9999: connect: connection refused' }
const silent = [probe('endpoints'), probe('node-port', 'no-answer'), probe('ingress', 'no-answer')]
const noEndpoints = [probe('endpoints', 'no-endpoints')]

describe('a service does not answer because', () => {
  test.each<[string, Partial<Sight>, string, string]>([
    ['there is none', { services: [] }, 'no-endpoints', 'there is no Service apps/foo'],
    [
      'its selector fits no pod',
      { services: [serviceOf('foo', { selector: { app: 'fooo' } })], pods: [podOf('foo-1'), podOf('bar-1', 'bar')] },
      'no-endpoints',
      'the Service apps/foo selects no pod (selector app=fooo; the pods have app=bar or app=foo)',
    ],
    [
      'its selector asks for a label that nobody has',
      { services: [serviceOf('foo', { selector: { tier: 'web' } })] },
      'no-endpoints',
      'the Service apps/foo selects no pod (selector tier=web; no pod has the label tier)',
    ],
    ['there are no pods', { pods: [] }, 'no-endpoints', 'the Service apps/foo selects no pod (selector app=foo; the namespace has no pods)'],
    [
      'its selector fits some of the pods',
      { pods: [podOf('foo-1')], probes: noEndpoints },
      'no-endpoints',
      'the Service apps/foo selects 1 of 2 pods (selector app=foo)',
    ],
    [
      'none of its pods is ready',
      { pods: [podOf('foo-1', 'foo', false)], probes: noEndpoints },
      'no-endpoints',
      '0 of the 1 pods that the Service apps/foo selects are ready',
    ],
    [
      'one of its pods is not ready',
      { pods: [podOf('foo-1'), podOf('foo-2', 'foo', false)], probes: noEndpoints },
      'not-ready',
      '1 of the 2 pods that the Service apps/foo selects are ready',
    ],
    [
      'its port’s name is not one of its pods’',
      { services: [serviceOf('foo', { ports: [{ name: 'http', port: 80, targetPort: 'htpp', nodePort: 30080 }] })] },
      'target-port',
      'the Service apps/foo leads to the port "htpp", which its pods do not have (their containers have 5678 (http))',
    ],
    [
      'nobody listens at its port',
      { services: [serviceOf('foo', { ports: [{ port: 80, targetPort: 9999, nodePort: 30080 }] })], inside: refusedInside, probes: silent },
      'target-port',
      'the Service apps/foo leads to port 9999 of its pods, where nothing listens (their containers have 5678 (http))',
    ],
    [
      'its nodePort is another',
      { services: [serviceOf('foo', { ports: [{ port: 80, targetPort: 5678, nodePort: 30099 }] })], probes: [probe('node-port', 'refused'), probe('ingress')] },
      'port-unmapped',
      'the Service apps/foo has nodePort 30099, but this machine leads to nodePort 30080',
    ],
    [
      'it has no nodePort',
      { services: [serviceOf('foo', { type: 'ClusterIP', ports: [{ port: 80, targetPort: 5678 }] })], probes: [probe('node-port', 'refused')] },
      'port-unmapped',
      'the Service apps/foo has no nodePort (its type is ClusterIP), but this machine leads to nodePort 30080',
    ],
    [
      'the engine’s forwarding leads nowhere',
      { probes: silent },
      'port-forward-broken',
      'neither http://127.0.0.1:30080/ nor http://127.0.0.1/ (Host: foo.localhost) answers in time, although its pods are ready and answer inside the cluster: the container engine’s port forwarding does not lead to the node',
    ],
    [
      'no rule has its host',
      { ingresses: [ingressOf('wrong.foo.localhost'), ingressOf('bar.localhost')] },
      'ingress-no-rule',
      'no Ingress has a rule for the host foo.localhost (there are rules for bar.localhost, wrong.foo.localhost)',
    ],
    ['there is no rule', { ingresses: [] }, 'ingress-no-rule', 'no Ingress has a rule for the host foo.localhost (there is no rule at all)'],
    [
      'no path of its host fits',
      { ingresses: [ingressOf('foo.localhost', { path: '/api' })] },
      'ingress-no-rule',
      'no path of the rules for foo.localhost fits / (they have /api)',
    ],
    [
      'its path must be met exactly',
      { ingresses: [ingressOf('foo.localhost', { pathType: 'Exact' })], service: { ...foo, path: '/v1' } },
      'ingress-no-rule',
      'no path of the rules for foo.localhost fits /v1 (they have /)',
    ],
    [
      'the rule’s Service is none',
      { ingresses: [ingressOf('foo.localhost', { service: 'foo-v2' })] },
      'ingress-no-backend',
      'the Ingress apps/foo leads to the Service foo-v2, which does not exist',
    ],
    [
      'the rule’s port is none of its Service’s',
      { ingresses: [ingressOf('*.localhost', { port: 8080 })] },
      'ingress-no-backend',
      'the Ingress apps/foo leads to port 8080 of the Service foo, which has http (80)',
    ],
    [
      'the rule leads to another',
      {
        ingresses: [ingressOf('foo.localhost', { service: 'bar', port: 80 })],
        services: [serviceOf('foo'), serviceOf('bar')],
        probes: [probe('ingress', 'wrong-answer')],
      },
      'wrong-answer',
      'the Ingress apps/foo leads the host foo.localhost to the Service bar',
    ],
    [
      'it says 404 itself',
      { probes: [probe('node-port', 'wrong-answer', '404 instead of 200'), probe('ingress', 'ingress-no-rule')] },
      'wrong-answer',
      'the service itself answers 404 instead of 200',
    ],
    [
      'the controller does not take its Ingress',
      {},
      'ingress-no-rule',
      'the ingress answers 404 for foo.localhost, although there is a rule for it (class nginx)',
    ],
    [
      'the controller does not reach its pods',
      { probes: [probe('ingress', 'ingress-no-backend', '503 instead of 200: the ingress knows no ready pod')] },
      'ingress-no-backend',
      'the ingress answers 503 instead of 200, although the rule for foo.localhost leads to the Service foo',
    ],
    [
      'nobody listens at base-url',
      { probes: [probe('node-port'), probe('ingress', 'refused', 'connect ECONNREFUSED')] },
      'refused',
      'nothing takes the connection at http://127.0.0.1 (connect ECONNREFUSED)',
    ],
    [
      'base-url does not resolve',
      { baseUrl: 'http://gone.example', probes: [probe('ingress', 'dns', 'getaddrinfo ENOTFOUND')] },
      'dns',
      'the host of http://gone.example does not resolve (getaddrinfo ENOTFOUND)',
    ],
    [
      'the ingress alone hangs',
      { probes: [probe('node-port'), probe('ingress', 'no-answer', 'no answer within 3 s')] },
      'no-answer',
      'the ingress at http://127.0.0.1 does not answer (no answer within 3 s)',
    ],
  ])('%s', (_, more, code, words) => {
    expect(serviceCause(sight(more))).toMatchObject({ code, words, remedy: expect.stringMatching(/\S/) })
  })

  test.each<[string, Partial<Sight>]>([
    ['it answers something else', { probes: [probe('node-port', 'wrong-answer'), probe('ingress', 'wrong-answer')] }],
    ['only its NodePort hangs', { probes: [probe('node-port', 'no-answer'), probe('ingress')] }],
    ['it has no selector of its own', { services: [{ metadata: { name: 'foo' }, spec: { ports: [{ port: 80, nodePort: 30080 }] } }], probes: noEndpoints }],
  ])('nobody knows why, when %s', (_, more) => {
    expect(serviceCause(sight(more))).toBeUndefined()
  })

  test('the forwarding is blamed by two ways at least where the inside cannot be asked, and never when it fails there too', () => {
    const one = [probe('node-port', 'no-answer')]
    expect(serviceCause(sight({ probes: silent, inside: null }))?.code).toBe('port-forward-broken')
    expect(serviceCause(sight({ probes: one, inside: null }))).toBeUndefined()
    expect(serviceCause(sight({ probes: one }))).toMatchObject({ code: 'port-forward-broken', ofMachine: true })
    expect(serviceCause(sight({ probes: one, inside: { status: 504, words: 'timeout' } }))).toBeUndefined()
  })
})

test('the evidence of a service is what lies on the way to it', () => {
  expect(serviceEvidence(sight({ pods: [podOf('foo-1'), podOf('foo-2', 'foo', false)] }))).toEqual([
    'Service apps/foo: selector app=foo; port http 80 to http, nodePort 30080',
    'pods it selects: foo-1, foo-2 (not ready)',
    'endpoints of foo: 1 ready of 2',
    'asked from inside the cluster: 200 foo',
    'probe endpoints http://127.0.0.1:30080/: something',
    'probe node-port http://127.0.0.1:30080/: something',
    'probe ingress http://127.0.0.1/ (Host: foo.localhost): 404 instead of 200: …',
    'Ingress apps/foo (class nginx): foo.localhost / to foo:http',
  ])
})
