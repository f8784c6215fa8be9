import type { Stage } from '../../pipeline/stage.ts'
import { stageFailure } from '../cause.ts'
import type { Results } from '../results.ts'
import { goInstall } from './compile.ts'
import { download, gitHubCache } from './download.ts'
import { path, toolCache } from './installed.ts'
import type { ToolProvider, ToolRequest, ToolsAdapters } from './provider.ts'
import { goModules, type Tool, type ToolName } from './tool.ts'

export type { ToolsAdapters } from './provider.ts'

/** The ways to a program, in the order they are tried: nearest and quickest first. */
function providersOf(name: ToolName, { gitHubCache: gitHub, go }: ToolsAdapters): readonly ToolProvider[] {
  return [path, toolCache, ...(gitHub ? [gitHubCache] : []), download, ...(go && goModules[name] ? [goInstall] : [])]
}

/** Installs one program the first way that has it. */
export function toolStage<N extends ToolName>(name: N, version: string, mirror: string | undefined, adapters: ToolsAdapters): Stage<Results, N, never> {
  const providers = providersOf(name, adapters)
  return {
    name,
    title: `Install ${name} ${version}`,
    needs: [],
    // A compiler takes minutes, on two cores and with the other stages beside it.
    deadlineMs: (providers.includes(goInstall) ? 15 : 5) * 60_000,
    run: async (_needs, context) => {
      const tool = await install(providers, { ...context, name, version, mirror, adapters })
      // What is on PATH already stays where it is in its order.
      if (tool.from !== 'path') adapters.expose(tool.path)
      return tool as Results[N]
    },
    data: (tool) => tool,
  }
}

async function install(providers: readonly ToolProvider[], request: ToolRequest): Promise<Tool> {
  const { name, version, signal, progress } = request
  const said: string[] = []
  for (const { title, find } of providers) {
    const found = await find(request)
    if (typeof found !== 'string') {
      progress(found.note ?? `${name} ${found.version} from ${title}`)
      return found
    }
    signal.throwIfAborted()
    said.push(`${title}: ${found}`)
  }
  const compiled = providers.includes(goInstall) ? ', or install Go' : ''
  throw stageFailure('tool-missing', `${name} ${version} could not be had (${said.join('; ')})`, {
    kind: 'infrastructure',
    remedy: `Put ${name} ${version} on PATH, set download-mirror to a host this machine can reach${compiled}. If it worked before, run the job again.`,
  })
}
