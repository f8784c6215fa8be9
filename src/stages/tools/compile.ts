import { messageOf } from '../../pipeline/failure.ts'
import { cachedProgram } from './installed.ts'
import { type GoToolchain, type ToolProvider, type ToolRequest, toolKey, toolOf } from './provider.ts'
import { goModules, type Tool, type ToolName } from './tool.ts'
import { nearestVersions, numbersOf } from './version.ts'

/** How long a first build takes on two to four cores; later ones find most packages compiled. */
const usually: Readonly<Partial<Record<ToolName, string>>> = { kind: 'half a minute', k6: '1 to 4 minutes' }

/** Compiled from its Go module, which Go's own checksum database verifies: the version asked for, or the nearest that can be had. */
export const goInstall: ToolProvider = {
  title: 'go install',
  find: async (request) => {
    const { version, adapters, signal } = request
    const { go } = adapters
    if (go === null || !(await go.isThere())) return 'no go on PATH'
    const reasons: string[] = []
    try {
      for await (const { module, candidate } of candidates(request, go)) {
        const found = await compile(request, go, module, candidate)
        if (typeof found === 'string') {
          reasons.push(found)
          continue
        }
        if (found.version !== version) await adapters.cache.noteSubstitute(toolKey(request), found.version)
        return found
      }
    } catch (error) {
      signal.throwIfAborted()
      return messageOf(error)
    }
    // The first is about the version that was asked for; a failed build says more than a missing version.
    return reasons[0] ?? `no module for ${version}`
  },
}

interface Candidate {
  readonly module: string
  readonly candidate: string
}

/** The version asked for, then those nearest to it; the module proxy is asked for lists only when they are needed. */
async function* candidates({ name, version, signal }: ToolRequest, go: GoToolchain): AsyncGenerator<Candidate> {
  const moduleOf = goModules[name]
  const numbers = numbersOf(version)
  if (!moduleOf || numbers === null) return
  const [major] = numbers
  const own = moduleOf(major)
  const before = moduleOf(major - 1)
  yield { module: own, candidate: version }
  const listed = await Promise.all([own, ...(before === own ? [] : [before])].map((module) => go.versions(module, signal)))
  for (const candidate of nearestVersions(version, listed[0] ?? [], listed[1] ?? [])) {
    yield { module: moduleOf(numbersOf(candidate)?.[0] ?? major), candidate }
  }
}

/** One version into the tool cache, unless it is there already; or why not. */
async function compile(request: ToolRequest, go: GoToolchain, module: string, candidate: string): Promise<Tool | string> {
  const { name, version, adapters, signal, progress } = request
  const cached = candidate === version ? null : await cachedProgram(request, candidate)
  if (cached?.path) return toolOf(request, cached.path, 'tool-cache', candidate)
  progress(`asking for ${module} ${candidate}`)
  if (!(await go.fetch(module, candidate, signal))) return `${module} ${candidate} is not to be had`
  const what = `building ${name} ${candidate}${candidate === version ? '' : ` in place of ${version}, which is not to be had,`} with go install`
  progress(`${what}; usually ${usually[name] ?? 'some minutes'} the first time`)
  let file: string
  try {
    file = await go.install(module, candidate, signal, (count) => progress(`${what}: ${count} packages compiled`))
  } catch (error) {
    signal.throwIfAborted()
    progress(`${name} ${candidate} cannot be built: ${messageOf(error)}`)
    return `${module} ${candidate} cannot be built: ${messageOf(error)}`
  }
  try {
    const really = (await adapters.askVersion(name, file, signal)) ?? candidate
    return toolOf(request, await adapters.cache.store(name, really, file, null), 'go', really)
  } finally {
    await adapters.discard(file)
  }
}
