import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GitHubFake, othersComments, startGitHubFake } from '../fakes/github.ts'
import { type KitRun, runOnKit } from './kit-run.ts'

describe('a pull request with 130 comments', () => {
  let github: GitHubFake
  beforeAll(async () => {
    github = await startGitHubFake({ comments: othersComments(130) })
  })
  afterAll(() => github.close())

  describe('and no inputs at all', () => {
    let run: KitRun
    beforeAll(async () => {
      run = await runOnKit({
        github,
        extraSteps: [
          {
            run: 'echo "later: $(k6 version)" && kubectl get nodes --output name && kind get clusters',
            env: { KUBECONFIG: '$' + '{{ steps.pipeline.outputs.kubeconfig }}' },
          },
        ],
      })
    }, 240_000)

    test('passes', () => {
      expect(run.act.output).toContain('passed: all 3 gates held')
      expect(run.act).toMatchObject({ exitCode: 0, outcome: 'success', stages: { main: 'success', post: 'success' } })
      expect(run.report).toMatchObject({ schemaVersion: 1, verdict: 'passed', reason: null, environment: 'kind' })
      expect(run.report.stages.map(({ name, status }) => `${name} ${status}`)).toEqual(
        ['kind', 'kubectl', 'k6', 'cluster', 'nodes', 'ingress', 'services', 'health', 'load'].map((name) => `${name} passed`),
      )
    })

    test('sends at least 1,000 requests to each service, without an error, and measures them', () => {
      for (const name of ['foo', 'bar']) {
        const { requests, errorRate, checks, latencyMs } = run.report.load?.services[name] ?? {}
        expect(requests).toBeGreaterThanOrEqual(1000)
        expect(errorRate).toBeLessThan(0.001)
        expect(checks?.passed).toBeGreaterThanOrEqual(2000)
        const { min, med, avg, max, percentiles } = latencyMs ?? {}
        for (const value of [min, med, avg, max, ...Object.values(percentiles ?? {})]) expect(value).toBeGreaterThan(0)
      }
      const { total, services } = run.report.load ?? {}
      expect(total?.requests).toBe((services?.foo?.requests ?? 0) + (services?.bar?.requests ?? 0))
      expect(run.report.load?.shape).toMatchObject({ virtualUsers: 10 })
    })

    test('tells the load over time, how latency is spread, and the status of every answer', () => {
      const { timeline, total, services } = run.report.load ?? {}
      expect(timeline?.length).toBeGreaterThanOrEqual(20)
      for (const scope of [total, services?.foo, services?.bar]) {
        expect(scope?.latencyMs.grid.length).toBeGreaterThan(50)
        expect(Object.values(scope?.statuses ?? {}).reduce((sum, count) => sum + count, 0)).toBe(scope?.requests)
        expect(scope?.statuses?.['200']).toBeGreaterThanOrEqual(1000)
      }
    })

    test('follows the pods of both services and of the controller by their kubelets', () => {
      const { services = [], controller } = run.report.load?.resources ?? {}
      expect(services.map(({ name, containers }) => `${name} ${containers.length}`)).toEqual(['foo 2', 'bar 2'])
      expect(controller).toMatchObject({ name: 'nginx', containers: [{ container: 'controller' }] })
      const containers = services.flatMap((service) => service.containers)
      for (const use of containers) expect(use).toMatchObject({ limits: { cpuCores: 0.5, memoryBytes: 64 * 2 ** 20 }, restarts: 0, oomKilled: false })
      // Kubelets have new numbers every 10 to 20 s: in 30 s one may have too few of them, but never all.
      const measured = containers.filter(({ cpuCores }) => cpuCores !== null)
      expect(measured.length).toBeGreaterThan(0)
      for (const { cpuCores, peakMemoryBytes } of measured) {
        expect(cpuCores).toBeGreaterThan(0)
        expect(cpuCores).toBeLessThan(0.6)
        expect(peakMemoryBytes).toBeGreaterThan(2 ** 20)
        expect(peakMemoryBytes).toBeLessThanOrEqual(64 * 2 ** 20)
      }
    })

    test('describes three nodes, healthy system pods and a working DNS', () => {
      expect(run.report.cluster).toMatchObject({ name: 'mlops-test-cluster', dnsName: 'kubernetes.default.svc.cluster.local' })
      expect(run.report.cluster?.nodes?.map(({ name }) => name).sort()).toEqual([
        'mlops-test-cluster-control-plane',
        'mlops-test-cluster-worker',
        'mlops-test-cluster-worker2',
      ])
      expect(run.report.cluster?.systemPods).toBeGreaterThanOrEqual(8)
    })

    test('probes each service through the API, its NodePort and the ingress, and once more after the load', () => {
      const probes = run.report.services.flatMap((service) => service.probes)
      expect(probes.map(({ service, kind, healthy }) => `${service} ${kind} ${healthy}`).sort()).toEqual(
        ['bar', 'foo'].flatMap((service) => ['after-load', 'endpoints', 'ingress', 'node-port'].map((kind) => `${service} ${kind} true`)),
      )
    })

    test('lets later steps use the tools and the cluster', () => {
      expect(run.act.output).toMatch(/later: k6.* v2\.0\.0/)
      expect(run.act.output).toContain('node/mlops-test-cluster-control-plane')
    })

    test('sets every output', () => {
      const { outputs } = run.act
      expect(outputs).toMatchObject({ verdict: 'passed', reason: '', 'base-url': 'http://127.0.0.1', 'error-rate': '0' })
      expect(Number(outputs['p95-ms'])).toBe(run.report.load?.total.latencyMs.percentiles['95'])
      expect(Number(outputs.rps)).toBeGreaterThan(0)
      expect(JSON.parse(outputs.metrics ?? '')).toMatchObject({
        services: { foo: {}, bar: {} },
        gates: [{ status: 'passed' }, { status: 'passed' }, { status: 'passed' }],
      })
      expect(outputs.kubeconfig).toMatch(/kubeconfig$/)
      expect(outputs.report).toMatch(/report\.json$/)
      expect(outputs['artifact-url']).toMatch(/\/actions\/runs\/\d+\/artifacts\/\d+$/)
      expect(outputs['comment-url']).toContain('#issuecomment-')
    })

    test('writes one comment, the 131st, and the same as the job summary', () => {
      const comments = github.comments(7)
      expect(comments).toHaveLength(131)
      expect(comments.at(-1)?.body).toContain('### ✅ Pipeline passed')
      expect(comments.at(-1)?.body).toContain('| foo |')
      expect(run.act.summary).toContain('### ✅ Pipeline passed')
      expect(github.violations).toEqual([])
    })

    test('uploads the report, k6’s dashboard and log', () => {
      expect(Object.keys(run.artifact).sort()).toEqual(['dashboard.html', 'junit.xml', 'k6.log', 'report.html', 'report.json', 'report.md'])
      expect(run.artifact['dashboard.html']?.toString()).toContain('<html')
      expect(JSON.parse(run.artifact['report.json']?.toString() ?? '')).toMatchObject({ verdict: 'passed' })
    })

    test('says that upstream retired the ingress controller', () => {
      expect(run.act.output).toContain('The community ingress-nginx was retired')
      expect(run.act.summary).toContain('retired')
    })

    test('leaves nothing behind', () => {
      expect(run.left).toEqual([])
    })
  })

  describe('a gate that is missed, and virtual users from the environment', () => {
    let run: KitRun
    beforeAll(async () => {
      run = await runOnKit({ github, with: { 'max-p95': '0.01ms' }, env: { VUS: '3', DURATION: '5s' } })
    }, 240_000)

    test('fails, and names the gate with value and limit', () => {
      expect(run.act).toMatchObject({ exitCode: 1, outcome: 'failure', stages: { main: 'failure', post: 'success' } })
      expect(run.report).toMatchObject({ verdict: 'failed', reason: 'gate' })
      expect(run.report.sentence).toMatch(/^missed: p\(95\) is [\d.]+ ms, the gate is <= 0\.01 ms$/)
      expect(run.act.annotations).toContainEqual(expect.objectContaining({ level: 'error', message: expect.stringContaining('the gate is <= 0.01 ms') }))
    })

    test('uses the three virtual users of the environment', () => {
      expect(run.report.load?.shape).toMatchObject({ virtualUsers: 3 })
      expect(run.report.load?.durationMs).toBeGreaterThanOrEqual(5000)
    })

    test('still reports everything, in the same comment', () => {
      expect(run.act.outputs).toMatchObject({ verdict: 'failed', reason: 'gate' })
      expect(Number(run.act.outputs['p95-ms'])).toBeGreaterThan(0.01)
      expect(github.comments(7)).toHaveLength(131)
      expect(github.comments(7).at(-1)?.body).toContain('### ❌ Pipeline failed')
      expect(run.act.summary).toContain('### ❌ Pipeline failed')
      expect(Object.keys(run.artifact)).toEqual(expect.arrayContaining(['report.json', 'dashboard.html']))
      expect(github.violations).toEqual([])
    })

    test('takes the tools from PATH or the cache, and downloads none', () => {
      expect(run.report.tools.map(({ name }) => name)).toEqual(['kind', 'kubectl', 'k6'])
      for (const { from } of run.report.tools) expect(['path', 'tool-cache']).toContain(from)
    })

    test('leaves nothing behind', () => {
      expect(run.left).toEqual([])
    })
  })
})
