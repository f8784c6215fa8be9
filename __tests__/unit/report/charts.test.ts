import { describe, expect, test } from '@jest/globals'
import { fromZero, latencies, percentiles, sinceStart } from '../../../src/report/axes.ts'
import { renderHtml } from '../../../src/report/html.ts'
import { distributionChart, timelineCharts } from '../../../src/report/load-charts.ts'
import type { Report } from '../../../src/report/report.ts'
import { meter, spreadStrips, stageStrips } from '../../../src/report/strips.ts'
import type { LoadMetrics } from '../../../src/stages/load/result.ts'
import { fullLoadOf, loadOf, nothingMeasured, recordOf, reportOf, reports, timelineOf } from '../runs.ts'

const unmeasured = { requestsPerSecond: null, errorsPerSecond: null, p50Ms: null, p95Ms: null, p99Ms: null, virtualUsers: null }
const texts = ({ ticks }: ReturnType<typeof fromZero>) => ticks.map(({ text }) => text)

function titlesOf(markup: string): string[] {
  return [...markup.matchAll(/<figcaption>([^<]*)/g)].map(([, title = '']) => title)
}

function pathsOf(markup: string): string[] {
  return [...markup.matchAll(/ d="(M[^"]*)"/g)].map(([, path = '']) => path).filter((path) => path !== 'M1,6H23')
}

