import { realpathSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import * as core from '@actions/core'
import type { CommentTarget } from './adapters/github/comment.ts'
import { defaultArtifactName, defaultCommentKey, runNumber } from './adapters/github/context.ts'
import { editLimits } from './adapters/github/edit-budget.ts'
import type { LiveComment } from './adapters/github/live-comment.ts'
import type { Config, Environment } from './config/config.ts'
import type { Channels } from './publish.ts'
import { dataFileName } from './publisher/data-file.ts'
import type { RunContext } from './report/report.ts'
import { readRunFile, runFiles } from './session.ts'

/** The action's own folder: the one above the file that Node was started with. */
export function actionRoot(): string {
  return dirname(dirname(realpathSync(process.argv[1] as string)))
}

/** How this program is started again, for another of its roles: Node and the `index` beside the file that was started. */
export function ownProgram(): readonly string[] {
  const file = realpathSync(process.argv[1] as string)
  return [process.execPath, join(dirname(file), `index${extname(file)}`)]
}

/** Where a run's comment goes; null when there is none to write. */
function commentTarget(config: Config, context: RunContext): CommentTarget | null {
  const { repository, pullRequest } = context
  if (!config.comment || !config.githubToken || !repository || pullRequest === null) return null
  return { token: config.githubToken, repository, pullRequest, key: config.commentKey ?? defaultCommentKey(context), run: runNumber(context) }
}

/**
 * Begins a comment that follows the run; null when there is none to write.
 * @param folder the run's own, where post learns when the comment was last written
 * @param signal stops it for good
 */
export async function startLiveComment(
  config: Config,
  environment: Environment,
  context: RunContext,
  folder: string,
  signal: AbortSignal,
): Promise<LiveComment | null> {
  const target = commentTarget(config, context)
  if (target === null) return null
  const [{ liveComment }, { plannedDurations, usualDuration }] = await Promise.all([
    import('./adapters/github/live-comment.ts'),
    import('./terminal/durations.ts'),
  ])
  const planned = plannedDurations(config)
  return liveComment({
    target,
    context,
    environment,
    usualMs: (name, previous) => usualDuration(name, planned, previous && Object.hasOwn(previous.stages, name) ? (previous.stages[name] ?? null) : null),
    signal,
    onEdit: () => {
      try {
        writeFileSync(join(folder, runFiles.commented), String(Date.now()))
      } catch {
        // A full disk: post may be a little early, then.
      }
    },
  })
}

/** How long a comment that another process of this run wrote must be left alone, in milliseconds. */
function sinceLiveEdit(folder: string): number {
  const atMs = readRunFile<number>(folder, runFiles.commented) ?? 0
  return Math.min(editLimits.spacingMs, Math.max(0, atMs + editLimits.spacingMs - Date.now()))
}

/**
 * Where a run on GitHub reports to.
 * @param folder the run's own
 * @param live the comment that follows the run in this process, where one does
 */
export function gitHubChannels(config: Config, context: RunContext, folder: string, signal: AbortSignal, live: LiveComment | null = null): Channels {
  const target = commentTarget(config, context)
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
    comment: target
      ? async (page) => {
          if (live) return await live.finish(page, signal)
          const [{ upsertComment }, { pause }] = await Promise.all([import('./adapters/github/comment.ts'), import('./adapters/github/pause.ts')])
          await pause(sinceLiveEdit(folder), signal)
          return await upsertComment(target, page, signal)
        }
      : null,
    // Only on pull requests: that is where another workflow finds it.
    data:
      config.comment && context.pullRequest !== null
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
