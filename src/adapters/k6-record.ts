import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { type TimelinePoint, timelineOf } from '../stages/load/timeline.ts'

const param = z.object({ event: z.literal('param'), data: z.object({ aggregates: z.record(z.string(), z.array(z.string())) }) })
const metric = z.object({ event: z.literal('metric'), data: z.record(z.string(), z.object({ type: z.string() })) })
const start = z.object({ event: z.literal('start'), data: z.tuple([z.tuple([z.number()])]) })
const snapshot = z.object({ event: z.literal('snapshot'), data: z.array(z.array(z.number())) })
const event = z.discriminatedUnion('event', [param, metric, start, snapshot])

/** Values of one period, by metric and statistic. */
type Period = (metric: string, statistic: string) => number | undefined

/**
 * The timeline in what k6's dashboard recorded (`K6_WEB_DASHBOARD_RECORD`): gzipped lines of JSON, one with the numbers of
 * each period, as lists in the order of the metrics' names. It is read a line at a time and its points are bounded, so
 * memory does not grow with the load's length.
 * Null when there is no such file, it cannot be read, or no period in it; a load without a timeline is still measured.
 */
export async function readTimeline(file: string): Promise<readonly TimelinePoint[] | null> {
  const source = createReadStream(file)
  const unzipped = createGunzip()
  source.on('error', (error) => unzipped.destroy(error))
  const timeline = timelineOf()
  try {
    let aggregates: Readonly<Record<string, readonly string[]>> = {}
    let types: Readonly<Record<string, string>> = {}
    let columns: readonly (readonly [metric: string, statistics: readonly string[]])[] = []
    let beganMs: number | undefined
    for await (const line of createInterface({ input: source.pipe(unzipped), crlfDelay: Number.POSITIVE_INFINITY })) {
      // The events are known by their first letters; the sums since the beginning, every other line, need not be read at all.
      if (!/^\{"event":"(param|metric|start|snapshot)"/.test(line)) continue
      const read = event.parse(JSON.parse(line))
      switch (read.event) {
        case 'param':
          aggregates = read.data.aggregates
          break
        case 'metric':
          // A metric is told when it has its first sample; from then on it has a place in every list.
          types = { ...types, ...Object.fromEntries(Object.entries(read.data).map(([name, { type }]) => [name, type])) }
          columns = Object.keys(types)
            .sort()
            .map((name) => [name, aggregates[types[name] ?? ''] ?? ['value']])
          break
        case 'start':
          beganMs = read.data[0][0]
          break
        case 'snapshot': {
          const numbers = new Map(columns.map(([name, statistics], index) => [name, { statistics, values: read.data[index] ?? [] }]))
          const period: Period = (name, statistic) => numbers.get(name)?.values[numbers.get(name)?.statistics.indexOf(statistic) ?? -1]
          const atMs = period('time', 'value')
          if (atMs !== undefined && beganMs !== undefined) timeline.add(pointOf(atMs - beganMs, period, (name) => numbers.has(name)))
        }
      }
    }
    return timeline.points()
  } catch {
    return null
  } finally {
    source.destroy()
  }
}

/** A script that is not ours has k6's own latency and errors instead of ours. */
function pointOf(atMs: number, period: Period, knows: (metric: string) => boolean): TimelinePoint {
  const ours = knows('mlops_errors')
  const rate = period('http_reqs', 'rate') ?? null
  const errors = period(ours ? 'mlops_errors' : 'http_req_failed', 'rate') ?? null
  const latency = (statistic: string) => {
    // k6 writes 0 where nothing was measured, and no answer takes no time at all.
    const name = ours ? 'mlops_latency' : 'http_req_duration'
    return (period(name, 'max') ?? 0) > 0 ? (period(name, statistic) ?? null) : null
  }
  return {
    atMs,
    requestsPerSecond: rate,
    errorsPerSecond: rate === null || errors === null ? null : rate * errors,
    virtualUsers: period('vus', 'value') ?? null,
    p50Ms: latency('med'),
    p95Ms: latency('p(95)'),
    p99Ms: latency('p(99)'),
  }
}
