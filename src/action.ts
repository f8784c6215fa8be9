import { realpathSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import * as core from '@actions/core'
import { defaultArtifactName, defaultCommentKey } from './adapters/github/context.ts'
import type { Config } from './config/config.ts'
import type { Channels } from './publish.ts'
import { dataFileName } from './publisher/data-file.ts'
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
  const artifactName = config.artifactName ?? defaultArtifactName(context)
  const commentKey = config.commentKey ?? defaultCommentKey(context)
  return {
    artifact: async (folder) => {
      const { uploadArtifact } = await import('./adapters/github/artifact.ts')
      return await uploadArtifact(artifactName, folder, process.env, signal)
    },
    summary: process.env.GITHUB_STEP_SUMMARY
      ? async (markdown) => {
          await core.summary.addRaw(markdown).write()
        }
      : null,
    comment: commentTo
      ? async (markdown) => {
          const { upsertComment } = await import('./adapters/github/comment.ts')
          return await upsertComment({ ...commentTo, key: commentKey }, markdown, signal)
        }
      : null,
    // Only on pull requests: that is where another workflow finds it.
    data:
      config.comment && pullRequest !== null
        ? async (report) => {
            const { uploadText } = await import('./adapters/github/artifact.ts')
            return await uploadText(dataFileName(artifactName, commentKey), JSON.stringify(report), process.env, signal)
          }
        : null,
    notice: (message) => core.notice(message, { title: 'mlops-pipeline-action' }),
  }
}

/** Why nobody will try to comment although it is wanted; undefined when somebody will. */
export function noCommentReason(config: Config, { pullRequest }: RunContext): string | undefined {
  if (!config.comment) return undefined
  return pullRequest === null ? 'No comment: this run belongs to no pull request.' : undefined
}
