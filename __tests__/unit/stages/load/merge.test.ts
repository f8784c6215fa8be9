import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { percentileGrid } from '../../../../src/stages/load/grid.ts'
import { mergeNote, mergeSummaries } from '../../../../src/stages/load/merge.ts'
import type { K6Summary } from '../../../../src/stages/load/summary.ts'

/** k6's own percentile: between the two nearest samples, by their distance. */
function percentileOf(sorted: readonly number[], percentile: number): number {
  const position = (percentile / 100) * (sorted.length - 1)
  const [below, above] = [Math.floor(position), Math.ceil(position)].map((index) => sorted[index] as number) as [number, number]
  return below + (above - below) * (position - Math.floor(position))
}

function trendOf(samples: readonly number[], percentiles: readonly number[] = percentileGrid): Record<string, number> {
  const sorted = samples.toSorted((a, b) => a - b)
  return {
    count: sorted.length,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    avg: sorted.length > 0 ? sorted.reduce((sum, value) => sum + value, 0) / sorted.length : 0,
    med: sorted.length > 0 ? percentileOf(sorted, 50) : 0,
    ...Object.fromEntries(percentiles.map((percentile) => [`p(${percentile})`, sorted.length > 0 ? percentileOf(sorted, percentile) : 0])),
  }
}

const summaryOf = (metrics: Record<string, [type: string, values: Record<string, number>]>, testRunDurationMs = 10_000): K6Summary => ({
  state: { testRunDurationMs },
  metrics: Object.fromEntries(Object.entries(metrics).map(([name, [type, values]]) => [name, { type, contains: 'default', values }])),
})
const latencies = (samples: readonly number[], percentiles?: readonly number[]) => summaryOf({ mlops_latency: ['trend', trendOf(samples, percentiles)] })
const valuesOf = ({ metrics }: K6Summary, name = 'mlops_latency') => metrics[name]?.values ?? {}

