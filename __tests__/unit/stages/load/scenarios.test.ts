import { describe, expect, test } from '@jest/globals'
import { scenariosOf } from '../../../../src/stages/load/scenarios.ts'
import { describeShape, type LoadShape, wantedRequests } from '../../../../src/stages/load/shape.ts'

const ramp = [
  { durationMs: 30_000, target: 20 },
  { durationMs: 60_000, target: 0 },
]
const users: LoadShape = { drive: 'virtual-users', virtualUsers: 10, durationMs: 30_000, ramp: [] }
const rate: LoadShape = { drive: 'arrival-rate', rate: 50, maxInFlight: 38, durationMs: 30_000, ramp: [] }
const own: LoadShape = { drive: 'script', path: 'load.ts', otherwise: users, durationMs: 30_000 }
const of = (shape: LoadShape) => scenariosOf(shape, ['foo', 'bar'], 31_000)

describe('k6’s scenarios', () => {
  test('of virtual users are one', () => {
    expect(of(users)).toEqual({ load: { executor: 'constant-vus', vus: 10, duration: '30000ms', exec: 'anyService', gracefulStop: '31000ms' } })
  })

  test('of a ramp of virtual users begin where it begins', () => {
    expect(of({ ...users, ramp, rampFrom: 5 })).toMatchObject({
      load: {
        executor: 'ramping-vus',
        startVUs: 5,
        stages: [
          { duration: '30000ms', target: 20 },
          { duration: '60000ms', target: 0 },
        ],
      },
    })
  })

  test('of a rate are one for each service, and one that looks whether k6 itself keeps time', () => {
    const each = {
      executor: 'constant-arrival-rate',
      rate: 50,
      timeUnit: '1s',
      duration: '30000ms',
      preAllocatedVUs: 38,
      maxVUs: 38,
      exec: 'oneService',
      gracefulStop: '31000ms',
    }
    expect(of(rate)).toEqual({
      'load-foo': { ...each, env: { MLOPS_SERVICE: 'foo' } },
      'load-bar': { ...each, env: { MLOPS_SERVICE: 'bar' } },
      pulse: { executor: 'constant-vus', vus: 1, duration: '30000ms', exec: 'pulse', gracefulStop: '0s' },
    })
  })

  test('of a ramp of rates begin at its rate', () => {
    expect(of({ ...rate, ramp, rampFrom: 3 })).toMatchObject({
      'load-foo': { executor: 'ramping-arrival-rate', startRate: 3, stages: [{ target: 20 }, { target: 0 }] },
    })
  })

  test('for a script that has none are virtual users of its default function', () => {
    expect(of(own)).toEqual({ mlops_load: { executor: 'constant-vus', vus: 10, duration: '30000ms', gracefulStop: '31000ms' } })
  })
})

describe('a shape in words', () => {
  test.each<[LoadShape, string]>([
    [users, '10 VUs for 30 s'],
    [{ ...users, ramp }, 'up to 10 VUs for 30 s'],
    [rate, '50/s to each service for 30 s'],
    [{ ...rate, ramp }, 'up to 50/s to each service for 30 s'],
    [own, 'load.ts'],
  ])('%j is %s', (shape, words) => {
    expect(describeShape(shape)).toBe(words)
  })
})

describe('the requests that a rate sends to a service', () => {
  test('are rate × time, or the area below the ramp', () => {
    expect(wantedRequests(rate)).toBe(1500)
    expect(wantedRequests({ ...rate, ramp })).toBe(10 * 30 + 10 * 60)
    expect(wantedRequests({ ...rate, ramp, rampFrom: 20 })).toBe(20 * 30 + 10 * 60)
  })
})
