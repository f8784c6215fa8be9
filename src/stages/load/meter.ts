import type { ContainerUse } from './resources.ts'

/** What a kubelet says about one container, with the counters' own times. Missing is null. */
export interface ContainerReading {
  /** CPU time used so far, in seconds. */
  readonly cpu: TimedValue | null
  /** Working set, in bytes. */
  readonly memory: TimedValue | null
}

export interface TimedValue {
  readonly value: number
  /** Milliseconds since 1970, on the node's clock. */
  readonly atMs: number
}

/** Follows one container. Only sums are kept, so memory does not grow with the load's length. */
export interface ContainerMeter {
  /** The first reading is from before the load, and only tells later ones from itself: kubelets repeat themselves for 10 to 20 s. */
  readonly add: (reading: ContainerReading) => void
  readonly use: () => Pick<ContainerUse, 'readings' | 'cpuCores' | 'peakMemoryBytes'>
}

/** Fewest different readings for a number: a rate needs two, and one look at memory is no peak. */
const fewest = 2

export function containerMeter(): ContainerMeter {
  let before: ContainerReading | null = null
  let lastCpu: TimedValue | null = null
  let lastMemoryMs: number | null = null
  let cpuSeconds = 0
  let measuredMs = 0
  let cpuReadings = 0
  let memoryReadings = 0
  let peak = 0
  return {
    add: ({ cpu, memory }) => {
      if (before === null) {
        before = { cpu, memory }
        return
      }
      if (cpu && cpu.atMs > (lastCpu?.atMs ?? before.cpu?.atMs ?? 0)) {
        // A counter that fell is another container's: it was restarted, and what it used before is not known.
        if (lastCpu && cpu.value >= lastCpu.value) {
          cpuSeconds += cpu.value - lastCpu.value
          measuredMs += cpu.atMs - lastCpu.atMs
        }
        lastCpu = cpu
        cpuReadings += 1
      }
      if (memory && memory.atMs > (lastMemoryMs ?? before.memory?.atMs ?? 0)) {
        peak = Math.max(peak, memory.value)
        lastMemoryMs = memory.atMs
        memoryReadings += 1
      }
    },
    use: () => ({
      readings: Math.min(cpuReadings, memoryReadings),
      cpuCores: measuredMs > 0 ? cpuSeconds / (measuredMs / 1000) : null,
      peakMemoryBytes: memoryReadings >= fewest ? peak : null,
    }),
  }
}
