import { describe, expect, test } from '@jest/globals'
import { evaluateGates } from '../../../src/gates/evaluate.ts'
import { parseGate } from '../../../src/gates/gate.ts'
import { resourceWords } from '../../../src/gates/resources.ts'
import { judge } from '../../../src/gates/verdict.ts'
import type { ResourceUse } from '../../../src/stages/load/resources.ts'
import { loadOf, recordOf, resourcesOf, useOf } from '../runs.ts'

function resultOf(line: string, resources: ResourceUse | null = resourcesOf()) {
  const parsed = parseGate(line, ['foo', 'bar'])
  if ('problem' in parsed) throw new Error(parsed.problem)
  const [result] = evaluateGates([parsed.gate], loadOf({ resources }))
  return result
}

describe('a gate on what pods used', () => {
  test.each([
    ['peak-memory < 90%', 0.75, 'passed'],
    ['peak-memory < 75%', 0.75, 'failed'],
    ['foo: peak-memory < 75%', 0.25, 'passed'],
    ['cpu < 50%', 0.6, 'failed'],
    ['foo: cpu < 50%', 0.4, 'passed'],
    ['throttled < 20%', 0.25, 'failed'],
    ['restarts <= 0', 3, 'failed'],
    ['foo: restarts <= 0', 0, 'passed'],
  ])('%s sees the worst container, %d: %s', (line, value, status) => {
    expect(resultOf(line)).toMatchObject({ value, status })
  })

  test.each(resourceWords)('%s of pods that nobody followed, or never found, is missing', (word) => {
    const limit = word === 'restarts' ? '5' : '90%'
    expect(resultOf(`${word} < ${limit}`, null)).toMatchObject({ value: null, status: 'missing' })
    expect(resultOf(`bar: ${word} < ${limit}`, { ...resourcesOf(), services: [] })).toMatchObject({ value: null, status: 'missing' })
  })

  test('is missing when one container was not measured: that one may be the worst', () => {
    const services = [{ name: 'bar', containers: [useOf(), useOf({ peakMemoryBytes: null, cpuCores: null, readings: 1 })] }]
    expect(resultOf('peak-memory < 90%', resourcesOf({ services }))?.status).toBe('missing')
    expect(resultOf('bar: cpu < 90%', resourcesOf({ services }))?.status).toBe('missing')
    expect(resultOf('restarts <= 0', resourcesOf({ services }))?.status).toBe('passed')
  })

  test('is missing without a limit, of which there is no share', () => {
    const services = [{ name: 'bar', containers: [useOf({ limits: { cpuCores: null, memoryBytes: null } })] }]
    expect(resultOf('peak-memory < 90%', resourcesOf({ services }))?.status).toBe('missing')
  })

  test('does not look at the ingress controller, which is not theirs', () => {
    const controller = { name: 'nginx', containers: [useOf({ restarts: 9 })] }
    expect(resultOf('foo: restarts <= 0', resourcesOf({ controller }))?.status).toBe('passed')
  })

  test('that is missing makes the run invalid, never passed', () => {
    const gate = resultOf('bar: peak-memory < 90%', null)
    expect(judge(recordOf(), gate ? [gate] : [], loadOf())).toMatchObject({
      verdict: 'invalid',
      sentence: expect.stringContaining('bar: peak-memory has no value'),
    })
  })

  test('takes shares in percent', () => {
    expect(parseGate('peak-memory < 200MiB', [])).toEqual({ problem: 'expected a percentage such as 10% after <, got "200MiB"' })
  })
})
