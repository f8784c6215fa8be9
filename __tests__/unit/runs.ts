import { type Config, resolveConfig } from '../../src/config/config.ts'
import type { FailureRecord, RunRecord, StageRecord } from '../../src/pipeline/record.ts'
import { buildReport, type Report, type ReportSources, type RunContext } from '../../src/report/report.ts'
import type { ProbeResult } from '../../src/stages/health/probe.ts'
import type { ContainerUse, ResourceUse } from '../../src/stages/load/resources.ts'
import type { LoadMetrics, LoadResult } from '../../src/stages/load/result.ts'
import type { TimelinePoint } from '../../src/stages/load/timeline.ts'
import { echoServices, type Service } from '../../src/stages/services/service.ts'

/** Runs made by hand, one for each way a run can end. */

export function configOf(given: Readonly<Record<string, string>> = {}): Config {
  return resolveConfig({ inputs: given, env: {}, services: ['foo', 'bar'] }).config
}

/** The services, rolled out. */
export const services: readonly Service[] = echoServices('hashicorp/http-echo:1.0.0', [30080, 30081]).map((service) => ({
  ...service,
  url: `http://127.0.0.1:${service.nodePort}`,
}))

export const context: RunContext = {
  repository: 'octo/app',
  workflow: 'CI',
  job: 'pipeline',
  matrix: null,
  sha: '0123456789abcdef0123456789abcdef01234567',
  pullRequest: 7,
  runUrl: 'https://github.com/octo/app/actions/runs/42',
  runId: 42,
  runAttempt: 1,
}

/** What one scope measured; every number differs, so that a mix-up shows. */
export function metricsOf(more: Partial<Omit<LoadMetrics, 'latencyMs'>> & { latencyMs?: Partial<LoadMetrics['latencyMs']> } = {}): LoadMetrics {
  const { latencyMs, ...rest } = more
  return {
    requests: 40_000,
    requestsPerSecond: 1333.3333,
    errorRate: 0.02,
    successRate: 0.98,
    checks: { passed: 79_200, failed: 800, rate: 0.99 },
    statuses: null,
    latencyMs: { grid: [], min: 0.21, avg: 4.5, med: 3.25, max: 1804.2, percentiles: { 90: 8.125, 95: 12.34567, 99: 96.5, '99.9': 240 }, ...latencyMs },
    ...rest,
  }
}

/** What k6 reports of a scope that nothing was sent to. */
export const nothingMeasured: LoadMetrics = {
  requests: 0,
  requestsPerSecond: null,
  errorRate: null,
  successRate: null,
  checks: { passed: 0, failed: 0, rate: null },
  statuses: null,
  latencyMs: { grid: [], min: null, avg: null, med: null, max: null, percentiles: { 90: null, 95: null, 99: null } },
}

/** What one container used. */
export function useOf(more: Partial<ContainerUse> = {}): ContainerUse {
  const limits = { cpuCores: 0.5, memoryBytes: 64 * 1024 * 1024 }
  const used = { readings: 3, cpuCores: 0.2, peakMemoryBytes: 16 * 1024 * 1024, throttled: 0.01, restarts: 0, oomKilled: false }
  return { pod: 'foo-6d4b75cb6d-hnm8p', container: 'echo', limits, ...used, ...more }
}

/** What pods used: one of bar's two was short of memory and restarted. */
export function resourcesOf(more: Partial<ResourceUse> = {}): ResourceUse {
  const spent = { cpuCores: 0.3, peakMemoryBytes: 48 * 1024 * 1024, throttled: 0.25, restarts: 3, oomKilled: true }
  return {
    services: [
      { name: 'foo', containers: [useOf(), useOf({ pod: 'foo-6d4b75cb6d-x2x4q', cpuCores: 0.15 })] },
      { name: 'bar', containers: [useOf({ pod: 'bar-5f7c8d9b4c-abcde' }), useOf({ pod: 'bar-5f7c8d9b4c-fghij', ...spent })] },
    ],
    controller: {
      name: 'nginx',
      containers: [
        useOf({
          pod: 'ingress-nginx-controller-7c9d-zzzzz',
          container: 'controller',
          cpuCores: 0.9,
          limits: { cpuCores: null, memoryBytes: null },
          throttled: null,
        }),
      ],
    },
    note: null,
    ...more,
  }
}

