import { type ToolProvider, type ToolRequest, toolKey, toolOf } from './provider.ts'
import { fits } from './version.ts'

/** A fitting program that is on PATH already. Only the one a shell would start counts, as later steps start it too. */
export const path: ToolProvider = {
  title: 'PATH',
  find: async ({ name, version, adapters, signal }) => {
    const file = await adapters.onPath(name)
    if (file === null) return `no ${name}`
    const said = await adapters.askVersion(name, file, signal)
    if (said === null) return `${file} does not say its version`
    if (!fits(name, version, said)) return `${file} is ${said}`
    // Another minor of kubectl fits as well as the one asked for, so there is nothing to note.
    return { name, version: said, path: file, from: 'path' }
  },
}

/** A program of an earlier run that still runs. */
export const toolCache: ToolProvider = {
  title: 'tool cache',
  find: async (request) => {
    const { version, adapters } = request
    const found = await cachedProgram(request, version)
    if (found.path !== null) return toolOf(request, found.path, 'tool-cache')
    // What an earlier run had to take instead, at the end of all its other ways.
    const substitute = adapters.go === null ? null : await adapters.cache.substitute(toolKey(request))
    const instead = substitute === null ? null : await cachedProgram(request, substitute)
    return substitute !== null && instead?.path ? toolOf(request, instead.path, 'tool-cache', substitute) : found.reason
  },
}

/** The cached program of a version when it runs and is that version; a file that came to harm is as good as none. */
export async function cachedProgram(
  { name, adapters, signal, progress }: ToolRequest,
  version: string,
): Promise<{ path: string; reason: null } | { path: null; reason: string }> {
  const path = await adapters.cache.find(name, version)
  if (path === null) return { path, reason: `no ${name} ${version}` }
  const said = await adapters.askVersion(name, path, signal)
  if (said === version) return { path, reason: null }
  const reason = `${path} ${said === null ? 'does not run' : `says it is ${said}`}`
  progress(`the tool cache is damaged and will be mended: ${reason}`)
  return { path: null, reason }
}
