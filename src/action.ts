import { realpathSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import * as core from '@actions/core'
import { defaultArtifactName, defaultCommentKey } from './adapters/github/context.ts'
import type { Config } from './config/config.ts'
import type { Channels } from './publish.ts'
import type { RunContext } from './report/report.ts'

/** The action's own folder: the one above the file that Node was started with. */
export function actionRoot(): string {
  return dirname(dirname(realpathSync(process.argv[1] as string)))
}

/** How this program is started again, for another of its roles: Node and the `index` beside the file that was started. */
export function ownProgram(): readonly string[] {
  const file = realpathSync(process.argv[1] as string)
  return [process.execPath, join(dirname(file), `index${extname(file)}`)]
}

/** Where a run on GitHub reports to. */
export function gitHubChannels(config: Config, context: RunContext, signal: AbortSignal): Channels {
  const { repository, pullRequest } = context
  const commentTo = config.comment && config.githubToken && repository && pullRequest !== null ? { token: config.githubToken, repository, pullRequest } : null
  return {
    artifact: async (folder) => {
      const { uploadArtifact } = await import('./adapters/github/artifact.ts')
      return await uploadArtifact(config.artifactName ?? defaultArtifactName(context), folder, process.env, signal)
    },
    summary: process.env.GITHUB_STEP_SUMMARY
      ? async (markdown) => {
          await core.summary.addRaw(markdown).write()
        }
      : null,
    comment: commentTo
      ? async (markdown) => {
          const { upsertComment } = await import('./adapters/github/comment.ts')
          return await upsertComment({ ...commentTo, key: config.commentKey ?? defaultCommentKey(context) }, markdown, signal)
        }
      : null,
    notice: (message) => core.notice(message, { title: 'mlops-pipeline-action' }),
  }
}

/** Why there will be no comment although one is wanted; undefined when there will be. */
export function noCommentReason(config: Config, { pullRequest }: RunContext): string | undefined {
  if (!config.comment) return undefined
  if (pullRequest === null) return 'No comment: this run belongs to no pull request.'
  return config.githubToken ? undefined : 'No comment: github-token is empty.'
}
