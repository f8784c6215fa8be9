/** Shows the progress of a made-up run on stderr, and ends as its argument says; a test gives it a real terminal. */
import { terminalProgress } from '../../src/terminal/progress.ts'
import { recordOf } from '../unit/runs.ts'
import { eventually } from './eventually.ts'

const [, , ending] = process.argv
const [stage] = recordOf({ kind: { status: 'running', durationMs: null } }).stages
if (!stage) throw new Error('a run has stages')

let drawn = ''
const write = process.stderr.write.bind(process.stderr)
process.stderr.write = ((chunk: string, ...rest: never[]) => {
  drawn += chunk
  return write(chunk, ...rest)
}) as typeof process.stderr.write

const progress = terminalProgress({ stream: process.stderr, redraw: true, color: false, now: () => performance.now(), usual: () => null })
progress.listener({ type: 'started', stage })
await eventually('the stage is drawn', () => drawn.includes(stage.title))
switch (ending) {
  case 'end':
    progress.listener({ type: 'finished', stage: { ...stage, status: 'passed', durationMs: 900 } })
    progress.end()
    break
  case 'exit':
    process.exit(7)
    break
  case 'throw':
    throw new Error('broken')
  default:
    process.kill(process.pid, ending)
    await eventually('the signal comes', () => false)
}
