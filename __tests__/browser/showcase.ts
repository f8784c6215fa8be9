import type { Report } from '../../src/report/report.ts'
import { percentileGrid } from '../../src/stages/load/grid.ts'
import type { LoadMetrics } from '../../src/stages/load/result.ts'
import type { TimelinePoint } from '../../src/stages/load/timeline.ts'
import { configOf, failedRecord, failureOf, fullLoadOf, metricsOf, recordOf, reportOf, resourcesOf } from '../unit/runs.ts'

/** Runs as they look in life, for pictures: the fixtures of tests are too small to be looked at. */

/** A wave without chance, so that pictures stay the same. */
function wave(index: number, height: number): number {
  return height * (Math.sin(index / 2.1) + Math.sin(index / 0.83 + 2) / 2 + Math.sin(index * 2.7) / 3)
}

function timeline(slowness: number): TimelinePoint[] {
  return Array.from({ length: 60 }, (_, index): TimelinePoint => {
    const warm = Math.min(1, (index + 2) / 8)
    const burst = index > 38 && index < 45 ? 1 : 0
    return {
      atMs: (index + 1) * 1000,
      requestsPerSecond: Math.round(1330 * warm + wave(index, 28) - burst * 210 * slowness),
      errorsPerSecond: Math.max(0, Math.round(burst * 31 * slowness + wave(index, 2) - 2)),
      virtualUsers: Math.min(10, index + 2),
      p50Ms: 3.2 + wave(index, 0.16) + burst * slowness,
      p95Ms: 11.8 + wave(index, 0.9) + burst * 14 * slowness,
      p99Ms: 31 + wave(index, 3.4) + burst * 60 * slowness,
    }
  })
}

/** A distribution with a tail: a median, and how the rest leans. */
function metrics(medianMs: number, tail: number, more: Partial<LoadMetrics>): LoadMetrics {
  const at = (percentile: number) => {
    const odds = Math.log((percentile + 0.01) / (100.01 - percentile))
    return medianMs * Math.exp((odds / 3.4) * (odds > 0 ? tail : 0.8))
  }
  const grid = [0, ...percentileGrid, 100].map((percentile): [number, number] => [percentile, at(percentile)])
  const latencyMs = { grid, min: at(0), avg: medianMs * 1.3, med: medianMs, max: at(100), percentiles: { 90: at(90), 95: at(95), 99: at(99) } }
  return { ...metricsOf(more), latencyMs }
}

function loadOf(slowness: number) {
  const errors = 0.0007 * slowness ** 3
  const rates = (requests: number, errorRate: number) => ({
    requests,
    requestsPerSecond: requests / 60,
    errorRate,
    successRate: 1 - errorRate,
    checks: { passed: Math.round(requests * 2 * (1 - errorRate)), failed: Math.round(requests * 2 * errorRate), rate: 1 - errorRate },
    statuses: { 200: Math.round(requests * (1 - errorRate)), 503: Math.round(requests * errorRate) },
  })
  return fullLoadOf({
    durationMs: 60_004,
    total: metrics(3.3, 1 + slowness / 6, rates(78_310, errors / 2)),
    services: { foo: metrics(2.9, 1, rates(39_410, 0)), bar: metrics(3.8, 1 + slowness / 4, rates(38_900, errors)) },
    timeline: timeline(slowness),
    resources:
      slowness > 1
        ? resourcesOf()
        : {
            ...resourcesOf(),
            services: resourcesOf()
              .services.slice(0, 1)
              .flatMap((foo) => [foo, { ...foo, name: 'bar' }]),
          },
    notes: [],
  })
}

const config = configOf({ 'max-p95': '30ms', thresholds: 'bar: error-rate < 1%\nfoo: p(99) < 100ms\nbar: p(99) < 60ms' })

const crash = failureOf('bar: 1 of 2 pods ready; pod bar-5f7c8d9b4c-fghij was OOMKilled (memory limit 64Mi), last log line: allocating 80 MB', {
  code: 'out-of-memory',
  remedy: 'Raise the memory limit of container echo in bar, or make the service use less.',
  evidence: [
    'pod bar-5f7c8d9b4c-fghij, container echo: OOMKilled, exit code 137, 3 restarts',
    'limit: memory 64Mi; last seen working set 63.8Mi',
    'log: 10:00:31 loading model weights',
    'log: 10:00:32 allocating 80 MB',
  ],
  causes: ['Services (foo, bar): not done after 360 s; last seen: available: foo 2/2, bar 1/2'],
})

/** The pictures of the README. */
export const showcase = {
  passed: reportOf(recordOf({ load: { data: loadOf(1) } }), { config: configOf({ 'max-p95': '500ms' }) }),
  'gate-failed': reportOf(recordOf({ load: { data: loadOf(3) } }), { config }),
  'stage-failed': reportOf(failedRecord(crash), { files: ['evidence', 'cluster.log'] }),
} satisfies Record<string, Report>
