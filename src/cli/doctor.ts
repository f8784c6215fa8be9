import { machineFacts } from '../adapters/machine.ts'
import { runProcess } from '../adapters/process.ts'
import type { Config } from '../config/config.ts'
import { diagnose, doctorExitCode } from '../doctor/checks.ts'
import { renderDoctor } from '../report/doctor.ts'
import { wantsColor } from '../terminal/capabilities.ts'
import { listenForSignals } from './cancel.ts'

/** Looks at this machine and says what is wrong for a run. Changes nothing. */
export async function doctor(config: Config): Promise<number> {
  const { signal, end } = listenForSignals(
    () => {},
    () => {},
  )
  const { env, stdout } = process
  const facts = await machineFacts(config, { run: runProcess, env, signal })
  end()
  const results = diagnose(facts, config)
  console.log(renderDoctor(results, { color: wantsColor(env, stdout.isTTY) }))
  return doctorExitCode(results)
}
