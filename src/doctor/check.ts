import type { DoctorConfig, MachineFacts } from './facts.ts'

/** What one check found. `problem` stands in a run's way, `warning` may, `unknown` could not be found out. */
export interface Finding {
  readonly status: 'ok' | 'warning' | 'problem' | 'unknown'
  /** What is there, in one line. */
  readonly seen: string
  /** What to do about it, null when there is nothing to do. */
  readonly remedy: string | null
}

/** One question about the machine. */
export interface Check {
  readonly name: string
  readonly title: string
  /** What a problem rules out: every run, or only one on a cluster, so that local processes remain. */
  readonly rulesOut: 'every run' | 'cluster'
  readonly look: (facts: MachineFacts, config: DoctorConfig) => Finding
}

export interface CheckResult extends Finding, Omit<Check, 'look'> {}

export function ok(seen: string): Finding {
  return { status: 'ok', seen, remedy: null }
}

export function warning(seen: string, remedy: string): Finding {
  return { status: 'warning', seen, remedy }
}

export function problem(seen: string, remedy: string): Finding {
  return { status: 'problem', seen, remedy }
}

export function unknown(seen: string, remedy: string | null = null): Finding {
  return { status: 'unknown', seen, remedy }
}

/** `1.5 GB`: a size as people compare it, in powers of ten. */
export function formatGigabytes(bytes: number): string {
  const gigabytes = bytes / 1e9
  return `${gigabytes < 10 ? gigabytes.toFixed(1) : Math.round(gigabytes)} GB`
}