/** A load second by second; in the middle one nothing answered. */
export function timelineOf(seconds = 5): TimelinePoint[] {
  return Array.from({ length: seconds }, (_, index) => {
    const dead = index === Math.floor(seconds / 2)
    return {
      atMs: (index + 1) * 1000,
      requestsPerSecond: dead ? 0 : 1200 + index * 25,
      errorsPerSecond: dead ? null : 24.5,
      virtualUsers: index === 0 ? null : 10,
      p50Ms: dead ? null : 3 + index / 4,
      p95Ms: dead ? null : 12.5 + index,
      p99Ms: dead ? null : 90.25 + index,
    }
  })
}

/** A load with everything that can be measured about it. */
export function fullLoadOf(more: Partial<LoadResult> = {}): LoadResult {
  const grid: [number, number][] = [0, 1, 10, 50, 90, 95, 99, 99.9, 100].map((percentile) => [percentile, 0.2 + percentile ** 2 / 700])
  const full = (metrics: LoadMetrics, statuses: Record<string, number>) => ({ ...metrics, statuses, latencyMs: { ...metrics.latencyMs, grid } })
  const { total, services: measured, ...rest } = loadOf()
  return {
    ...rest,
    total: full(total, { 0: 20, 200: 39_200, 503: 779, other: 1 }),
    services: Object.fromEntries(Object.entries(measured).map(([name, metrics]) => [name, full(metrics, { 200: 19_600, 503: 3 })])),
    timeline: timelineOf(),
    resources: resourcesOf(),
    notes: ['The machine was busy: k6 had 93% of its CPU.'],
    ...more,
  }
}

export function loadOf(more: Partial<LoadResult> = {}): LoadResult {
  return {
    durationMs: 30_004.2,
    shape: { drive: 'virtual-users', virtualUsers: 10, durationMs: 30_000, ramp: [] },
    runner: 'host',
    runners: 1,
    timeline: null,
    resources: null,
    generator: { dropped: 0, late: null, cpuShare: null },
    custom: null,
    notes: [],
    total: metricsOf(),
    services: {
      foo: metricsOf({ requests: 20_100, requestsPerSecond: 670, errorRate: 0, successRate: 1, checks: { passed: 40_200, failed: 0, rate: 1 } }),
      bar: metricsOf({
        requests: 19_900,
        requestsPerSecond: 663.3333,
        errorRate: 0.0402,
        successRate: 0.9598,
        checks: { passed: 39_000, failed: 800, rate: 0.9799 },
      }),
    },
    afterwards: [],
    files: { dashboard: 'dashboard.html', log: 'k6.log' },
    ...more,
  }
}

export function probesOf(healthy: Readonly<Record<string, boolean>> = { foo: true, bar: true }): ProbeResult[] {
  return services.flatMap(({ name, host, nodePort }) => {
    const well = healthy[name] ?? true
    return [
      { service: name, kind: 'endpoints', target: `mlops-services/${name}`, healthy: true, attempts: 2, durationMs: null, seen: '2 of 2 ready' },
      {
        service: name,
        kind: 'node-port',
        target: `http://127.0.0.1:${nodePort}/`,
        healthy: true,
        attempts: 5,
        durationMs: 1.5,
        seen: '200 and the expected body',
      },
      {
        service: name,
        kind: 'ingress',
        target: `http://127.0.0.1/ (Host: ${host})`,
        healthy: well,
        attempts: well ? 6 : 31,
        durationMs: 2.5,
        seen: well ? '200 and the expected body' : `404 instead of 200: the ingress has no rule for ${host}, or the service does not know the path`,
      },
    ] satisfies ProbeResult[]
  })
}

