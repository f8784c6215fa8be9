import { describe, expect, test } from '@jest/globals'
import { answerProblem } from '../../../../src/stages/health/probe.ts'
import type { Service } from '../../../../src/stages/services/service.ts'
import { services } from '../../runs.ts'

const [foo] = services as [Service]
const problem = (status: number, body = '', service = foo) => answerProblem(service, { status, body, durationMs: 1 }, services)

describe('an answer', () => {
  test.each([
    ['foo', foo],
    ['foo\n', foo],
    ['  foo\r\n', foo],
    ['anything', { ...foo, expect: { status: 200, body: null } }],
  ])('200 %j is right', (body, service) => {
    expect(problem(200, body, service)).toBeNull()
  })

  test.each([
    [200, 'bar', 'bar answered for foo'],
    [200, ' bar\n', 'bar answered for foo'],
    [200, ' foo!\n', 'the body is "foo!" instead of "foo"'],
    [200, '', 'the body is "" instead of "foo"'],
    [200, 'x'.repeat(1000), `the body is "${'x'.repeat(80)}" instead of "foo"`],
    [404, 'foo', '404 instead of 200: the ingress has no rule for foo.localhost, or the service does not know the path'],
    [502, '', '502 instead of 200: the ingress cannot reach a pod of foo'],
    [503, '', '503 instead of 200: the ingress knows no ready pod of foo'],
    [500, 'foo', '500 instead of 200'],
    [301, '', '301 instead of 200'],
  ])('%d %.10j is wrong: %s', (status, body, words) => {
    expect(problem(status, body)).toBe(words)
  })

  test.each([
    [502, '502 instead of 200: the ingress cannot reach a process of foo'],
    [503, '503 instead of 200: the ingress knows no ready process of foo'],
  ])('%d of a service without a container speaks of no pod', (status, words) => {
    expect(problem(status, '', { ...foo, image: null })).toBe(words)
  })

  test.each([404, 502, 503])('%d that no ingress gave blames none', (status) => {
    expect(answerProblem(foo, { status, body: '', durationMs: 1 }, services, false)).toBe(`${status} instead of 200`)
  })

  test('is right with any status that was asked for, and no other', () => {
    const teapot = { ...foo, expect: { status: 418, body: null } }
    expect([problem(418, '', teapot), problem(200, '', teapot)]).toEqual([null, '200 instead of 418'])
  })
})
