import { describe, expect, test } from '@jest/globals'
import { prometheusSamples } from '../../../src/adapters/prometheus.ts'

const text = String.raw`# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed by the container in core-seconds
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="echo",namespace="apps",pod="foo-1"} 12.5 1795819765017
container_cpu_usage_seconds_total_more{container="echo"} 1 1
container_memory_working_set_bytes{container="echo",namespace="apps",pod="foo-1"} 3.5471e+07 1795819765020
node_cpu_usage_seconds_total 99 1795819765020
odd{a="x\"},y=\\{",b="1\n2"} +Inf
container_memory_working_set_bytes{container="cut",names`

const samples = (...names: string[]) => [...prometheusSamples(text, names)]

describe('Prometheus’ text', () => {
  test('is read for the metrics asked for and no others', () => {
    const labels = { container: 'echo', namespace: 'apps', pod: 'foo-1' }
    expect(samples('container_cpu_usage_seconds_total', 'container_memory_working_set_bytes')).toEqual([
      { name: 'container_cpu_usage_seconds_total', labels, value: 12.5, atMs: 1795819765017 },
      { name: 'container_memory_working_set_bytes', labels, value: 35_471_000, atMs: 1795819765020 },
    ])
  })

  test('may have anything in a label, and no time', () => {
    expect(samples('odd')).toEqual([{ name: 'odd', labels: { a: 'x"},y=\\{', b: '1\n2' }, value: Number.POSITIVE_INFINITY, atMs: null }])
  })

  test('may be empty', () => {
    expect([...prometheusSamples('', ['x'])]).toEqual([])
  })
})
