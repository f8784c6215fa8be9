import { expect, test } from '@jest/globals'
import { annotationsOf } from '../../../src/report/annotations.ts'
import { reports } from '../runs.ts'

test('a run that passed has nothing to point out', () => {
  expect(annotationsOf(reports.passed)).toEqual([])
})

test('a stage that failed is told with what to do, and then with what was seen', () => {
  expect(annotationsOf(reports['stage failed'])).toEqual([
    {
      title: 'Pipeline failed',
      message:
        'Services (foo, bar): bar: 1 of 2 pods ready; pod bar-7d4-x2x was OOMKilled (memory limit 64Mi), last log line: allocating 80 MB\nRaise the memory limit, or make the service use less.',
    },
    {
      title: 'Services (foo, bar): what was seen (out-of-memory)',
      message: 'pod bar-7d4-x2x, container echo: OOMKilled with exit code 137, 3 restarts\nlog: loading the model\nlog: allocating 80 MB',
    },
  ])
})

test.each(['gate failed', 'invalid', 'no data'] as const)('%s is one annotation', (name) => {
  expect(annotationsOf(reports[name])).toHaveLength(1)
})
