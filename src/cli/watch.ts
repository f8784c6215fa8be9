import { join } from 'node:path'
import { actionRoot } from '../action.ts'
import type { Config } from '../config/config.ts'
import type { Call } from './arguments.ts'
import { listenForSignals } from './cancel.ts'
import { exitCodes } from './exit.ts'
import { runPart } from './session.ts'

/** How long a file must rest before its change counts, in milliseconds: editors write in steps. */
const restMs = 200

/** Loads what stands, and again whenever the load script changes, until Ctrl-C. Returns the last load's exit code. */
export async function watchLoad(config: Config, warnings: readonly string[], call: Call): Promise<number> {
  const files = [config.loadScript?.file ?? join(actionRoot(), 'k6', 'load.js')]
  const changes = await watchFiles(files)
  try {
    for (;;) {
      const exitCode = await runPart('load', config, warnings, call)
      // A load that could not begin, or that somebody stopped, is not worth another.
      if (exitCode === exitCodes.cancelled || exitCode > exitCodes.invalid) return exitCode
      console.error(`Waiting for a change of ${files.join(', ')}; Ctrl-C ends this.`)
      const changed = await changes.next()
      if (changed === null) return exitCode
      console.error(`${changed} changed`)
    }
  } finally {
    await changes.close()
  }
}

/** Follows files; `next` resolves to one that changed since it was last asked, or to null at a signal. */
async function watchFiles(files: readonly string[]): Promise<{ next: () => Promise<string | null>; close: () => Promise<void> }> {
  const { watch } = await import('chokidar')
  // Folders rather than files would tell of everything in them; chokidar finds a file again that an editor has replaced.
  const watcher = watch([...files], { ignoreInitial: true, awaitWriteFinish: { stabilityThreshold: restMs, pollInterval: 50 } })
  let changed: string | null = null
  let wake = () => {}
  watcher.on('all', (_, path) => {
    changed = path
    wake()
  })
  return {
    next: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const cancellation = listenForSignals(() => resolve(), resolve)
      if (changed === null) await promise
      cancellation.end()
      const found = changed
      changed = null
      return found
    },
    close: async () => await watcher.close(),
  }
}
