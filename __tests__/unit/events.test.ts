import { describe, expect, test } from '@jest/globals'
import { eventProblem, howToComment } from '../../src/events.ts'

describe('the pipeline', () => {
  test.each(['pull_request', 'push', 'workflow_dispatch', 'schedule', 'merge_group', 'constructor', undefined])('runs under %s', (event) => {
    expect(eventProblem('run', event)).toBeNull()
  })

  test.each(['pull_request_target', 'workflow_run', 'issue_comment'])('refuses to run under %s, says why, and what to do', (event) => {
    const problem = eventProblem('run', event)
    expect(problem).toContain(`refuses to run under ${event}`)
    expect(problem).toMatch(/token/)
    expect(problem).toContain('Run it under pull_request')
    expect(problem).toContain('mode: publish')
  })
})

describe('publishing', () => {
  test('works under workflow_run', () => {
    expect(eventProblem('publish', 'workflow_run')).toBeNull()
  })

  test.each(['pull_request', 'pull_request_target', 'push', undefined])('refuses %s, and says where the example is', (event) => {
    expect(eventProblem('publish', event)).toMatch(/workflow_run.*examples/)
  })
})

test('how to get a comment is one line', () => {
  expect(howToComment('the token may only read')).toMatch(/^No comment: the token may only read\. .*mode: publish.*examples.*$/)
})
