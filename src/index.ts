import { error as annotate, getState, saveState } from '@actions/core'

/**
 * One bundle for everything. GitHub's runner starts it without arguments, for both halves of the action: post knows
 * itself by the state that main saved. The first argument, where there is one, names another role.
 */
const [role = 'action', ...args] = process.argv.slice(2)

// Only a passed run clears the exit code.
process.exitCode = 1
process.on('uncaughtException', fail)

try {
  // Connections that linger would keep the job waiting, so the process ends here.
  process.exit(await start())
} catch (error) {
  fail(error)
}

async function start(): Promise<number> {
  switch (role) {
    case 'action': {
      const isPost = getState('isPost') === 'true'
      if (!isPost) saveState('isPost', 'true')
      return isPost ? await (await import('./post.ts')).post() : await (await import('./main.ts')).main()
    }
    case 'guard':
      return await (await import('./adapters/guard.ts')).guardProcesses(process.stdin)
    case 'cli':
      return await (await import('./cli/cli.ts')).cli(args)
    case 'local-service':
      return await (await import('./local/echo.ts')).echo(args)
    case 'local-proxy':
      return await (await import('./local/proxy.ts')).proxy(args)
    default:
      throw new Error(`there is no role ${role}`)
  }
}

/** A bug of ours: said in one annotation, since Node would print the bundle's line of several hundred kilobytes. */
function fail(error: unknown): never {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (role === 'action') annotate(words, { title: 'mlops-pipeline-action broke' })
  else process.stderr.write(`mlops-pipeline broke: ${words}\n`)
  process.exit(1)
}
