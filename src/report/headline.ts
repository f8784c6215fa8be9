import type { Report } from './report.ts'

/** The verdict in words that claim no more than was tried: `passed`, or `passed on local processes, no Kubernetes`. */
export function verdictWords({ verdict, environment }: Pick<Report, 'verdict' | 'environment'>): string {
  return environment === 'local' ? `${verdict} on local processes, no Kubernetes` : verdict
}
