import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Writes a program `node` that only act finds, and which runs the real node the way the hosted runner does. act itself
 * gives a step a terminal, kills what the step left running when it ends, and loses the last lines of a step that fails
 * (it stops reading before the terminal is drained). So: standard output and error into one pipe, nothing on standard
 * input, a session of its own, and an end only after the last line has been passed on.
 */
export async function writeNodeWrapper(folder: string, node: string) {
  const binDir = join(folder, 'act-bin')
  const wrapper = join(binDir, 'node')
  const pidFile = join(folder, 'node.pid')
  await mkdir(binDir)
  await writeFile(
    wrapper,
    `#!/bin/bash
# act asks: node --no-warnings -e 'console.log(process.execPath)'
if [ "$2" = -e ]; then echo '${wrapper}'; exit; fi
exec 3> >(exec cat)
reader=$!
# In the foreground: a shell's background jobs ignore SIGINT, and would pass that on to every program they start.
(echo "$BASHPID" > '${pidFile}'; exec setsid '${node}' "$@") < /dev/null >&3 2>&1 3>&-
code=$?
rm -f '${pidFile}'
exec 3>&-
# What the step left running may hold the pipe: wait for it, but not for ever.
for _ in {1..100}; do kill -0 $reader 2> /dev/null || break; sleep 0.02; done
[ $code = 0 ] || sleep 0.05
exit $code
`,
  )
  await chmod(wrapper, 0o755)
  return {
    /** First on the PATH of act itself, not on that of its steps. */
    binDir,
    /** The process id of the action's node; undefined while none runs. */
    runningPid: async (): Promise<number | undefined> => {
      const text = await readFile(pidFile, 'utf8').catch(() => '')
      return /^\d+\n$/.test(text) ? Number(text) : undefined
    },
  }
}
