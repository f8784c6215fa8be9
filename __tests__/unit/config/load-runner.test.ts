import { describe, expect, test } from '@jest/globals'
import { ConfigError, resolveConfig } from '../../../src/config/config.ts'

function problemsOf(inputs: Readonly<Record<string, string>>): readonly string[] {
  try {
    resolveConfig({ inputs, env: {}, services: ['foo', 'bar'] })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('where the load runs', () => {
  test.each<[Record<string, string>]>([
    [{ 'load-runner': 'host', cluster: 'local' }],
    [{ 'load-runner': 'job' }],
    [{ 'load-runner': 'job', ingress: 'none' }],
    [{ 'load-runner': 'job', ingress: 'none', 'base-url': 'http://gateway.example' }],
    [{ 'load-runner': 'job', 'base-url': 'http://127.0.0.1:8080' }],
    [{ 'load-runner': 'distributed', parallelism: '10', vus: '10' }],
  ])('may be %j', (inputs) => {
    expect(problemsOf(inputs)).toEqual([])
  })

  test.each<[Record<string, string>, string]>([
    [{ 'load-runner': 'pod' }, 'load-runner: expected one of host, job, distributed, got "pod"'],
    [{ 'load-runner': 'distributed', parallelism: '1' }, 'parallelism: expected a whole number from 2 to 50, got "1"'],
    [{ parallelism: '3' }, 'parallelism: only load-runner: distributed has several pods; leave it out'],
    [{ 'load-runner': 'job', parallelism: '3' }, 'parallelism: only load-runner: distributed has several pods; leave it out'],
    [{ 'load-runner': 'job', cluster: 'local' }, 'load-runner: job needs a cluster, and cluster is local; use host'],
    [{ 'load-runner': 'distributed', cluster: 'local' }, 'load-runner: distributed needs a cluster, and cluster is local; use host'],
    [
      { 'load-runner': 'job', ingress: 'none', 'base-url': 'http://foo.localhost:8080' },
      'base-url: http://foo.localhost:8080 is this machine, which load-runner: job does not reach; leave it out, or use host',
    ],
    [{ 'load-runner': 'distributed', vus: '2' }, 'parallelism: 3 pods cannot share 2 VUs; lower it, or raise vus'],
  ])('may not be %j: %s', (inputs, problem) => {
    expect(problemsOf(inputs)).toEqual([problem])
  })

  test('may spread a rate over more pods than there would be users', () => {
    expect(problemsOf({ 'load-runner': 'distributed', rate: '50', parallelism: '12' })).toEqual([])
  })
})
