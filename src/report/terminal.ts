import { describeGate, formatMs, formatValue } from '../gates/describe.ts'
import type { PipelineEvent } from '../pipeline/run.ts'
import { plainLine } from './escape.ts'
import { headlineText } from './markdown.ts'
import type { Report } from './report.ts'

/** One plain line per event; progress lines are for those who watch. */
export function eventLine(event: PipelineEvent, elapsedMs: number): string {
  return plainLine(describeEvent(event, elapsedMs))
}

function describeEvent(event: PipelineEvent, elapsedMs: number): string {
  const at = `[${(elapsedMs / 1000).toFixed(1).padStart(5)} s]`
  const { title, status, durationMs, failure } = event.stage
  switch (event.type) {
    case 'started':
      return `${at} ${title} …`
    case 'progress':
      return `${at}   ${title}: ${event.message}`
    case 'finished': {
      const took = `${((durationMs ?? 0) / 1000).toFixed(1)} s`
      if (status === 'passed') return `${at} ${title}: done in ${took}`
      return `${at} ${title}: ${status} after ${took}${failure ? `: ${failure.message}` : ''}`
    }
  }
}

/** The result for a terminal or a job log, without colour. */
export function renderTerminal(report: Report): string {
  const lines: string[] = []
  if (report.load) {
    const { services, total } = report.load
    for (const [name, { requests, requestsPerSecond, errorRate, latencyMs }] of [...Object.entries(services), ['all', total] as const]) {
      const numbers = [
        `${requests.toLocaleString('en-US')} requests`,
        requestsPerSecond === null ? null : formatValue(requestsPerSecond, 'per-second'),
        errorRate === null ? null : `${formatValue(errorRate, 'ratio')} errors`,
        ...(['90', '95', '99'] as const).map((percentile) => {
          const value = latencyMs.percentiles[percentile]
          return value === null || value === undefined ? null : `p${percentile} ${formatMs(value)}`
        }),
      ]
      lines.push(`  ${name.padEnd(12)} ${numbers.filter((number) => number !== null).join(', ')}`)
    }
  }
  for (const gate of report.gates) lines.push(`  ${gate.status.padEnd(12)} ${describeGate(gate)}`)
  const failed = report.stages.find(({ failure }) => failure !== null)?.failure
  lines.push('', headlineText(report))
  if (failed?.remedy) lines.push(`what to do: ${failed.remedy}`)
  return lines.map(plainLine).join('\n')
}
