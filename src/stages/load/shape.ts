/** One part of a load that changes its strength: from what was before, evenly, to the target. */
export interface RampStep {
  readonly durationMs: number
  /** Virtual users, or requests per second to each service. */
  readonly target: number
}

/** How a load is driven. */
export type LoadShape = VirtualUsers | ArrivalRate | ScriptDrive

/** A number of users, each sending one request after the other: a slow service gets fewer. */
export interface VirtualUsers {
  readonly drive: 'virtual-users'
  /** The most at the same time. */
  readonly virtualUsers: number
  /** The whole load, in milliseconds. */
  readonly durationMs: number
  /** Empty for the same number all the time. */
  readonly ramp: readonly RampStep[]
  /** Where a ramp begins. Default 0. */
  readonly rampFrom?: number
}

/** A number of requests per second, whatever the services do about them. */
export interface ArrivalRate {
  readonly drive: 'arrival-rate'
  /** Requests per second to EACH service; the highest with a ramp. */
  readonly rate: number
  /** The most requests in flight to each service. */
  readonly maxInFlight: number
  /** The whole load, in milliseconds. */
  readonly durationMs: number
  /** Empty for the same rate all the time. */
  readonly ramp: readonly RampStep[]
  /** Where a ramp begins. Default 0. */
  readonly rampFrom?: number
}

/** The user's own script, which knows itself what to send. */
export interface ScriptDrive {
  readonly drive: 'script'
  /** As the user wrote it. */
  readonly path: string
  /** What drives it when it has no scenarios of its own. */
  readonly otherwise: VirtualUsers
  /** How long that lasts, in milliseconds; its own scenarios may take any other time. */
  readonly durationMs: number
}

/** What a load was to be, in words: `10 VUs for 30 s`, `50/s to each service for 30 s`, `load/checkout.ts`. */
export function describeShape(shape: LoadShape): string {
  if (shape.drive === 'script') return shape.path
  const time = `for ${shape.durationMs / 1000} s`
  const upTo = shape.ramp.length > 0 ? 'up to ' : ''
  return shape.drive === 'virtual-users' ? `${upTo}${shape.virtualUsers} VUs ${time}` : `${upTo}${shape.rate}/s to each service ${time}`
}

/** Requests that a rate sends to each service in all: the area below its ramp. */
export function wantedRequests({ rate, durationMs, ramp, rampFrom = 0 }: ArrivalRate): number {
  if (ramp.length === 0) return (rate * durationMs) / 1000
  const areas = ramp.map((step, index) => {
    const from = index === 0 ? rampFrom : (ramp[index - 1]?.target ?? 0)
    return (((from + step.target) / 2) * step.durationMs) / 1000
  })
  return areas.reduce((sum, area) => sum + area, 0)
}
