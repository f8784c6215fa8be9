import { describe, expect, test } from '@jest/globals'
import { type ContainerReading, containerMeter } from '../../../../src/stages/load/meter.ts'

const reading = (second: number, cpuSeconds: number, megabytes: number): ContainerReading => ({
  cpu: { value: cpuSeconds, atMs: second * 1000 },
  memory: { value: megabytes * 1e6, atMs: second * 1000 + 40 },
})
const measure = (...readings: ContainerReading[]) => {
  const meter = containerMeter()
  for (const each of readings) meter.add(each)
  return meter.use()
}

describe('what a container used', () => {
  test('is the counter’s difference over the time between its own readings, and the highest memory', () => {
    expect(measure(reading(-8, 1, 90), reading(4, 3, 20), reading(16, 9, 40), reading(28, 21, 30))).toEqual({
      readings: 3,
      cpuCores: 18 / 24,
      peakMemoryBytes: 40e6,
    })
  })

  test('does not count what the kubelet repeats', () => {
    const repeated = measure(reading(-8, 1, 90), reading(-8, 1, 90), reading(4, 3, 20), reading(4, 3, 20), reading(14, 8, 40), reading(14, 8, 40))
    expect(repeated).toEqual({ readings: 2, cpuCores: 0.5, peakMemoryBytes: 40e6 })
  })

  test('leaves out what was read before the load', () => {
    expect(measure(reading(-8, 1, 90), reading(4, 3, 20))).toEqual({ readings: 1, cpuCores: null, peakMemoryBytes: null })
  })

  test('of too few readings is not measured, which is not 0', () => {
    const nothing = { readings: 0, cpuCores: null, peakMemoryBytes: null }
    expect(measure()).toEqual(nothing)
    expect(measure(reading(1, 1, 1))).toEqual(nothing)
    expect(measure(reading(1, 1, 1), { cpu: null, memory: null }, { cpu: null, memory: null })).toEqual(nothing)
  })

  test('goes on after a restart, whose counter begins anew, without what was between', () => {
    expect(measure(reading(-8, 50, 9), reading(2, 60, 9), reading(12, 65, 60), reading(22, 1, 5), reading(32, 6, 10))).toEqual({
      readings: 4,
      cpuCores: 0.5,
      peakMemoryBytes: 60e6,
    })
  })

  test('may be memory only', () => {
    const memory = (second: number, megabytes: number) => ({ ...reading(second, 0, megabytes), cpu: null })
    expect(measure(memory(0, 1), memory(10, 5), memory(20, 4))).toEqual({ readings: 0, cpuCores: null, peakMemoryBytes: 5e6 })
  })
})
