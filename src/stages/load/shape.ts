/** One part of a load that changes its strength: from what was before, evenly, to the target. */
export interface RampStep {
  readonly durationMs: number
  /** Virtual users, or requests per second to each service. */
  readonly target: number
}

/** How a load is driven. */
export type LoadShape = VirtualUsers | ArrivalRate

/** A number of users, each sending one request after the other: a slow service gets fewer. */
export interface VirtualUsers {
  readonly drive: 'virtual-users'
  /** The most at the same time. */
  readonly virtualUsers: number
  /** The whole load, in milliseconds. */
  readonly durationMs: number
  /** Empty for the same number all the time. */
  readonly ramp: readonly RampStep[]
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
}

/** What a load was to be, in words: `10 VUs for 30 s`, `50/s to each service for 30 s`. */
export function describeShape(shape: LoadShape): string {
  const time = `for ${shape.durationMs / 1000} s`
  const upTo = shape.ramp.length > 0 ? 'up to ' : ''
  return shape.drive === 'virtual-users' ? `${upTo}${shape.virtualUsers} VUs ${time}` : `${upTo}${shape.rate}/s to each service ${time}`
}
