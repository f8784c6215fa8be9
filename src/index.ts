import { getState, saveState } from '@actions/core'

// One bundle serves both halves of the action: the runner starts the same file again for post,
// with the state that main saved.
process.exitCode = 1
const isPost = getState('isPost') === 'true'
if (!isPost) saveState('isPost', 'true')
const run = isPost ? (await import('./post.ts')).post : (await import('./main.ts')).main
// Connections that linger would keep the job waiting, so the process ends here.
process.exit(await run())
