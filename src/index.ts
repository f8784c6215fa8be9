import { error as annotate, getState, saveState } from '@actions/core'

// One bundle serves both halves of the action: the runner starts the same file again for post,
// with the state that main saved. Only a passed run clears the exit code.
process.exitCode = 1
process.on('uncaughtException', fail)

try {
  const isPost = getState('isPost') === 'true'
  if (!isPost) saveState('isPost', 'true')
  const run = isPost ? (await import('./post.ts')).post : (await import('./main.ts')).main
  // Connections that linger would keep the job waiting, so the process ends here.
  process.exit(await run())
} catch (error) {
  fail(error)
}

/** A bug of ours: said in one annotation, since Node would print the bundle's line of several hundred kilobytes. */
function fail(error: unknown): never {
  annotate(error instanceof Error ? (error.stack ?? error.message) : String(error), { title: 'mlops-pipeline-action broke' })
  process.exit(1)
}