const stages: readonly (readonly [name: string, title: string, startedAfterMs: number, durationMs: number, data: unknown])[] = [
  ['kind', 'Install kind 0.33.0', 1, 900, { name: 'kind', version: '0.33.0', path: '/opt/kind', from: 'download' }],
  ['kubectl', 'Install kubectl 1.37.0', 2, 1200, { name: 'kubectl', version: '1.37.0', path: '/opt/kubectl', from: 'tool-cache' }],
  ['k6', 'Install k6 2.3.0', 2, 1900, { name: 'k6', version: '2.3.0', path: '/opt/k6', from: 'download' }],
  [
    'cluster',
    'Boot the cluster',
    910,
    15_250,
    {
      name: 'mlops-test-cluster',
      engine: 'docker',
      engineVersion: '29.4.0',
      nodeImage: 'kindest/node:v1.37.0@sha256:a1ed',
      nodeCount: 3,
      ports: [80, 443, 30080, 30081].map((port) => ({ hostPort: port, nodePort: port })),
    },
  ],
  [
    'nodes',
    'Nodes, system pods and DNS',
    16_160,
    9_400,
    {
      kubernetesVersion: 'v1.37.0',
      nodes: ['control-plane', 'worker', 'worker2'].map((role) => ({
        name: `mlops-test-cluster-${role}`,
        kubelet: 'v1.37.0',
        runtime: 'containerd://2.2.0',
        architecture: 'amd64',
      })),
      systemPods: 12,
      dnsName: 'kubernetes.default.svc.cluster.local',
    },
  ],
  [
    'ingress',
    'Ingress (nginx)',
    16_161,
    8_050,
    {
      controller: 'nginx',
      image: 'registry.k8s.io/ingress-nginx/controller:v1.15.1',
      className: 'nginx',
      baseUrl: 'http://127.0.0.1',
      note: 'The community ingress-nginx was retired by its maintainers in March 2026 and gets no more fixes.',
      process: null,
    },
  ],
  ['services', 'Services (foo, bar)', 16_161, 7_500, { namespace: 'mlops-services', routes: services }],
  ['health', 'Health', 24_212, 1_350, { probes: probesOf() }],
  ['load', 'Load (10 VUs for 30 s)', 25_600, 31_400, loadOf()],
]

export type StageChanges = Readonly<Record<string, Partial<StageRecord>>>

/** A run that passed, but for the changes to single stages and to the whole. */
export function recordOf(changes: StageChanges = {}, run: Partial<Omit<RunRecord, 'stages'>> = {}): RunRecord {
  return {
    schemaVersion: 1,
    startedAt: '2026-11-22T10:00:00.000Z',
    finishedAt: '2026-11-22T10:00:57.500Z',
    durationMs: 57_500,
    failedStage: null,
    cancelled: false,
    stages: stages.map(([name, title, startedAfterMs, durationMs, data]) => ({
      name,
      title,
      status: 'passed',
      leftOut: null,
      startedAfterMs,
      durationMs,
      progress: null,
      failure: null,
      data,
      ...changes[name],
    })),
    warnings: [],
    ...run,
  }
}

export const skipped: Partial<StageRecord> = { status: 'skipped', startedAfterMs: null, durationMs: null, data: null }
export const cancelled: Partial<StageRecord> = { status: 'cancelled', data: null }

export function failureOf(message: string, more: Partial<FailureRecord> = {}): FailureRecord {
  return { kind: 'workload', code: null, message, remedy: null, evidence: [], causes: [], ...more }
}

/** A run whose `services` never came up. */
export function failedRecord(failure: FailureRecord, run: Partial<Omit<RunRecord, 'stages'>> = {}): RunRecord {
  return recordOf(
    { nodes: cancelled, ingress: cancelled, services: { status: 'failed', data: null, failure }, health: skipped, load: skipped },
    { failedStage: 'services', ...run },
  )
}

export function reportOf(record: RunRecord, more: Partial<ReportSources> = {}): Report {
  return buildReport({ record, config: configOf(), environment: 'kind', context, services, files: ['dashboard.html', 'k6.log'], warnings: [], ...more })
}

const out = failureOf('bar: 1 of 2 pods ready; pod bar-7d4-x2x was OOMKilled (memory limit 64Mi), last log line: allocating 80 MB', {
  code: 'out-of-memory',
  evidence: ['pod bar-7d4-x2x, container echo: OOMKilled with exit code 137, 3 restarts', 'log: loading the model', 'log: allocating 80 MB'],
  remedy: 'Raise the memory limit, or make the service use less.',
  causes: ['Services (foo, bar): not done after 360 s; last seen: available: foo 2/2, bar 1/2'],
})

