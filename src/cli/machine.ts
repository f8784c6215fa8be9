import { tmpdir } from 'node:os'
import { toolCacheFolder } from '../adapters/folders.ts'
import { currentPlatform, toolsAdapters } from '../adapters/tool-cache.ts'
import type { ToolsAdapters } from '../stages/tools/stage.ts'

/** A machine that has what the tools need, or what is wrong with it. */
export type Machine = { readonly temporary: string; readonly tools: (folder: string) => ToolsAdapters } | { readonly problem: string }

/** This machine, with the folders that a runner would name chosen. `@actions/tool-cache` reads them from the environment alone. */
export function thisMachine(): Machine {
  const platform = currentPlatform()
  if (!platform) return { problem: `${process.platform} on ${process.arch} is not supported: kind, kubectl and k6 need Linux or macOS on x64 or arm64` }
  const { env } = process
  env.RUNNER_TOOL_CACHE = toolCacheFolder(env)
  env.RUNNER_TEMP ||= tmpdir()
  return { temporary: env.RUNNER_TEMP, tools: (folder) => toolsAdapters({ temporary: folder, platform, expose: () => {} }) }
}
