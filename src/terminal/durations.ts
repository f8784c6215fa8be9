import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../config/config.ts'
import type { RunRecord } from '../pipeline/record.ts'

/** Milliseconds each stage took when it passed, by name, the latest last. */
export type Durations = Readonly<Record<string, readonly number[]>>

/** What a first run may expect on a laptop or a hosted runner, in milliseconds. */
const firstRunMs: Readonly<Record<string, number>> = {
  kind: 3_000,
  kubectl: 3_000,
  k6: 4_000,
  cluster: 25_000,
  nodes: 15_000,
  ingress: 15_000,
  services: 10_000,
  health: 3_000,
}

const keptPerStage = 10

const durationsFile = z.record(z.string(), z.array(z.number().nonnegative()))

export interface StageDurations {
  /** How long a stage usually takes, in milliseconds; null when nobody knows. */
  readonly usual: (stageName: string) => number | null
  /** Remembers what this run's stages took. History is a comfort: where it cannot be written, nothing happens. */
  readonly note: (record: RunRecord) => void
}

/** Where durations are kept: below XDG_STATE_HOME, which must be absolute to count, else ~/.local/state. */
export function durationsPath(env: Readonly<Record<string, string | undefined>>, home: string = homedir()): string {
  const state = env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME) ? env.XDG_STATE_HOME : join(home, '.local', 'state')
  return join(state, 'mlops-pipeline-action', 'durations.json')
}

/**
 * How long stages take on this machine: as planned where the duration was asked for, else the median of the last runs, else a
 * first run's guess.
 * @param plannedMs by stage name, for example the load's own duration
 */
export function stageDurations(path: string, plannedMs: Readonly<Record<string, number>> = {}): StageDurations {
  const known = readDurations(path)
  return {
    usual: (name) => usualDuration(name, plannedMs, median(own(known, name) ?? [])),
    note: (record) => {
      try {
        // Read again: another run may have ended meanwhile.
        const text = `${JSON.stringify(withRecord(readDurations(path), record), null, 2)}\n`
        mkdirSync(dirname(path), { recursive: true })
        const part = `${path}.${process.pid}.part`
        writeFileSync(part, text)
        renameSync(part, path)
      } catch {
        // No history, then.
      }
    },
  }
}

/**
 * How long a stage usually takes, in milliseconds: as planned, else as known, else a first run's guess; null when nobody knows.
 * @param knownMs what earlier runs took
 */
export function usualDuration(stageName: string, plannedMs: Readonly<Record<string, number>>, knownMs: number | null): number | null {
  return own(plannedMs, stageName) ?? knownMs ?? own(firstRunMs, stageName) ?? null
}

/** How long stages will take because somebody said so, in milliseconds by name. */
export function plannedDurations({ shape, warmup }: Pick<Config, 'shape' | 'warmup'>): Readonly<Record<string, number>> {
  return { load: shape.durationMs + (warmup ?? 0) }
}

/** Adds the stages that passed; the oldest durations make room. */
export function withRecord(durations: Durations, { stages }: Pick<RunRecord, 'stages'>): Durations {
  const passed = stages.flatMap(({ name, status, durationMs }) => {
    return status === 'passed' && durationMs !== null ? [[name, [...(own(durations, name) ?? []), durationMs].slice(-keptPerStage)] as const] : []
  })
  return { ...durations, ...Object.fromEntries(passed) }
}

/** The middle value, or the mean of the two in the middle; null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2
}

function readDurations(path: string): Durations {
  try {
    return durationsFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {}
  }
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
