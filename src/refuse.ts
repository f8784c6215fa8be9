import { appendFileSync } from 'node:fs'
import * as core from '@actions/core'
import { defaultCommentKey, readRunContext, runNumber } from './adapters/github/context.ts'
import type { Reason } from './gates/verdict.ts'

/**
 * Ends a run that never began: says why in the log, the outputs, the summary and, where it can, in
 * the comment, which would otherwise still show the last run's verdict. Returns the exit code.
 * @param given the inputs as written, since they could not be read as a whole
 */
export async function refuse(message: string, given: Readonly<Record<string, string | undefined>>, reason: Reason = 'config'): Promise<number> {
  core.error(message, { title: 'Pipeline invalid' })
  core.setOutput('verdict', 'invalid')
  core.setOutput('reason', reason)
  const context = readRunContext(process.env, given.matrix)
  const { repository, pullRequest } = context
  const token = given['github-token'] || process.env.MLOPS_GITHUB_TOKEN
  const wanted = (given.comment || process.env.MLOPS_COMMENT)?.trim().toLowerCase() !== 'false'
  if (!process.env.GITHUB_STEP_SUMMARY && !(token && pullRequest)) return 1

  const { fenced } = await import('./report/escape.ts')
  const markdown = `### ⚠️ Pipeline invalid\n\nNothing was started.\n\n${fenced(message)}\n`
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, markdown)
  if (token && wanted && repository && pullRequest !== null) {
    const { upsertComment } = await import('./adapters/github/comment.ts')
    const key = given['comment-key']?.trim() || process.env.MLOPS_COMMENT_KEY || defaultCommentKey(context)
    const outcome = await upsertComment({ token, repository, pullRequest, key, run: runNumber(context) }, markdown, new AbortController().signal)
    if ('notice' in outcome) core.notice(outcome.notice)
  }
  return 1
}
