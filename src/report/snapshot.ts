import { z } from 'zod'
import type { LoadMetrics } from '../stages/load/result.ts'
import { describeShape } from '../stages/load/shape.ts'
import type { Report } from './report.ts'

/** Longest hidden block, in characters. */
export const snapshotLimit = 4096

/** What the next run on the same pull request may want to know of this one. */
export interface Snapshot {
  readonly runId: number | null
  readonly runAttempt: number | null
  readonly sha: string | null
  readonly verdict: Report['verdict']
  /** What the load was to be, in words: numbers of different loads are no comparison. Null without a load. */
  readonly load: string | null
  /** Null without a load. */
  readonly total: ScopeNumbers | null
  /** By name; those that had no room are missing. */
  readonly services: Readonly<Record<string, ScopeNumbers>>
  /** How long each stage took when it last passed, in milliseconds, by name. */
  readonly stages: Readonly<Record<string, number>>
}

/** The numbers of a load that are compared; null where nothing was measured. */
export interface ScopeNumbers {
  readonly requests: number
  readonly requestsPerSecond: number | null
  /** 0 to 1. */
  readonly errorRate: number | null
  readonly avgMs: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

/** The part of a report that is kept. Stages that this run did not pass keep the time of the run before. */
export function snapshotOf({ context, verdict, load, stages }: Pick<Report, 'context' | 'verdict' | 'load' | 'stages'>, previous: Snapshot | null): Snapshot {
  const passed = stages.filter(({ status, durationMs }) => status === 'passed' && durationMs !== null)
  return {
    runId: context.runId,
    runAttempt: context.runAttempt,
    sha: context.sha,
    verdict,
    load: load && describeShape(load.shape),
    total: load && numbersOf(load.total),
    services: Object.fromEntries(Object.entries(load?.services ?? {}).map(([name, metrics]) => [name, numbersOf(metrics)])),
    stages: { ...previous?.stages, ...Object.fromEntries(passed.map(({ name, durationMs }) => [name, durationMs ?? 0])) },
  }
}

export function numbersOf({ requests, requestsPerSecond, errorRate, latencyMs }: LoadMetrics): ScopeNumbers {
  const { avg, percentiles } = latencyMs
  return { requests, requestsPerSecond, errorRate, avgMs: avg, p95Ms: percentiles['95'] ?? null, p99Ms: percentiles['99'] ?? null }
}

const measured = z.number().nonnegative().nullable()
const numbers = z.tuple([z.number().int().nonnegative(), measured, z.number().min(0).max(1).nullable(), measured, measured, measured])
const wholeNumber = z.number().int().nonnegative()

/** A snapshot as it is written: short names and lists, for it has little room. */
const written = z.object({
  v: z.literal(1),
  run: z.tuple([wholeNumber, wholeNumber]).nullable(),
  sha: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/)
    .nullable(),
  verdict: z.enum(['passed', 'failed', 'invalid', 'inconclusive', 'cancelled']),
  load: z.string().max(200).nullable(),
  total: numbers.nullable(),
  services: z.record(z.string().max(63), numbers),
  stages: z.record(z.string().max(63), z.number().nonnegative()),
})
type Written = z.infer<typeof written>
type Numbers = z.infer<typeof numbers>

const block = /^<!-- mlops-pipeline-action-data ([\w-]+) -->$/m

/**
 * A snapshot as an invisible line of Markdown, `snapshotLimit` characters at most: base64url, so that nothing in it can end the HTML
 * comment. Services that have no room are left out, the last ones first.
 */
export function encodeSnapshot(snapshot: Snapshot): string {
  const services = Object.entries(snapshot.services)
  for (let kept = services.length; kept >= 0; kept -= 1) {
    const line = blockLine(pack(snapshot, services.slice(0, kept)))
    if (line.length <= snapshotLimit) return line
  }
  // Nothing but stages with endless names could come to this.
  return blockLine(pack({ ...snapshot, stages: {} }, []))
}

/** The snapshot in a comment's body; null when there is none, or not one of ours. */
export function decodeSnapshot(body: string): Snapshot | null {
  const [, data] = block.exec(body) ?? []
  if (data === undefined || data.length > snapshotLimit) return null
  try {
    return unpack(written.parse(JSON.parse(Buffer.from(data, 'base64url').toString('utf8'))))
  } catch {
    return null
  }
}

/** A page with a snapshot before it: behind it, a page that was cut inside a fence would make it visible. */
export function withSnapshot(snapshot: Snapshot | null, markdown: string): string {
  return snapshot === null ? markdown : `${encodeSnapshot(snapshot)}\n${markdown}`
}

function blockLine(data: Written): string {
  return `<!-- mlops-pipeline-action-data ${Buffer.from(JSON.stringify(data)).toString('base64url')} -->`
}

function pack({ runId, runAttempt, sha, verdict, load, total, stages }: Snapshot, services: readonly (readonly [string, ScopeNumbers])[]): Written {
  return {
    v: 1,
    run: runId === null ? null : [runId, runAttempt ?? 1],
    sha: sha !== null && /^[0-9a-f]{7,64}$/.test(sha) ? sha.slice(0, 12) : null,
    verdict,
    load: load?.slice(0, 200).toWellFormed() ?? null,
    total: total && listOf(total),
    services: Object.fromEntries(services.filter(([name]) => name.length <= 63).map(([name, scope]) => [name, listOf(scope)])),
    stages: Object.fromEntries(Object.entries(stages).filter(([name]) => name.length <= 63)),
  }
}

function unpack({ run, services, total, ...data }: Written): Snapshot {
  const { sha, verdict, load, stages } = data
  return {
    runId: run?.[0] ?? null,
    runAttempt: run?.[1] ?? null,
    sha,
    verdict,
    load,
    total: total && scopeOf(total),
    services: Object.fromEntries(Object.entries(services).map(([name, list]) => [name, scopeOf(list)])),
    stages,
  }
}

/** Four digits are more than anybody compares. */
function listOf({ requests, requestsPerSecond, errorRate, avgMs, p95Ms, p99Ms }: ScopeNumbers): Numbers {
  const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(4)))
  return [requests, short(requestsPerSecond), short(errorRate), short(avgMs), short(p95Ms), short(p99Ms)]
}

function scopeOf([requests, requestsPerSecond, errorRate, avgMs, p95Ms, p99Ms]: Numbers): ScopeNumbers {
  return { requests, requestsPerSecond, errorRate, avgMs, p95Ms, p99Ms }
}
