import type { OutputName } from './config/inputs.ts'
import type { Links } from './report/markdown.ts'
import type { Report } from './report/report.ts'

/** The action's outputs; what is missing is empty. */
export function outputsOf(
  report: Report,
  paths: { report: string; junit: string; kubeconfig: string | null },
  links: Links & { comment: string | null },
): Record<OutputName, string> {
  const { load } = report
  const number = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value))
  return {
    verdict: report.verdict,
    reason: report.reason ?? '',
    report: paths.report,
    junit: paths.junit,
    'p95-ms': number(load?.total.latencyMs.percentiles['95']),
    'error-rate': number(load?.total.errorRate),
    rps: number(load?.total.requestsPerSecond),
    metrics: load ? JSON.stringify({ total: load.total, services: load.services, gates: report.gates }) : '',
    'comment-url': links.comment ?? '',
    'artifact-url': links.artifact ?? '',
    kubeconfig: report.cluster ? (paths.kubeconfig ?? '') : '',
    'base-url': report.ingress?.baseUrl ?? '',
  }
}
