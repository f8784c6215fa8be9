import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf } from '../pipeline/failure.ts'
import { writeReport } from '../publish.ts'
import { readReport } from '../report/read.ts'
import { renderTerminal } from '../report/terminal.ts'
import { wantsColor } from '../terminal/capabilities.ts'
import { refuse } from './exit.ts'

/** Renders a report.json again, beside it or into another folder. The exit code tells whether that worked, not the verdict. */
export async function renderAgain(file: string, output: string | null): Promise<number> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    return refuse(`${file} cannot be read (${messageOf(error)}); expected a report.json`)
  }
  const read = readReport(text)
  if ('problems' in read) return refuse(`${file} is no report of this version:\n${read.problems.map((problem) => `- ${problem}`).join('\n')}`)
  const folder = resolve(output ?? dirname(file))
  await writeReport(read.report, folder)
  console.log(`${renderTerminal(read.report, { color: wantsColor(process.env, process.stdout.isTTY) })}\n\nreport: ${folder}`)
  return 0
}
