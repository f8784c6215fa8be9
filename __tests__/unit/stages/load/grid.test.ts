import { expect, test } from '@jest/globals'
import { percentileGrid } from '../../../../src/stages/load/grid.ts'

test('the grid rises from 0.1 to 99.99, in steps of at most one, and closer at its end', () => {
  expect(percentileGrid).toEqual([...new Set(percentileGrid)].sort((a, b) => a - b))
  expect([percentileGrid[0], percentileGrid.at(-1)]).toEqual([0.1, 99.99])
  expect(percentileGrid).toEqual(expect.arrayContaining([50, 90, 95, 99, 99.9]))
  const steps = percentileGrid.slice(1).map((percentile, index) => percentile - (percentileGrid[index] ?? 0))
  expect(Math.max(...steps)).toBeLessThanOrEqual(1)
})
