import { describe, expect, test } from '@jest/globals'
import type { ProbeResult } from '../../../src/stages/health/probe.ts'
import { cancelled, configOf, context, failedRecord, failureOf, fullLoadOf, loadOf, probesOf, recordOf, reportOf, reports, services, skipped } from '../runs.ts'

describe('a report', () => {
  test('of a passed run has everything there is to know', () => {
    expect(reports.passed).toMatchSnapshot()
  })

  test('is JSON: it reads back as it was written', () => {
    for (const report of Object.values(reports)) expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('of a run that began nothing is null where nothing was measured, never 0 and never left out', () => {
    const nothing = recordOf(Object.fromEntries(recordOf().stages.map(({ name }) => [name, skipped])), { cancelled: true, finishedAt: null, durationMs: null })
    expect(reportOf(nothing, { files: [] })).toMatchObject({
      verdict: 'cancelled',
      tools: [],
      cluster: null,
      ingress: null,
      load: null,
      gates: [],
      finishedAt: null,
      durationMs: null,
      services: services.map((service) => ({ ...service, healthy: null, probes: [] })),
    })
  })

  test('shows the services that were asked for when they were never rolled out', () => {
    expect(reports['stage failed'].services.map(({ name, healthy }) => [name, healthy])).toEqual([
      ['foo', null],
      ['bar', null],
    ])
  })

  test('holds what a failed stage had found out, and judges its health by that', () => {
    const probes = probesOf({ bar: false })
    const report = reportOf(
      recordOf({ health: { status: 'failed', data: { probes }, failure: failureOf('bar: 404') }, load: skipped }, { failedStage: 'health' }),
    )
    expect(report.services.map(({ name, healthy }) => [name, healthy])).toEqual([
      ['foo', true],
      ['bar', false],
    ])
    expect(report.services[1]?.probes).toEqual(probes.filter(({ service }) => service === 'bar'))
    expect(report.gates).toEqual([expect.objectContaining({ metric: 'healthy-services', value: 1, limit: 2, status: 'failed' })])
    expect(report).toMatchObject({ verdict: 'failed', reason: 'stage', sentence: 'Health: bar: 404' })
  })

  test('counts a service as healthy only when it still answered right after the load', () => {
    const [foo] = probesOf().filter(({ service, kind }) => service === 'foo' && kind === 'ingress')
    const hung = { ...(foo as ProbeResult), kind: 'after-load' as const, healthy: false, seen: 'no answer within 3 s' }
    const report = reportOf(recordOf({ load: { data: loadOf({ afterwards: [hung] }) } }))
    expect(report.services.map(({ name, healthy, probes }) => [name, healthy, probes.length])).toEqual([
      ['foo', false, 4],
      ['bar', true, 3],
    ])
    expect(report).toMatchObject({ verdict: 'failed', reason: 'gate' })
    expect(report.gates[0]).toMatchObject({ metric: 'healthy-services', value: 1, limit: 2, status: 'failed' })
  })

  test('of a service that hangs after the load says so in its one sentence: red says why', () => {
    const [foo] = probesOf().filter(({ service, kind }) => service === 'foo' && kind === 'ingress')
    const hung = { ...(foo as ProbeResult), kind: 'after-load' as const, healthy: false, seen: 'no answer within 3 s' }
    const { sentence } = reportOf(recordOf({ load: { data: loadOf({ afterwards: [hung] }) } }))
    expect(sentence).toMatch(/foo.*no answer within 3 s/)
  })

  test('judges every gate of the configuration, after that of health', () => {
    const config = configOf({ thresholds: 'foo: avg < 1ms\nrps > 1' })
    expect(reportOf(recordOf(), { config }).gates.map(({ service, metric, status }) => [service, metric, status])).toEqual([
      [null, 'healthy-services', 'passed'],
      ['foo', 'avg', 'failed'],
      [null, 'rps', 'passed'],
    ])
  })

  test('has the cluster’s nodes once they were ready, and the cluster alone before', () => {
    const before = reportOf(failedRecord(failureOf('x'))).cluster
    expect(before).toMatchObject({ name: 'mlops-test-cluster', nodeCount: 3 })
    expect(before).toMatchObject({ kubernetesVersion: null, nodes: null, systemPods: null, dnsName: null })
    expect(reports.passed.cluster).toMatchObject({ name: 'mlops-test-cluster', kubernetesVersion: 'v1.37.0', systemPods: 12 })
  })

  test('holds no path of the private kubeconfig', () => {
    const cluster = recordOf().stages.find(({ name }) => name === 'cluster')?.data as object
    const report = reportOf(recordOf({ cluster: { data: { ...cluster, kubeconfig: '/tmp/private/kubeconfig' } } }))
    expect(JSON.stringify(report)).not.toContain('/tmp/private')
  })

  test('tells the settings of the run', () => {
    const config = configOf({ vus: '3', duration: '1m', 'cluster-name': 'mine', 'http-port': '8080' })
    expect(reportOf(recordOf(), { config }).settings).toEqual({
      load: { drive: 'virtual-users', virtualUsers: 3, durationMs: 60_000, ramp: [] },
      clusterName: 'mine',
      baseUrl: null,
      ingress: 'nginx',
    })
  })

  test('has the warnings of the inputs, then those of the run', () => {
    expect(reportOf(recordOf({}, { warnings: ['b'] }), { warnings: ['a'] }).warnings).toEqual(['a', 'b'])
  })

  test('names only tools that were installed', () => {
    const report = reportOf(recordOf({ k6: cancelled, kubectl: { status: 'running', data: null } }))
    expect(report.tools.map(({ name }) => name)).toEqual(['kind'])
  })

  test('has no secret of the configuration', () => {
    const config = configOf({ 'github-token': 'ghs_Sesame', 'comment-key': 'a key' })
    expect(JSON.stringify(reportOf(recordOf(), { config, context }))).not.toContain('Sesame')
  })

  test('of a load without a request judges nothing', () => {
    expect(reports['no data']).toMatchObject({ verdict: 'invalid', reason: 'measurement', load: { total: { requests: 0, errorRate: null } } })
    expect(reports['no data'].gates.map(({ metric, status }) => [metric, status])).toEqual([
      ['healthy-services', 'passed'],
      ['p(95)', 'missing'],
      ['error-rate', 'missing'],
    ])
  })

  test('keeps the numbers in full', () => {
    expect(reports.passed.load).toEqual(fullLoadOf())
  })
})
