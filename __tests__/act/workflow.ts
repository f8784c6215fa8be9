import { randomUUID } from 'node:crypto'
import type { Payload } from './payload.ts'

/** The id of the step that runs the action, in the workflow and in act's log. */
export const STEP_ID = 'pipeline'

/** What a user writes to use the action; act takes it from a folder instead. */
export const ACTION = 'octo-org/mlops-pipeline-action@v1'

/** A step of a workflow, as in YAML. */
export type Step = Record<string, unknown>

export interface WorkflowOptions {
  event: string
  with: Record<string, string | number | boolean>
  matrix: Record<string, unknown> | undefined
  continueOnError: boolean
  extraSteps: Step[]
  /** Of the steps, over act's own. */
  stepEnv: Record<string, string>
  /** Of the action's step alone: what the runner gives to actions and not to scripts. */
  actionEnv: Record<string, string>
  /** Where a step after the action's writes `toJSON(steps.pipeline)`. */
  resultFile: string
}

/** Builds the workflow: checkout, the action, a step that reads its outputs, and the caller's own steps. */
export function buildWorkflow(options: WorkflowOptions): object {
  const { stepEnv: env, matrix } = options
  const end = `END_${randomUUID()}`
  const action = {
    id: STEP_ID,
    uses: ACTION,
    with: options.with,
    env: { ...env, ...options.actionEnv },
    'continue-on-error': options.continueOnError,
  }
  // Through the script and not through a variable: outputs may be longer than an environment allows.
  const read = {
    name: 'Read the outputs',
    if: 'always()',
    run: `cat > '${options.resultFile}' <<'${end}'\n\${{ toJSON(steps.${STEP_ID}) }}\n${end}\n`,
  }
  const extraSteps = options.extraSteps.map((step) => ({
    ...step,
    env: { ...env, ...(step.env as object | undefined) },
  }))
  return {
    name: 'pipeline',
    on: options.event,
    jobs: {
      verify: {
        'runs-on': 'ubuntu-latest',
        ...(matrix && { strategy: { 'fail-fast': false, matrix: { include: [matrix] } } }),
        steps: [{ uses: 'actions/checkout@v5' }, action, read, ...extraSteps],
      },
    },
  }
}

/** What the hosted runner sets and act does not, or sets to something else. */
export function runnerEnvironment(payload: Payload, trackingId: string, apiUrl: string): Record<string, string> {
  const repository = payload.repository as { full_name: string; id: number }
  const pull = payload.pull_request as { merge_commit_sha: string } | undefined
  const sender = payload.sender as { login: string; id: number }
  const sha = pull?.merge_commit_sha ?? String(payload.after)
  return {
    LANG: 'C.UTF-8',
    GITHUB_API_URL: apiUrl,
    GITHUB_GRAPHQL_URL: `${apiUrl}/graphql`,
    GITHUB_REPOSITORY: repository.full_name,
    GITHUB_REPOSITORY_ID: String(repository.id),
    GITHUB_ACTOR_ID: String(sender.id),
    GITHUB_TRIGGERING_ACTOR: sender.login,
    GITHUB_RUN_ID: '19533471208',
    GITHUB_RUN_NUMBER: '42',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_WORKFLOW_REF: `${repository.full_name}/.github/workflows/pipeline.yml@${pull ? 'refs/pull/7/merge' : 'refs/heads/main'}`,
    GITHUB_WORKFLOW_SHA: sha,
    RUNNER_NAME: 'GitHub Actions 1000000042',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_TRACKING_ID: trackingId,
    // act reads GITHUB_SHA from this name.
    SHA_REF: sha,
  }
}
