import type { Payload } from './payload.ts'
import type { Step } from './workflow.ts'

export interface ActOptions {
  /** The action's repository. Default: this one. */
  actionDir?: string
  /** The step's inputs. */
  with?: Record<string, string | number | boolean>
  /** Environment of the job. Nothing of the test's own environment gets in, except PATH unless it is given here. */
  env?: Record<string, string>
  /** Files of the repository that uses the action, by path: what `actions/checkout` brings. */
  files?: Record<string, string>
  /** Default `pull_request`: number 7 of octo-org/service. */
  event?: 'pull_request' | 'push'
  /** The pull request comes from a fork. Default false. */
  fork?: boolean
  /** Laid over the event's payload; objects are merged. */
  payload?: Payload
  /** Default: a port of 127.0.0.1 where nobody listens. GraphQL is at `/graphql` below it. */
  githubApiUrl?: string
  /** Where artifacts go, from `startResultsFake`. Default: nowhere, as where there is no such service. */
  resultsEnv?: { ACTIONS_RESULTS_URL: string; ACTIONS_RUNTIME_TOKEN: string }
  /** GITHUB_TOKEN. Default: any. */
  token?: string
  /** Default 60,000. Afterwards the run is killed, and the promise rejected with the end of its log. */
  timeoutMs?: number
  /** The values of the job's matrix; one job, whatever they are. */
  matrix?: Record<string, unknown>
  continueOnError?: boolean
  /** After the action's step. They see its outputs as `steps.pipeline.outputs`. */
  extraSteps?: Step[]
  /** Cancels as the hosted runner does: SIGINT to the action's node, SIGTERM 7.5 s later, the end 2.5 s after that, then the post step. */
  signal?: AbortSignal
  /** `main-alone` kills the action's node without any signal before, and nothing else, as an out-of-memory killer does. Default `runner`. */
  cancelAs?: 'runner' | 'main-alone'
  /** Called with each line of `output` as it comes: the moment to cancel, say. */
  onLine?: (line: string) => void
  /** Between SIGINT and SIGTERM. Default 7,500, as on the hosted runner. */
  sigtermAfterMs?: number
  /** RUNNER_TEMP, made if missing and kept. Default: a folder that is gone afterwards. */
  runnerTemp?: string
  /** RUNNER_TOOL_CACHE, likewise. */
  toolCache?: string
  /** Show secrets in `output`, to test that the action itself prints none. Default false. */
  unmasked?: boolean
}
