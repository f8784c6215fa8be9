import type { RampStep } from '../stages/load/shape.ts'

/** What an input's text may be: how to read it and, in one phrase, what was expected. */
export interface ValueType<T> {
  /** Completes the sentence "expected …", for example "a duration such as 30s, 5m or 1m30s". */
  readonly expected: string
  /** Returns the value, or `undefined` when the text does not fit; throws `ValueProblem` to say more. */
  readonly parse: (text: string) => T | undefined
}

/** A reason an input's text was refused that says more than `expected` can. */
export class ValueProblem extends Error {
  override name = 'ValueProblem'
}

const unitMs: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Reads a duration in Go's and k6's notation (`250ms`, `30s`, `1m30s`, `0.5h`).
 * @param bareUnit the unit of a number that stands alone; without it such a number is refused
 * @returns milliseconds, or `undefined` when the text is no duration
 */
export function parseDurationMs(text: string, bareUnit?: 's' | 'ms'): number | undefined {
  const trimmed = text.trim()
  if (bareUnit && /^\d+(\.\d+)?$/.test(trimmed)) return finite(Number(trimmed) * (unitMs[bareUnit] as number))
  if (!/^(\d+(\.\d+)?(us|µs|ms|s|m|h))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit as string] as number)
  }
  return finite(total)
}

/** A limit of infinity could never be missed. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

/** A duration between two bounds in milliseconds; a bare number is seconds. Parses to milliseconds. */
export function duration({ minMs, maxMs }: { minMs: number; maxMs: number }): ValueType<number> {
  return {
    expected: `a duration from ${minMs / 1000}s to ${maxMs / 3_600_000}h, such as 30s, 5m or 1m30s (a bare number is seconds)`,
    parse: (text) => {
      const ms = parseDurationMs(text, 's')
      return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined
    },
  }
}

/** A latency limit with its unit; parses to milliseconds. */
export const latency: ValueType<number> = {
  expected: 'a latency with its unit, such as 500ms or 1.5s',
  parse: (text) => {
    if (/^\d+(\.\d+)?$/.test(text)) throw new ValueProblem(`it has no unit: write ${text}ms or ${text}s`)
    const ms = parseDurationMs(text)
    return ms !== undefined && ms > 0 ? ms : undefined
  },
}

/**
 * Reads a share such as `10%`.
 * @returns the ratio from 0 to 1, or `undefined` when the text is no share
 * @throws ValueProblem for a number without a percent sign, which could mean either
 */
export function parseRatio(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^\d*\.?\d+$/.test(trimmed)) {
    const value = Number(trimmed)
    const meant = value <= 1 ? `${Number((value * 100).toPrecision(12))}%` : `${trimmed}%`
    throw new ValueProblem(`${trimmed} could mean a ratio or a percentage: write it with a percent sign, for example ${meant}`)
  }
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(trimmed)
  if (!match) return undefined
  const percent = Number(match[1])
  return percent <= 100 ? percent / 100 : undefined
}

/** A share with its percent sign; parses to a ratio from 0 to 1. */
export const ratio: ValueType<number> = { expected: 'a percentage from 0% to 100%, such as 10%', parse: parseRatio }

/** A whole number between two bounds, both included. */
export function integer(min: number, max: number): ValueType<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse: (text) => {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
      return value >= min && value <= max ? value : undefined
    },
  }
}

/** `true` or `false`, in the spellings of YAML 1.2 that `@actions/core` takes. */
export const boolean: ValueType<boolean> = {
  expected: 'true or false',
  parse: (text) => (/^(true|True|TRUE)$/.test(text) ? true : /^(false|False|FALSE)$/.test(text) ? false : undefined),
}

/** One word out of a list. */
export function choice<const T extends string>(...options: readonly T[]): ValueType<T> {
  return { expected: `one of ${options.join(', ')}`, parse: (text) => options.find((option) => option === text) }
}

/** Text that fits a pattern. */
export function text(pattern: RegExp, expected: string): ValueType<string> {
  return { expected, parse: (value) => (pattern.test(value) ? value : undefined) }
}

/** A version of three numbers, with or without a leading `v`; parses to the one without. */
export const version: ValueType<string> = {
  expected: 'a full version such as 1.37.0',
  parse: (value) => /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(value)?.[1],
}

/** An http or https address without a trailing slash, query or password. */
export const address: ValueType<string> = {
  expected: 'an http:// or https:// address without a query or a password, such as http://127.0.0.1:8080',
  parse: (value) => {
    if (!URL.canParse(value)) return undefined
    const url = new URL(value)
    if (url.username || url.password) throw new ValueProblem('it holds a user name or password; addresses appear in logs and reports')
    if (!/^https?:$/.test(url.protocol) || url.search || url.hash) return undefined
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  },
}

/** Image reference in the grammar of the distribution specification, kept short: name, then a tag or a digest or both. */
const imagePattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/

/** A container image reference. */
export const image: ValueType<string> = {
  expected: 'an image reference such as registry.example/name:1.2.3 or name@sha256:<64 hex digits>',
  parse: (value) => (imagePattern.test(value) && /[:@]/.test(value.replace(/^[^/]+:\d+\//, '')) ? value : undefined),
}

/** Non-empty lines, without comments. */
export const lines: ValueType<readonly string[]> = {
  expected: 'one item a line',
  parse: (value) =>
    value
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
}

/** Lines `name=reference` for a fixed set of names; parses to a partial record of image references. */
export function imageLines<const T extends string>(...names: readonly T[]): ValueType<Partial<Record<T, string>>> {
  const expected = `lines name=reference with a name out of ${names.join(', ')}`
  return {
    expected,
    parse: (value) => {
      const result: Partial<Record<T, string>> = {}
      const problems: string[] = []
      for (const line of lines.parse(value) ?? []) {
        const [, key = '', reference = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
        const name = names.find((candidate) => candidate === key)
        if (!name) problems.push(`"${line}": ${key ? `"${key}" is not one of ${names.join(', ')}` : 'not name=reference'}`)
        else if (image.parse(reference) === undefined) problems.push(`"${line}": "${reference}" is not ${image.expected}`)
        else if (result[name] !== undefined) problems.push(`"${line}": ${name} is named twice`)
        else result[name] = reference
      }
      if (problems.length > 0) throw new ValueProblem(problems.join('; '))
      return result
    },
  }
}

/** Lines of a duration and a target, such as `30s 20`; parses to the steps. */
export const rampSteps: ValueType<readonly RampStep[]> = {
  expected: 'lines of a duration and a target, such as 30s 20, together from 1s to 6h with a target above 0',
  parse: (value) => {
    const steps = (lines.parse(value) ?? []).map((line) => {
      const [, time = '', target = ''] = /^(\S+)\s+(\d+)$/.exec(line) ?? []
      const durationMs = parseDurationMs(time, 's')
      if (durationMs === undefined || Number(target) > 100_000) throw new ValueProblem(`"${line}" is not a duration and a target up to 100000`)
      return { durationMs, target: Number(target) }
    })
    const sumMs = steps.reduce((sum, { durationMs }) => sum + durationMs, 0)
    return sumMs >= 1000 && sumMs <= 6 * 3_600_000 && steps.some(({ target }) => target > 0) ? steps : undefined
  },
}
