import { verdictWords } from './headline.ts'
import type { Report } from './report.ts'

export interface Annotation {
  readonly title: string
  /** A paragraph; its lines are kept. */
  readonly message: string
}

/**
 * What a run that did not pass says beside the workflow: the verdict with what to do, then what was seen, if anything.
 * Two at most, since a step shows no more than ten errors and other steps have some too.
 */
export function annotationsOf(report: Pick<Report, 'verdict' | 'environment' | 'sentence' | 'diagnosis'>): Annotation[] {
  const { diagnosis, sentence } = report
  if (report.verdict === 'passed') return []
  const verdict = `Pipeline ${verdictWords(report)}`
  const first = { title: verdict, message: [sentence, diagnosis?.remedy].filter(Boolean).join('\n') }
  if (!diagnosis || diagnosis.evidence.length === 0) return [first]
  return [first, { title: `${diagnosis.title}: what was seen${diagnosis.code ? ` (${diagnosis.code})` : ''}`, message: diagnosis.evidence.join('\n') }]
}
