import { describe, expect, test } from '@jest/globals'
import { distributionTable, moreMeasurementsTable, timelineTable, worstMeasurementsTable } from '../../../src/report/load-tables.ts'
import { resourcesTable } from '../../../src/report/resources-table.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import type { LoadResult } from '../../../src/stages/load/result.ts'
import { fullLoadOf, loadOf, metricsOf, nothingMeasured, recordOf, reportOf, resourcesOf, timelineOf, useOf } from '../runs.ts'

const report = (load: LoadResult) => reportOf(recordOf({ load: { data: load } }))
const full = report(fullLoadOf())
const bare = report(loadOf())

describe('the table of the worst services', () => {
  const latencyOf = (p95: number | null) => metricsOf({ latencyMs: { percentiles: { 95: p95 } } })
  const load = loadOf({ services: { quick: latencyOf(1), slow: latencyOf(90), silent: latencyOf(null), missed: latencyOf(2), middling: latencyOf(50) } })
  const gate = { service: 'missed', metric: 'p(95)', operator: '<', limit: 2, value: 2.001, unit: 'ms', status: 'failed' } as const
  const worst = (few: number) => worstMeasurementsTable({ ...report(load), gates: [gate] }, few)

  test('has those first that missed a gate, then those without a number, then the slowest, and all in the end', () => {
    expect(worst(4)?.rows.map(({ cells }) => cells[0])).toEqual(['missed', 'silent', 'slow', 'middling', 'all'])
  })

  test('shows what was measured with enough digits to tell it from the limit', () => {
    expect(worst(1)?.rows[0]).toMatchObject({ cells: expect.arrayContaining(['2.001\u00a0ms']), missed: { 6: { status: 'failed', limit: '< 2 ms' } } })
  })

  test('is none where all have room', () => {
    expect(worst(5)).toBeNull()
    expect(worstMeasurementsTable(reportOf(recordOf({ load: { data: null } })), 1)).toBeNull()
  })
})

describe('the table of more numbers', () => {
  test('has the percentiles of gates, none of the rest of the grid, and every status that came', () => {
    expect(moreMeasurementsTable(full)?.head).toEqual([
      ...['Service', 'Success', 'Checks held', 'Checks failed', 'fastest', 'median', 'p99.9'],
      ...['No answer', 'Status 200', 'Status 503', 'Other status'],
    ])
    expect(moreMeasurementsTable(full)?.rows.map(({ cells }) => cells.slice(-4))).toEqual([
      ['0', '19,600', '3', '0'],
      ['0', '19,600', '3', '0'],
      ['20', '39,200', '779', '1'],
    ])
  })

  test('does not count as 0 what was not counted', () => {
    const load = fullLoadOf({ services: { foo: metricsOf({ statuses: null }) } })
    expect(moreMeasurementsTable(report(load))?.rows[0]?.cells.slice(-4)).toEqual(['–', '–', '–', '–'])
  })
})

describe('the distribution', () => {
  test('is some of the grid, for each service and for all', () => {
    expect(distributionTable(full)?.head).toEqual(['Service', 'p1', 'p10', 'p50', 'p90', 'p95', 'p99', 'p99.9'])
    expect(distributionTable(full)?.rows.map(({ cells }) => cells.slice(0, 3))).toEqual(
      ['foo', 'bar', 'all'].map((name) => [name, '0.201\u00a0ms', '0.343\u00a0ms']),
    )
  })

  test('has dashes for a service without any, and is no table where there is none', () => {
    const load = fullLoadOf({ services: { foo: nothingMeasured } })
    expect(distributionTable(report(load))?.rows[0]?.cells).toEqual(['foo', ...Array.from({ length: 7 }, () => '–')])
    expect(distributionTable(bare)).toBeNull()
    expect(distributionTable(reportOf(recordOf({ load: { data: null } })))).toBeNull()
  })
})

describe('the load over time', () => {
  test('has a row for each second, dashes for what is missing', () => {
    expect(timelineTable(full)?.rows.map(({ cells }) => cells)).toEqual([
      ['1\u00a0s', '1,200/s', '24.5/s', '3\u00a0ms', '12.5\u00a0ms', '90.3\u00a0ms', '–'],
      ['2\u00a0s', '1,225/s', '24.5/s', '3.25\u00a0ms', '13.5\u00a0ms', '91.3\u00a0ms', '10'],
      ['3\u00a0s', '0/s', '–', '–', '–', '–', '10'],
      ['4\u00a0s', '1,275/s', '24.5/s', '3.75\u00a0ms', '15.5\u00a0ms', '93.3\u00a0ms', '10'],
      ['5\u00a0s', '1,300/s', '24.5/s', '4\u00a0ms', '16.5\u00a0ms', '94.3\u00a0ms', '10'],
    ])
  })

  test('has at most thirty rows however long it was, and is no table where there is none', () => {
    expect(timelineTable(report(fullLoadOf({ timeline: timelineOf(3600) })))?.rows).toHaveLength(30)
    expect(timelineTable(bare)).toBeNull()
  })
})

describe('what pods used', () => {
  test('is a row for each service and the controller: sums, and the worst container’s shares', () => {
    expect(resourcesTable(full)?.rows.map(({ cells }) => cells)).toEqual([
      ['foo', '2', '0.35', '40%', '16\u00a0MiB', '25%', '1%', '0'],
      ['bar', '2', '0.50', '60%', '48\u00a0MiB', '75%', '25%', '3, out of memory'],
      ['nginx', '1', '0.90', '–', '16\u00a0MiB', '–', '–', '0'],
    ])
  })

  test('is a dash where one container was not measured', () => {
    const services = [{ name: 'foo', containers: [useOf(), useOf({ pod: 'foo-2', cpuCores: null, peakMemoryBytes: null, throttled: null })] }]
    const use = report(fullLoadOf({ resources: resourcesOf({ services, controller: null }) }))
    expect(resourcesTable(use)?.rows.map(({ cells }) => cells)).toEqual([['foo', '2', '–', '–', '–', '–', '–', '0']])
  })

  test('is no table where nobody followed them', () => {
    expect(resourcesTable(bare)).toBeNull()
    expect(resourcesTable(report(loadOf({ resources: { services: [], controller: null, note: 'no such host' } })))).toBeNull()
  })

  test('is in a terminal only when there is something to see', () => {
    const unmeasured = useOf({ cpuCores: null, peakMemoryBytes: null, throttled: null })
    const short = (containers: readonly ReturnType<typeof useOf>[]) => report(loadOf({ resources: resourcesOf({ services: [{ name: 'foo', containers }] }) }))
    expect(renderTerminal(full)).toContain('Peak memory')
    expect(renderTerminal(short([unmeasured]))).not.toContain('Peak memory')
    expect(renderTerminal(short([{ ...unmeasured, restarts: 1 }]))).toContain('Peak memory')
  })
})
