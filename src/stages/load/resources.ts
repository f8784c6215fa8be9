import type { StageContext } from '../../pipeline/stage.ts'

/** What one container used while the load ran; null where it was not measured. */
export interface ContainerUse {
  readonly pod: string
  readonly container: string
  /** Readings that were different; at least two are needed for a rate. */
  readonly readings: number
  /** Cores, from the counter's difference over the load. */
  readonly cpuCores: number | null
  /** Bytes of working set, the highest seen. */
  readonly peakMemoryBytes: number | null
  readonly limits: { readonly cpuCores: number | null; readonly memoryBytes: number | null }
  /** Share of scheduling periods in which it was throttled, 0 to 1. */
  readonly throttled: number | null
  readonly restarts: number
  readonly oomKilled: boolean
}

/** What one service, or the ingress controller, used. */
export interface ServiceUse {
  readonly name: string
  readonly containers: readonly ContainerUse[]
}

/** What everything under load used. */
export interface ResourceUse {
  readonly services: readonly ServiceUse[]
  readonly controller: ServiceUse | null
  /** Why something is missing, or null. */
  readonly note: string | null
}

/** Follows the use of pods while a load runs. */
export interface ResourceSampler {
  /** Begins to read; the function it resolves to ends that and says what was seen. Never rejects. */
  readonly start: (context: StageContext) => Promise<() => Promise<ResourceUse>>
}
