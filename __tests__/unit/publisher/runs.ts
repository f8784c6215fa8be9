import type { Artifact } from '../../../src/adapters/github/artifacts.ts'
import type { OpenPullRequest } from '../../../src/adapters/github/pulls.ts'
import { dataFileName } from '../../../src/publisher/data-file.ts'
import type { FinishedRun } from '../../../src/publisher/event.ts'
import { reports } from '../runs.ts'

/** The head of the runs' reports. */
export const headSha = reports.passed.context.sha as string

/** A run of a fork's pull request that has ended. */
export function finishedRun(more: Partial<FinishedRun> = {}): FinishedRun {
  return {
    id: 4242,
    attempt: 1,
    event: 'pull_request',
    conclusion: 'success',
    workflowId: 99,
    workflow: 'pipeline',
    headSha,
    headBranch: 'faster',
    head: { owner: 'hubot', repository: 'hubot/service' },
    ...more,
  }
}

/** The payload of the event that such a run's end makes. */
export function workflowRunPayload(more: object = {}) {
  return {
    action: 'completed',
    workflow_run: {
      id: 4242,
      run_attempt: 1,
      event: 'pull_request',
      conclusion: 'success',
      status: 'completed',
      workflow_id: 99,
      name: 'pipeline',
      head_sha: headSha,
      head_branch: 'faster',
      head_repository: { full_name: 'hubot/service', owner: { login: 'hubot' } },
      pull_requests: [],
      html_url: 'https://github.com/octo-org/service/actions/runs/4242',
      ...more,
    },
  }
}

export const dataName = dataFileName('mlops-pipeline-pipeline-verify', 'pipeline/verify/')

export function artifactOf(more: Partial<Artifact> = {}): Artifact {
  return { id: 1, name: dataName, sizeBytes: 20_000, expired: false, ...more }
}

export function pullOf(more: Partial<OpenPullRequest> = {}): OpenPullRequest {
  return { number: 7, headSha, headRepository: 'hubot/service', ...more }
}
