/**
 * `npm audit` of what ships, for registries with and without advisories: `npm run audit`. Ends with 1 when a known
 * vulnerability is high or critical, with 2 when npm's answer cannot be read. A registry that gives no advisories is
 * said and does not fail the build.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'

/** What an audit came to. */
export interface Audit {
  readonly exitCode: 0 | 1 | 2
  readonly lines: readonly string[]
}

const severities = ['info', 'low', 'moderate', 'high', 'critical'] as const
const report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(z.string(), z.object({ severity: z.enum(severities), range: z.string(), fixAvailable: z.unknown() })),
})
const refusal = z.object({ message: z.string(), error: z.unknown() })

/**
 * Judges what `npm audit --json` printed.
 * @param output its standard output, whatever the exit code: npm's code says neither how bad it is nor whether the registry answered
 */
export function judgeAudit(output: string): Audit {
  const answer = parse(output)
  const audited = report.safeParse(answer)
  if (audited.success) {
    const found = Object.entries(audited.data.vulnerabilities)
    const bad = found.filter(([, { severity }]) => severity === 'high' || severity === 'critical')
    const lines = found
      .toSorted(([, a], [, b]) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
      .map(([name, { severity, range, fixAvailable }]) => `${severity}: ${name} ${range}${fixAvailable === false ? ', no fix yet' : ''}`)
    return { exitCode: bad.length > 0 ? 1 : 0, lines: lines.length > 0 ? lines : ['no known vulnerability'] }
  }
  const refused = refusal.safeParse(answer)
  if (refused.success) return { exitCode: 0, lines: [`not audited, the registry gives no advisories: ${refused.data.message}`] }
  return { exitCode: 2, lines: [`expected the JSON of npm audit, got ${JSON.stringify(output.slice(0, 80))}`] }
}

function parse(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  // npm ends with 1 for findings too; what it printed decides.
  const failed = (error: unknown) => error as { stdout?: string }
  const { stdout = '' } = await promisify(execFile)('npm', ['audit', '--omit=dev', '--json'], { maxBuffer: 64 * 1024 * 1024 }).catch(failed)
  const { exitCode, lines } = judgeAudit(stdout)
  for (const line of lines) console.log(line)
  process.exitCode = exitCode
}
