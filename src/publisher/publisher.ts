import { readFileSync } from 'node:fs'
import * as core from '@actions/core'
import type { Artifact } from '../adapters/github/artifacts.ts'
import type { CommentOutcome } from '../adapters/github/comment.ts'
import type { OpenPullRequest } from '../adapters/github/pulls.ts'
import type { Config } from '../config/config.ts'
import { messageOf } from '../pipeline/failure.ts'
import { withDeadline } from '../pipeline/race.ts'
import { escapeMarkdown, plainLine } from '../report/escape.ts'
import { acceptReport } from './accept.ts'
import { chooseDataFiles, choosePullRequest, type DataFile } from './choose.ts'
import { dataLimitBytes } from './data-file.ts'
import { type FinishedRun, readFinishedRun } from './event.ts'
import { renderPublished } from './page.ts'

/** GitHub, as far as publishing needs it. */
export interface Publishing {
  readonly artifacts: (runId: number) => Promise<readonly Artifact[]>
  /** The artifact's bytes; throws when there are more than the limit. */
  readonly download: (id: number, limitBytes: number) => Promise<Uint8Array>
  /** The open pull requests of `owner:branch`. */
  readonly pulls: (branch: string) => Promise<readonly OpenPullRequest[]>
  readonly comment: (pullRequest: number, key: string, markdown: string) => Promise<CommentOutcome>
  /** `owner/name` of the repository whose pull requests get comments, and the server it is on. */
  readonly repository: string
  readonly server: string
  /** Longest comment, in characters. */
  readonly commentLimit: number
}

/** What publishing came to: comments, what went wrong, and why there may have been nothing to do. */
export interface Published {
  readonly comments: readonly string[]
  readonly problems: readonly string[]
  readonly nothing: string | null
}

/**
 * Writes the reports of a finished run as comments on its pull request. All that the run left is its author's word: it is read
 * within limits, never run, and says neither where it is shown nor what GitHub thinks of the run. Nothing is thrown.
 */
export async function publishRun(run: FinishedRun, github: Publishing): Promise<Published> {
  const nothing = (why: string): Published => ({ comments: [], problems: [], nothing: why })
  const failed = (why: string): Published => ({ comments: [], problems: [`No comment: ${why}.`], nothing: null })
  if (run.event !== 'pull_request') return nothing(`the run was started by ${run.event}, not by a pull request`)
  try {
    const artifacts = await github.artifacts(run.id)
    const { files, problems } = chooseDataFiles(artifacts)
    if (files.length === 0 && problems.length === 0) return nothing('the run left no report to publish: it wrote its comment itself, or never got that far')
    if (run.head === null || run.headBranch === '') return failed('the run’s branch or its repository is gone')
    const chosen = choosePullRequest(await github.pulls(`${run.head.owner}:${run.headBranch}`), run)
    if ('problem' in chosen) return failed(chosen.problem)
    const comments: string[] = []
    const wrong = problems.map((problem) => `No comment: ${problem}.`)
    // One after the other: GitHub asks for that where content is made.
    for (const file of files) {
      const outcome = await publishFile(file, run, chosen.number, github)
      if ('url' in outcome) comments.push(outcome.url)
      else wrong.push(outcome.notice)
    }
    return { comments, problems: wrong, nothing: null }
  } catch (error) {
    return failed(messageOf(error))
  }
}

async function publishFile({ id, name, keyHash, wholeId }: DataFile, run: FinishedRun, pullRequest: number, github: Publishing): Promise<CommentOutcome> {
  const { repository, server } = github
  const runUrl = `${server}/${repository}/actions/runs/${run.id}`
  try {
    const bytes = await github.download(id, dataLimitBytes)
    const accepted = acceptReport(bytes, run, { repository, pullRequest, runUrl: run.attempt > 1 ? `${runUrl}/attempts/${run.attempt}` : runUrl })
    if ('problem' in accepted) return { notice: `No comment: ${name} is refused: ${accepted.problem}.` }
    const links = { artifact: wholeId === null ? null : `${runUrl}/artifacts/${wholeId}` }
    // The workflow's id is GitHub's, so no pull request can reach a comment that another workflow wrote.
    const key = `publish/${run.workflowId}/${keyHash}`
    return await github.comment(pullRequest, key, renderPublished(accepted.report, run, links, github.commentLimit))
  } catch (error) {
    return { notice: `No comment: ${name} could not be published: ${messageOf(error)}.` }
  }
}

/** How long everything may take, and one download, in milliseconds. */
const publishMs = 4 * 60_000
const downloadMs = 60_000

/** The action's step in `mode: publish`. Returns the exit code: 1 only for a workflow that is not set up right. */
export async function publish(config: Config, env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const title = 'mlops-pipeline-action'
  const { githubToken: token } = config
  const { GITHUB_REPOSITORY: repository, GITHUB_SERVER_URL: server = 'https://github.com' } = env
  const read = readFinishedRun(readEvent(env.GITHUB_EVENT_PATH))
  const problem = !token ? 'github-token is empty' : !repository ? 'GITHUB_REPOSITORY is not set' : 'problem' in read ? read.problem : null
  if (!token || !repository || 'problem' in read) {
    core.error(plainLine(`mode: publish cannot work: ${problem}`), { title })
    return 1
  }
  const [{ downloadArtifact, listArtifacts }, { openPullRequests }, { commentLimit, upsertComment }] = await Promise.all([
    import('../adapters/github/artifacts.ts'),
    import('../adapters/github/pulls.ts'),
    import('../adapters/github/comment.ts'),
  ])
  const place = { token, repository }
  const published = await withDeadline(publishMs, new AbortController().signal, (signal) =>
    publishRun(read.run, {
      artifacts: (runId) => listArtifacts(place, runId, signal),
      download: (id, limitBytes) => withDeadline(downloadMs, signal, (own) => downloadArtifact(place, id, limitBytes, own)),
      pulls: (branch) => openPullRequests(place, branch, signal),
      comment: (pullRequest, key, markdown) =>
        upsertComment({ ...place, pullRequest, key, run: { id: read.run.id, attempt: read.run.attempt } }, () => markdown, signal),
      repository,
      server,
      // Room for the comment's marker line.
      commentLimit: commentLimit - 200,
    }),
  ).catch((error: unknown): Published => ({ comments: [], problems: [`No comment: ${messageOf(error)}.`], nothing: null }))
  const { comments, problems, nothing } = published
  for (const url of comments) core.info(`comment: ${url}`)
  for (const words of problems) core.warning(plainLine(words), { title })
  if (nothing !== null) core.notice(plainLine(`Nothing to publish: ${nothing}.`), { title })
  core.setOutput('comment-url', comments.join('\n'))
  if (env.GITHUB_STEP_SUMMARY) {
    const lines = [
      ...comments.map((url) => `- ${url}`),
      ...[...problems, ...(nothing ? [`Nothing to publish: ${nothing}.`] : [])].map((words) => `- ${escapeMarkdown(words)}`),
    ]
    await core.summary
      .addRaw(`### Published reports\n\n${lines.join('\n')}\n`)
      .write()
      .catch((error: unknown) => core.notice(`No job summary: ${messageOf(error)}`))
  }
  return 0
}

function readEvent(path: string | undefined): string {
  try {
    return path ? readFileSync(path, 'utf8') : ''
  } catch {
    return ''
  }
}
