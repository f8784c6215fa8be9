import type { LoadShape, RampStep } from './shape.ts'

/** What the default load's functions in `k6/load.js` are called. */
const functions = { anyService: 'anyService', oneService: 'oneService', pulse: 'pulse' } as const

/** Name of the scenario that drives a script which has none of its own. */
export const defaultScenario = 'mlops_load'

/**
 * k6's scenarios for a shape. A rate has one scenario for each service, so that a slow service takes no request from another.
 * @param gracefulStopMs how long k6 waits for the last answers
 */
export function scenariosOf(shape: LoadShape, services: readonly string[], gracefulStopMs: number): Record<string, object> {
  const gracefulStop = `${gracefulStopMs}ms`
  switch (shape.drive) {
    case 'virtual-users':
      return { load: { ...virtualUsers(shape), exec: functions.anyService, gracefulStop } }
    case 'script':
      return { [defaultScenario]: { ...virtualUsers(shape.otherwise), gracefulStop } }
    case 'arrival-rate': {
      const { rate, maxInFlight, durationMs, ramp, rampFrom = 0 } = shape
      const many = { timeUnit: '1s', preAllocatedVUs: maxInFlight, maxVUs: maxInFlight, exec: functions.oneService, gracefulStop }
      const how =
        ramp.length > 0
          ? { executor: 'ramping-arrival-rate', startRate: rampFrom, stages: stagesOf(ramp) }
          : { executor: 'constant-arrival-rate', rate, duration: `${durationMs}ms` }
      const each = services.map((service) => [`load-${service}`, { ...how, ...many, env: { MLOPS_SERVICE: service } }] as const)
      // Beside them one user that only sleeps: when it wakes late, k6 itself is short of CPU.
      const pulse = { executor: 'constant-vus', vus: 1, duration: `${durationMs}ms`, exec: functions.pulse, gracefulStop: '0s' }
      return { ...Object.fromEntries(each), pulse }
    }
  }
}

function virtualUsers({ virtualUsers: vus, durationMs, ramp, rampFrom = 0 }: Extract<LoadShape, { drive: 'virtual-users' }>): object {
  if (ramp.length === 0) return { executor: 'constant-vus', vus, duration: `${durationMs}ms` }
  return { executor: 'ramping-vus', startVUs: rampFrom, stages: stagesOf(ramp), gracefulRampDown: '30s' }
}

function stagesOf(ramp: readonly RampStep[]): object[] {
  return ramp.map(({ durationMs, target }) => ({ duration: `${durationMs}ms`, target }))
}
