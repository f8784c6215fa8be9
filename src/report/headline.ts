import type { Report } from './report.ts'

/** The verdict in words that claim no more than was tried: `passed`, or `passed on local processes, no Kubernetes`. */
export function verdictWords({ verdict, environment }: Pick<Report, 'environment'> & { readonly verdict: Report['verdict'] | 'running' }): string {
  return environment === 'local' ? `${verdict} on local processes, no Kubernetes` : verdict
}

/** The verdict in one line without markup, for logs. */
export function headlineText(report: Pick<Report, 'verdict' | 'sentence' | 'environment'>): string {
  return `${verdictWords(report)}: ${report.sentence}`
}

/** The verdict, and the matrix values that tell this job from its siblings. */
export function titleText({ context, ...report }: Pick<Report, 'context' | 'environment'> & { readonly verdict: Report['verdict'] | 'running' }): string {
  const values = context.matrix && Object.values(context.matrix).map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)))
  return `Pipeline ${verdictWords(report)}${values ? ` · ${values.join(', ')}` : ''}`
}

/** The verdict's reason as a sentence of its own. */
export function sentenceText({ sentence }: Pick<Report, 'sentence'>): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`
}