/** Every place of a path, as x and y. */
function placesOf(path: string): [number, number][] {
  return [...path.matchAll(/([\d.-]+),([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
}

describe('axes', () => {
  test('from zero end above the highest value, at a round number, also when that is 0', () => {
    expect(texts(fromZero(1330, String))).toEqual(['0', '500', '1000', '1500'])
    expect(fromZero(1330, String).at(1330)).toBeLessThan(1)
    expect(fromZero(0, String).at(0)).toBe(0)
  })

  test('of time are in seconds, of a long time in minutes', () => {
    expect(texts(sinceStart(30_000, 4))).toEqual(['0 s', '10 s', '20 s', '30 s'])
    expect(texts(sinceStart(3_600_000, 4))).toEqual(['0 min', '20 min', '40 min', '60 min'])
    expect(sinceStart(0, 4).at(0)).toBe(0)
  })

  test('of latencies have a few round ticks, however far apart the values', () => {
    expect(texts(latencies([0.3, 900], 5))).toEqual(['1 ms', '10 ms', '100 ms'])
    expect(texts(latencies([0.6, 6], 5))).toEqual(['1 ms', '2 ms', '5 ms'])
    for (const values of [[0], [5, 5], [0.001, 60_000], [101, 119]]) {
      const axis = latencies(values, 5)
      expect(axis.ticks.length).toBeLessThanOrEqual(5)
      for (const at of [...axis.ticks.map((tick) => tick.at), ...values.map(axis.at)]) expect(at >= 0 && at <= 1).toBe(true)
    }
  })

  test('of percentiles give each nine as much room', () => {
    const { at } = percentiles(99.99)
    expect(at(99) - at(90)).toBeCloseTo(at(99.9) - at(99))
    expect(texts(percentiles(99))).toEqual(['p50', 'p90', 'p99'])
  })
})

describe('the load over time', () => {
  const { markup } = timelineCharts(timelineOf())

  test('has a picture for each thing that was measured, with its numbers in words', () => {
    expect(titlesOf(markup)).toEqual(['Requests per second', 'Latency', 'Errors per second', 'Virtual users'])
    expect(markup).toContain('<title>Latency</title><desc>p50: from 3 ms to 4 ms; p95: from 12.5 ms to 16.5 ms; p99: from 90.3 ms to 94.3 ms</desc>')
    expect(markup.match(/<svg class="chart" role="img"><title>/g)).toHaveLength(4)
  })

  test('has a gap where a number is missing, not a 0', () => {
    const [, , p50 = ''] = pathsOf(markup)
    expect(p50.match(/M/g)).toHaveLength(2)
    expect(placesOf(p50).map(([x]) => x)).toEqual([200, 400, 800, 1000])
  })

  test('stays inside its frame', () => {
    for (const [x, y] of pathsOf(markup).flatMap(placesOf)) {
      expect(x >= 0 && x <= 1000).toBe(true)
      expect(y >= 0 && y <= 132).toBe(true)
    }
  })

  test('does not grow with the load', () => {
    expect(timelineCharts(timelineOf(3600)).markup.length).toBeLessThan(60_000)
  })

  test('shows no errors where there were none, and nothing of a load that measured nothing', () => {
    const quiet = timelineOf().map((point) => ({ ...point, errorsPerSecond: 0 }))
    expect(titlesOf(timelineCharts(quiet).markup)).toEqual(['Requests per second', 'Latency', 'Virtual users'])
    expect(renderHtml(reportOf(recordOf({ load: { data: fullLoadOf({ timeline: quiet }) } })))).toContain('No error in any second.')
    expect(timelineCharts([{ atMs: 1000, ...unmeasured }]).markup).toBe('')
  })

  test('is drawn in the same way each time', () => {
    expect(renderHtml(reports.passed)).toBe(renderHtml(reports.passed))
  })

  test('is not in a page without a timeline', () => {
    expect(renderHtml(reports.passed)).toContain('<svg class="chart"')
    expect(renderHtml(reportOf(recordOf({ load: { data: loadOf() } })))).not.toContain('<svg class="chart"')
  })
})

describe('the distribution', () => {
  const load = fullLoadOf()
  const scaled = (factor: number): LoadMetrics => {
    const { latencyMs, ...rest } = load.total
    return { ...rest, latencyMs: { ...latencyMs, grid: latencyMs.grid.map(([percentile, ms]) => [percentile, ms * factor]) } }
  }
  const linesOf = (services: Readonly<Record<string, LoadMetrics>>) =>
    [...distributionChart({ ...load, services }).markup.matchAll(/<\/svg>([^<]+)<\/li>/g)].map(([, name]) => name)

  test('has a line for all and for each service', () => {
    expect(linesOf({ foo: scaled(1), bar: scaled(2) })).toEqual(['all', 'foo', 'bar'])
  })

  test('of many services has lines for those with the slowest p99, and a strip for each', () => {
    const services = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`model-${index}`, scaled(1 + ((index * 7) % 40))]))
    expect(linesOf(services)).toEqual(['all', 'model-17', 'model-34', 'model-11', 'model-28', 'model-5'])
    expect(spreadStrips({ ...load, services })?.cells).toHaveLength(41)
  })

  test('is nothing where nothing was measured, and an empty strip for a service without requests', () => {
    const strips = spreadStrips({ ...load, services: { foo: scaled(1), bar: nothingMeasured } })
    expect(strips?.cells.map(({ markup }) => markup.includes('class="range"'))).toEqual([true, false, true])
    expect(spreadStrips(loadOf())).toBeNull()
    expect(distributionChart(loadOf()).markup).toBe('')
  })
})

describe('the stages', () => {
  const barsOf = (report: Report) =>
    stageStrips(report)?.cells.map(({ markup }) => /<rect class="(\w+)" x="([\d.]+)%" width="([\d.]+)%"/.exec(markup)?.slice(1) ?? null)

  test('have a bar each where they ran, marked with what became of them', () => {
    const bars = barsOf(reports['stage failed']) ?? []
    expect(bars.map((bar) => bar?.[0] ?? null)).toEqual(['passed', 'passed', 'passed', 'passed', 'cancelled', 'cancelled', 'failed', null, null])
    // From 16.161 s on for 7.5 s, of 57.5 s.
    expect(bars[6]?.slice(1)).toEqual(['28.11', '13.04'])
  })

  test('never reach over the end, and are to be seen however short', () => {
    for (const bar of Object.values(reports).flatMap((report) => barsOf(report) ?? [])) {
      if (bar === null) continue
      expect(Number(bar[1]) + Number(bar[2])).toBeLessThanOrEqual(100.01)
      expect(Number(bar[2])).toBeGreaterThanOrEqual(0.39)
    }
  })

  test('that never ended last until the run did; of a run in which nothing began there is no picture', () => {
    const running = reportOf(recordOf({ load: { status: 'running', durationMs: null, data: null } }))
    expect(barsOf(running)?.at(-1)).toEqual(['running', '44.52', '55.48'])
    const stages = running.stages.map((stage) => ({ ...stage, startedAfterMs: null, durationMs: null }))
    expect(stageStrips({ ...running, stages, durationMs: null })).toBeNull()
  })
})

describe('the share of a limit', () => {
  test('is a bar that ends at the limit, and none where it is not known', () => {
    expect(meter(0.4).markup).toContain('class="low" width="40%"')
    expect(meter(0.75).markup).toContain('class="some" width="75%"')
    expect(meter(1.2).markup).toContain('class="high" width="100%"')
    expect(meter(null).markup).toBe('')
  })
})
