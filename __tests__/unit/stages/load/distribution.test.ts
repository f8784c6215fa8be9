import { describe, expect, test } from '@jest/globals'
import { distribution } from '../../../../src/stages/load/distribution.ts'
import { percentileGrid } from '../../../../src/stages/load/grid.ts'

describe('the grid of percentiles', () => {
  test('rises from near the fastest to near the slowest, without a rounding error', () => {
    expect(percentileGrid).toEqual(percentileGrid.toSorted((a, b) => a - b))
    expect(new Set(percentileGrid).size).toBe(percentileGrid.length)
    expect([percentileGrid[0], percentileGrid.at(-1)]).toEqual([0.1, 99.99])
    for (const percentile of percentileGrid) expect(String(percentile)).toMatch(/^\d+(\.\d{1,2})?$/)
  })

  test.each([
    [95, 0.5],
    [99, 0.1],
  ])('has p%d, and its neighbours within %d: that is how far off a percentile of mixed grids can be', (percentile, bound) => {
    const at = percentileGrid.indexOf(percentile)
    const neighbours = [percentileGrid[at - 1], percentileGrid[at + 1]] as [number, number]
    for (const neighbour of neighbours) expect(Math.abs(neighbour - percentile)).toBeLessThanOrEqual(bound + 1e-9)
  })

  test('is small, however long the load', () => {
    expect(percentileGrid.length).toBeLessThan(150)
  })
})

describe('the distribution', () => {
  test('goes from the lowest value to the highest, in the order of numbers, not of letters', () => {
    expect(distribution({ count: 9, min: 1, avg: 4, med: 5, max: 9, 'p(99.9)': 8, 'p(5)': 2, 'p(50)': 5 })).toEqual([
      [0, 1],
      [5, 2],
      [50, 5],
      [99.9, 8],
      [100, 9],
    ])
  })

  test('is empty where k6 was asked for no percentile', () => {
    expect(distribution({ min: 1, med: 2, max: 3 })).toEqual([])
  })
})