/** Shapes of latencies, each out of numbers from 0 to 1. */
const shapes: Readonly<Record<string, (random: () => number) => number>> = {
  uniform: (random) => 1 + 99 * random(),
  exponential: (random) => -20 * Math.log(1 - random()),
  lognormal: (random) => Math.exp(2 + 0.5 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
  bimodal: (random) => (random() < 0.7 ? 5 + random() : 400 + 50 * random()),
  constant: () => 12,
  'few values': (random) => Math.round(random() * 4),
}

/** Runners that each saw one of the shapes, a given one more often than not, with very different counts. */
const runnersOf = (shape: string) =>
  fc.array(
    fc.tuple(fc.constantFrom(shape, shape, ...Object.keys(shapes)), fc.integer({ min: 1, max: 400 }), fc.integer()).map(([name, count, seed]) => {
      const random = randomOf(seed)
      return Array.from({ length: count }, () => shapes[name]?.(random) ?? 0)
    }),
    { minLength: 2, maxLength: 5 },
  )

/** A small generator of numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('merged percentiles', () => {
  test.each(Object.keys(shapes))(
    'are within their bound of those of all samples together: %s',
    (shape) => {
      fc.assert(
        fc.property(runnersOf(shape), (runners) => {
          const { summary, bounds } = mergeSummaries(runners.map((samples) => latencies(samples)))
          const pooled = runners.flat().sort((a, b) => a - b)
          expect(bounds.length).toBe(percentileGrid.length + 1)
          for (const { statistic, value, bound } of bounds) {
            const truth = percentileOf(pooled, statistic === 'med' ? 50 : Number(/\((.+)\)/.exec(statistic)?.[1]))
            expect(Math.abs(value - truth)).toBeLessThanOrEqual(bound + 1e-9)
            expect(valuesOf(summary)[statistic]).toBe(value)
          }
        }),
        { numRuns: 60 },
      )
    },
    60_000,
  )

  test('rise with the percentile', () => {
    fc.assert(
      fc.property(runnersOf('bimodal'), (runners) => {
        const values = valuesOf(mergeSummaries(runners.map((samples) => latencies(samples))).summary)
        const grid = percentileGrid.map((percentile) => values[`p(${percentile})`] ?? Number.NaN)
        expect(grid).toEqual(grid.toSorted((a, b) => a - b))
      }),
      { numRuns: 30 },
    )
  }, 30_000)

  test.each(['uniform', 'exponential', 'lognormal', 'bimodal', 'constant'])('have a bound of a few percent with thousands of samples: %s', (shape) => {
    const runners = [1, 2, 3].map((seed) => {
      const random = randomOf(seed)
      return Array.from({ length: 3000 * seed }, () => shapes[shape]?.(random) ?? 0)
    })
    const { bounds } = mergeSummaries(runners.map((samples) => latencies(samples)))
    for (const wanted of ['p(95)', 'p(99)']) {
      const { value, bound } = bounds.find(({ statistic }) => statistic === wanted) ?? { value: 0, bound: Number.POSITIVE_INFINITY }
      expect(bound / value).toBeLessThan(0.1)
    }
  })

  test('are exact where every sample is the same', () => {
    const { bounds } = mergeSummaries([latencies([7, 7, 7]), latencies([7])])
    expect(bounds.every(({ value, bound }) => value === 7 && bound === 0)).toBe(true)
  })

  test('of a coarse grid say that they are coarse', () => {
    const samples = Array.from({ length: 1000 }, (_, index) => index)
    const [coarse, fine] = [[90], percentileGrid].map((percentiles) =>
      mergeSummaries([samples, samples].map((each) => latencies(each, percentiles))).bounds.find(({ statistic }) => statistic === 'p(90)'),
    )
    expect(coarse?.bound).toBeGreaterThan(10 * (fine?.bound ?? 0))
  })
})

describe('merged summaries', () => {
  test('of one runner are that runner’s own', () => {
    const only = latencies([1, 2, 3])
    expect(mergeSummaries([only])).toEqual({ summary: only, bounds: [] })
  })

  test('of nobody are an error', () => {
    expect(() => mergeSummaries([])).toThrow('there is no summary to merge')
  })

  test('add counts, passes and fails, over the longest duration; a gauge is the highest', () => {
    const one = summaryOf({
      http_reqs: ['counter', { count: 100, rate: 10 }],
      errors: ['rate', { rate: 0.1, passes: 10, fails: 90 }],
      vus: ['gauge', { value: 3, min: 1, max: 3 }],
    })
    const two = summaryOf(
      { http_reqs: ['counter', { count: 300, rate: 15 }], errors: ['rate', { rate: 0, passes: 0, fails: 300 }], vus: ['gauge', { value: 4, min: 2, max: 5 }] },
      20_000,
    )
    const { summary } = mergeSummaries([one, two])
    expect(summary.state.testRunDurationMs).toBe(20_000)
    expect(valuesOf(summary, 'http_reqs')).toEqual({ count: 400, rate: 20 })
    expect(valuesOf(summary, 'errors')).toEqual({ rate: 0.025, passes: 10, fails: 390 })
    expect(valuesOf(summary, 'vus')).toEqual({ value: 4, min: 1, max: 5 })
  })

  test('weigh averages by count, and take the ends of all', () => {
    const { summary } = mergeSummaries([latencies([1, 1, 1]), latencies([9])])
    expect(valuesOf(summary)).toMatchObject({ count: 4, avg: 3, min: 1, max: 9 })
  })

  test('leave out a runner without a sample, whose zeros are none', () => {
    const { summary, bounds } = mergeSummaries([latencies([]), latencies([5, 6])])
    expect(valuesOf(summary)).toEqual(trendOf([5, 6]))
    expect(bounds).toEqual([])
    expect(valuesOf(mergeSummaries([latencies([]), latencies([])]).summary).count).toBe(0)
  })

  test('have what only one runner told', () => {
    const { summary } = mergeSummaries([summaryOf({}), summaryOf({ own: ['counter', { count: 2, rate: 1 }] })])
    expect(valuesOf(summary, 'own').count).toBe(2)
  })

  test('say how exact they are, or nothing', () => {
    const merged = mergeSummaries([latencies([1, 2, 3], [95]), latencies([2, 3, 4], [95])])
    expect(mergeNote(merged, 'mlops_latency', 2)).toMatch(
      /^Percentiles are mixed from those of 2 runners; of all requests together they are exact to: the median within [\d.]+ ms \([\d.]+%\), p\(95\) within [\d.]+ ms \([\d.]+%\)\.$/,
    )
    expect(mergeNote(merged, 'other', 2)).toBeNull()
    expect(mergeNote(mergeSummaries([latencies([1])]), 'mlops_latency', 1)).toBeNull()
  })
})
