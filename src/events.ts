import type { Config } from './config/config.ts'

const example = 'https://github.com/org/mlops-pipeline-action/tree/v1/examples'

/** Events whose workflows have a token that may write, and secrets, whoever wrote the code that they check out. */
const privileged: Readonly<Record<string, string>> = {
  pull_request_target: 'runs with the base repository’s token and secrets',
  workflow_run: 'runs with a token that may write, and with secrets, also after a run for a fork',
  issue_comment: 'is started by anybody who comments, and runs with the base repository’s token and secrets',
}

/**
 * Why a step may not do what its mode says under an event; null when it may. The pipeline starts what a pull request brings, so
 * there is no way around this: whoever trusts the code can run it under `pull_request`, `push` or `workflow_dispatch`.
 */
export function eventProblem(mode: Config['mode'], event: string | undefined): string | null {
  if (mode === 'publish') {
    if (event === 'workflow_run') return null
    return `mode: publish works in a workflow that workflow_run starts; this one was started by ${event || 'nothing known'}. Copy publish.yml from ${example}`
  }
  const why = event === undefined ? undefined : Object.hasOwn(privileged, event) ? privileged[event] : undefined
  if (why === undefined) return null
  return `The pipeline starts what a pull request brings and so refuses to run under ${event}, which ${why}. Run it under pull_request; comments on pull requests from forks come from a second workflow with mode: publish (${example})`
}

/** How a run whose token may only read gets its comments, in one line. */
export function howToComment(why: string): string {
  return `No comment: ${why}. A second workflow with mode: publish writes it (${example}); on branches of your own, give the job "permissions: pull-requests: write".`
}
