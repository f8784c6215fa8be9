import { expect, test } from '@jest/globals'
import { withoutRepeats } from '../../../src/terminal/repeats.ts'
import { recordOf } from '../runs.ts'

const stageOf = (name: string) => {
  const stage = recordOf().stages.find((each) => each.name === name)
  if (!stage) throw new Error(`a run has the stage ${name}`)
  return stage
}

test('a load’s numbers have a line every half minute; other words, and other stages, have all of theirs', () => {
  let nowMs = 0
  const isWorthALine = withoutRepeats(() => nowMs)
  const says = (message: string, name = 'load') => isWorthALine({ type: 'progress', stage: stageOf(name), message })
  expect(isWorthALine({ type: 'started', stage: stageOf('load') })).toBe(true)
  expect(says('warming up')).toBe(true)
  expect(says('1,200 requests, p95 1.5 ms')).toBe(true)
  nowMs = 2000
  expect(says('2,400 requests, p95 2 ms')).toBe(false)
  expect(says('1 of 2 pods ready', 'services')).toBe(true)
  expect(says('2 of 2 pods ready', 'services')).toBe(true)
  expect(says('dial tcp: refused')).toBe(true)
  nowMs = 3000
  expect(says('3,600 requests, p95 2.1 ms')).toBe(true)
  nowMs = 32_999
  expect(says('9,600 requests, p95 2.2 ms')).toBe(false)
  nowMs = 33_000
  expect(says('9,700 requests, p95 2.2 ms')).toBe(true)
  expect(isWorthALine({ type: 'finished', stage: stageOf('load') })).toBe(true)
})
