import { actionRoot } from '../action.ts'
import { validateRun } from '../app/validate.ts'
import type { Config } from '../config/config.ts'
import { listenForSignals } from './cancel.ts'
import { exitCodes, refuse } from './exit.ts'
import { thisMachine } from './machine.ts'

/** Checks everything that can be checked without starting anything; options and environment were read before. */
export async function validate(config: Config): Promise<number> {
  const machine = thisMachine()
  if ('problem' in machine) return refuse(machine.problem)
  const { signal, end } = listenForSignals(
    () => {},
    () => process.exit(exitCodes.cancelled),
  )
  const found = await validateRun(config, actionRoot(), machine.tools(machine.temporary), signal)
  end()
  const rows = [{ title: 'Options and environment', status: 'ok', seen: `${config.gates.length} gates` }, ...found]
  const width = Math.max(...rows.map(({ title }) => title.length))
  for (const { title, status, seen } of rows) console.log(`${status.padEnd('problem'.length)}  ${title.padEnd(width)}  ${seen}`)
  return found.some(({ status }) => status === 'problem') ? exitCodes.invalid : 0
}
