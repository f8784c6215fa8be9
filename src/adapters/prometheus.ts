/** One sample of Prometheus' text format. */
export interface PrometheusSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Milliseconds since 1970; null when the exporter gave no time. */
  readonly atMs: number | null
}

/** The samples of some metrics in Prometheus' text format, one at a time: whatever else is in the text is passed over. */
export function* prometheusSamples(text: string, names: readonly string[]): Generator<PrometheusSample> {
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('\n', start)
    if (end === -1) end = text.length
    const name = names.find((candidate) => text.startsWith(`${candidate}{`, start))
    const match = name === undefined ? null : /^\w+\{(.*)\}\s+(\S+)(?:\s+(-?\d+))?\s*$/.exec(text.slice(start, end))
    if (name === undefined || !match) continue
    const [, labels = '', value = '', atMs] = match
    yield { name, labels: parseLabels(labels), value: Number(value.replace(/^\+?Inf$/, 'Infinity')), atMs: atMs === undefined ? null : Number(atMs) }
  }
}

function parseLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))]))
}