/** Forty services with all that is measured of them: more than a comment can hold. */
function manyServices(): Report {
  const many = Array.from({ length: 40 }, (_, index): Service => {
    const name = `model-${String(index + 1).padStart(2, '0')}`
    return { ...(services[0] as Service), name, host: `${name}.localhost`, nodePort: 30_100 + index, url: `http://127.0.0.1:${30_100 + index}` }
  })
  const [probes] = [probesOf().filter(({ service }) => service === 'foo')]
  const load = fullLoadOf()
  const measured = many.map(({ name }, index) => [name, { ...(load.services.foo as LoadMetrics), requests: 1000 + index }] as const)
  const use = many.map(({ name }) => ({ name, containers: [useOf({ pod: `${name}-6d4b75cb6d-hnm8p` }), useOf({ pod: `${name}-6d4b75cb6d-x2x4q` })] }))
  return reportOf(
    recordOf({
      services: { data: { namespace: 'mlops-services', routes: many } },
      health: { data: { probes: many.flatMap(({ name }) => probes?.map((probe) => ({ ...probe, service: name })) ?? []) } },
      load: { data: { ...load, services: Object.fromEntries(measured), resources: { ...resourcesOf(), services: use } } },
    }),
    { config: configOf({ 'max-p99': '90ms' }) },
  )
}

/** A run without Kubernetes. */
function onLocalProcesses(): Report {
  const leftOut = { ...skipped, leftOut: 'there is no container engine' }
  const routes = services.map((service) => ({ ...service, image: null, nodePort: null, url: 'http://127.0.0.1:41234' }))
  const probes = probesOf().flatMap((probe): ProbeResult[] => {
    if (probe.kind === 'endpoints') return []
    return [probe.kind === 'node-port' ? { ...probe, kind: 'process', target: 'http://127.0.0.1:41234/' } : { ...probe, target: 'http://127.0.0.1:40080/' }]
  })
  return reportOf(
    recordOf({
      kind: leftOut,
      kubectl: leftOut,
      cluster: leftOut,
      nodes: leftOut,
      ingress: {
        title: 'Reverse proxy',
        data: {
          controller: 'httpxy',
          image: null,
          className: null,
          baseUrl: 'http://127.0.0.1:40080',
          note: null,
          process: { pid: 4711, startTime: '8273645', url: 'http://127.0.0.1:40080' },
        },
      },
      services: { data: { namespace: null, routes } },
      health: { data: { probes } },
      load: { data: fullLoadOf({ resources: null }) },
    }),
    {
      environment: 'local',
      services: routes,
      context: { ...context, pullRequest: null, runUrl: null, runId: null, runAttempt: null, workflow: null, job: null },
    },
  )
}

/** One report for each way a run can end. */
export const reports = {
  passed: reportOf(recordOf({ load: { data: fullLoadOf() } })),
  'gate failed': reportOf(recordOf(), { config: configOf({ 'max-p95': '0.01ms', thresholds: 'bar: error-rate < 1%\nfoo: requests >= 1000' }) }),
  'stage failed': reportOf(failedRecord(out), { files: ['evidence'] }),
  invalid: reportOf(
    recordOf(
      {
        cluster: {
          status: 'failed',
          data: null,
          durationMs: 120,
          failure: failureOf('port 80 (http-port) of this machine is already in use', {
            kind: 'infrastructure',
            remedy: 'Stop what listens there, or choose other ports with http-port and https-port.',
          }),
        },
        k6: cancelled,
        ...Object.fromEntries(['nodes', 'ingress', 'services', 'health', 'load'].map((name) => [name, skipped])),
      },
      { failedStage: 'cluster' },
    ),
    { files: [] },
  ),
  cancelled: reportOf(recordOf({ load: { ...cancelled, durationMs: 12_000 } }, { cancelled: true })),
  '40 services': manyServices(),
  'local processes': onLocalProcesses(),
  'no data': reportOf(recordOf({ load: { data: loadOf({ total: nothingMeasured, services: { foo: nothingMeasured, bar: nothingMeasured } }) } })),
} satisfies Record<string, Report>
