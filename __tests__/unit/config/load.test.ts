import { describe, expect, test } from '@jest/globals'
import { ConfigError, resolveConfig } from '../../../src/config/config.ts'

type Texts = Readonly<Record<string, string>>
const resolve = (inputs: Texts, env: Texts = {}) =>
  resolveConfig({ inputs, env, services: ['foo', 'bar'], readFile: (path) => (path === 'load.ts' ? '' : missing()), workspace: '/workspace' })
const shapeOf = (inputs: Texts, env: Texts = {}) => resolve(inputs, env).config.shape

function missing(): never {
  throw new Error('it does not exist in /workspace')
}

function problemsOf(inputs: Texts, env: Texts = {}): readonly string[] {
  try {
    resolve(inputs, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const rate = (more: object) => ({ drive: 'arrival-rate', rate: 50, maxInFlight: 38, durationMs: 30_000, ramp: [], ...more })
const users = (more: object) => ({ drive: 'virtual-users', virtualUsers: 10, durationMs: 30_000, ramp: [], ...more })

describe('how a load is driven', () => {
  test.each<[string, Texts, Texts, object]>([
    ['by virtual users, unless told otherwise', {}, {}, users({})],
    ['by a rate as soon as there is one', { rate: '50' }, {}, rate({})],
    ['by a rate from LOAD_TEST_QPS', {}, { LOAD_TEST_QPS: '50', LOAD_TEST_CONCURRENCY: '7' }, rate({ maxInFlight: 7 })],
    ['by a rate from QPS', {}, { QPS: '50' }, rate({})],
    ['by virtual users where the rate is empty', { rate: ' ' }, { QPS: '' }, users({})],
    ['with at least ten in flight', { rate: '2' }, {}, rate({ rate: 2, maxInFlight: 10 })],
    ['with in flight what the p95 gate allows, and half as much again', { rate: '50', 'max-p95': '2s' }, {}, rate({ maxInFlight: 150 })],
    ['with the laxest p95 gate', { rate: '50', thresholds: 'foo: p(95) < 1s\nbar: p(95) < 200ms' }, {}, rate({ maxInFlight: 75 })],
    ['with max-vus whatever the gates say', { rate: '50', 'max-vus': '3', 'max-p95': '2s' }, {}, rate({ maxInFlight: 3 })],
  ])('%s', (_, inputs, env, expected) => {
    expect(shapeOf(inputs, env)).toEqual(expected)
  })

  test.each<[string, Texts, object]>([
    [
      'from nothing without vus',
      { ramp: '30s 20\n1m 20\n10s 0' },
      users({
        virtualUsers: 20,
        durationMs: 100_000,
        rampFrom: 0,
        ramp: [
          { durationMs: 30_000, target: 20 },
          { durationMs: 60_000, target: 20 },
          { durationMs: 10_000, target: 0 },
        ],
      }),
    ],
    [
      'from vus where somebody said it',
      { vus: '30', ramp: '5 1' },
      users({ virtualUsers: 30, durationMs: 5000, rampFrom: 30, ramp: [{ durationMs: 5000, target: 1 }] }),
    ],
    [
      'from the rate, and in flight by the highest',
      { rate: '10', ramp: '5s 100' },
      rate({ rate: 100, maxInFlight: 75, durationMs: 5000, rampFrom: 10, ramp: [{ durationMs: 5000, target: 100 }] }),
    ],
  ])('with a ramp %s', (_, inputs, expected) => {
    expect(shapeOf(inputs)).toEqual(expected)
  })

  test('by a script of the user’s, or by vus where that says nothing', () => {
    const { config } = resolve({ 'load-script': 'load.ts', vus: '3' })
    expect(config.loadScript).toEqual({ path: 'load.ts', file: '/workspace/load.ts' })
    expect(config.shape).toEqual({ drive: 'script', path: 'load.ts', durationMs: 30_000, otherwise: users({ virtualUsers: 3 }) })
  })
})

describe('what cannot all be meant', () => {
  const ramp = 'lines of a duration and a target, such as 30s 20, together from 1s to 6h with a target above 0'
  test.each<[string, Texts, Texts, string]>([
    ['rate and vus', { rate: '5', vus: '3' }, {}, 'rate: vus drives the load in another way; leave one of the two out'],
    ['rate and vus from the environment', {}, { QPS: '5', VUS: '3' }, 'rate: vus drives the load in another way; leave one of the two out'],
    ['ramp and duration', { ramp: '5s 3', duration: '5s' }, {}, 'ramp: its parts say how long the load lasts; leave duration out'],
    ['rate and a script', { rate: '5', 'load-script': 'load.ts' }, {}, 'rate: requests of a load-script are its own; give its scenarios a rate there'],
    ['warmup and a script', { warmup: '5s', 'load-script': 'load.ts' }, {}, 'warmup: a load-script is run once; give it a scenario that warms up'],
    ['a script that is not there', { 'load-script': 'other.js' }, {}, 'load-script: cannot read other.js: it does not exist in /workspace'],
    ['a script that is none', { 'load-script': 'load.py' }, {}, 'load-script: expected a JavaScript or TypeScript file (.js, .ts), got "load.py"'],
    ['a rate of nothing', { rate: '0' }, {}, 'rate: expected a whole number from 1 to 100000, got "0"'],
    ['a ramp without targets', { ramp: '30s' }, {}, `ramp: "30s" is not a duration and a target up to 100000 (expected ${ramp})`],
    ['a ramp to nothing', { ramp: '30s 0' }, {}, `ramp: expected ${ramp}, got "30s 0"`],
    ['a ramp of no time', { ramp: '0s 5' }, {}, `ramp: expected ${ramp}, got "0s 5"`],
    ['another word for on-invalid', { 'on-invalid': 'ignore' }, {}, 'on-invalid: expected one of fail, warn, got "ignore"'],
  ])('%s', (_, inputs, env, problem) => {
    expect(problemsOf(inputs, env)).toEqual([problem])
  })

  test('max-vus without a rate is a warning', () => {
    expect(resolve({ 'max-vus': '5' }).warnings).toEqual(['max-vus does nothing without rate; the number of virtual users is vus'])
  })

  test('a gate on a metric that only a script can have is none without one', () => {
    expect(problemsOf({ thresholds: 'mine: avg < 5' })).toEqual(['thresholds: "mine: avg < 5": there is no service "mine"; services are foo, bar'])
    expect(resolve({ thresholds: 'mine: avg < 5', 'load-script': 'load.ts' }).config.gates).toEqual([
      { service: null, metric: 'mine: avg', operator: '<', limit: 5, custom: { name: 'mine', statistic: 'avg' } },
    ])
  })
})
