/** Mermaid itself, of an older line than GitHub's newest may be, reads what we write. It wants a document; linkedom lends it one. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import type { Mermaid } from 'mermaid'
import { distributionDrawing, timelineDrawings } from '../../src/report/mermaid.ts'
import type { Report } from '../../src/report/report.ts'
import type { LoadResult } from '../../src/stages/load/result.ts'
import { fullLoadOf, metricsOf, recordOf, reportOf, reports } from '../unit/runs.ts'

let mermaid: Mermaid
beforeAll(async () => {
  const { window } = parseHTML('<!doctype html><html><body></body></html>')
  const { document, Element, DocumentFragment } = window
  Object.assign(globalThis, { window, document, Element, DocumentFragment })
  mermaid = (await import('mermaid')).default
}, 60_000)

const drawingsOf = (report: Report) => [distributionDrawing(report), ...timelineDrawings(report)].filter((drawing) => drawing !== null)
const withLoad = (load: Partial<LoadResult>) => reportOf(recordOf({ load: { data: fullLoadOf(load) } }))

describe('Mermaid', () => {
  test('refuses what it cannot draw, so that the next tests can fail', async () => {
    await expect(mermaid.parse('xychart-beta\n  line [1e9]')).rejects.toThrow()
  })

  test.each(Object.entries(reports))('draws those of a run: %s', async (_, report) => {
    for (const { source } of drawingsOf(report)) {
      expect(await mermaid.parse(source)).toMatchObject({ diagramType: 'xychart', config: { xyChart: { width: 800 } } })
    }
  })

  test('draws any numbers: tiny, huge, zero, missing, many', async () => {
    const value = fc.oneof(fc.constantFrom(0, null, 1e-12, 1e21, Number.MAX_VALUE), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }))
    const second = fc.tuple(value, value)
    await fc.assert(
      fc.asyncProperty(fc.array(second, { maxLength: 150 }), async (seconds) => {
        const timeline = seconds.map(([rate, ms], index) => {
          return { atMs: (index + 1) * 1000, requestsPerSecond: rate, errorsPerSecond: null, virtualUsers: null, p50Ms: null, p95Ms: ms, p99Ms: null }
        })
        const grid = [1, 50, 99].map((percentile, index) => [percentile, seconds[index]?.[1] ?? 0] as const)
        for (const { source } of drawingsOf(withLoad({ timeline, total: metricsOf({ latencyMs: { grid } }) }))) {
          expect(await mermaid.parse(source)).toMatchObject({ diagramType: 'xychart' })
        }
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
