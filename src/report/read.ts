import type { Report } from './report.ts'
import { reportSchema } from './schema.ts'

/**
 * Reads a report.json: the report, or everything that keeps it from being one. Keys that this version does not know stay where
 * they are, so that a report of a later 1.x is not poorer for having been read.
 */
export function readReport(text: string): { report: Report } | { problems: readonly string[] } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return { problems: [`it is not JSON: ${(error as Error).message}`] }
  }
  const read = reportSchema.safeParse(json)
  if (read.success) return { report: json as Report }
  return { problems: read.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'the whole'}: ${message}`) }
}
