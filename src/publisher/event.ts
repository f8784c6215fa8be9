import { z } from 'zod'

/** A finished workflow run, as GitHub's own event tells of it. All of it can be trusted but what somebody chose: names and the branch. */
export interface FinishedRun {
  readonly id: number
  readonly attempt: number
  /** The event that started it, such as `pull_request`. */
  readonly event: string
  readonly conclusion: string
  readonly workflowId: number
  readonly workflow: string
  readonly headSha: string
  /** Empty when GitHub does not know it any more. */
  readonly headBranch: string
  /** Who owns the repository of the branch, and `owner/name`; null when it was deleted. */
  readonly head: { readonly owner: string; readonly repository: string } | null
}

const payload = z.object({
  action: z.string(),
  workflow_run: z.object({
    id: z.number().int().positive(),
    run_attempt: z.number().int().positive().default(1),
    event: z.string(),
    conclusion: z.string().nullish(),
    workflow_id: z.number().int().positive(),
    name: z.string().nullish(),
    head_sha: z.string().regex(/^[0-9a-f]{40,64}$/),
    head_branch: z.string().nullish(),
    head_repository: z.object({ full_name: z.string(), owner: z.object({ login: z.string() }) }).nullish(),
  }),
})

/** Reads the payload of a `workflow_run` event: the run, or what is wrong with the workflow that asks. */
export function readFinishedRun(text: string): { readonly run: FinishedRun } | { readonly problem: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { problem: 'the event’s payload (GITHUB_EVENT_PATH) is not JSON' }
  }
  const read = payload.safeParse(json)
  if (!read.success) {
    const [issue] = read.error.issues
    return { problem: `the event’s payload (GITHUB_EVENT_PATH) is not that of a workflow_run: ${issue?.path.map(String).join('.')}: ${issue?.message}` }
  }
  const { action, workflow_run: run } = read.data
  if (action !== 'completed' || !run.conclusion) {
    return { problem: `the run that started this one has not ended (${action}); write "types: [completed]" below workflow_run` }
  }
  const { head_repository: head } = run
  return {
    run: {
      id: run.id,
      attempt: run.run_attempt,
      event: run.event,
      conclusion: run.conclusion,
      workflowId: run.workflow_id,
      workflow: run.name ?? '',
      headSha: run.head_sha,
      headBranch: run.head_branch ?? '',
      head: head ? { owner: head.owner.login, repository: head.full_name } : null,
    },
  }
}
