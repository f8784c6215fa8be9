import { goModules, type ToolName } from '../stages/tools/tool.ts'
import { fits } from '../stages/tools/version.ts'
import { type Check, type Finding, ok, problem, unknown, warning } from './check.ts'
import type { DoctorConfig, DownloadFacts, MachineFacts } from './facts.ts'

export const kindCheck = toolCheck('kind', 'cluster')
export const kubectlCheck = toolCheck('kubectl', 'cluster')
export const k6Check = toolCheck('k6', 'every run')

export const goCheck: Check = {
  name: 'go',
  title: 'Go',
  rulesOut: 'every run',
  look: ({ programs: { go } }) => {
    if (go.path === null) return ok('not on PATH; needed only where downloads are out of reach')
    return ok(`${go.version ?? '(version unknown)'} at ${go.path}`)
  },
}

export const toolCacheCheck: Check = {
  name: 'tool-cache',
  title: 'Tool cache',
  rulesOut: 'every run',
  look: ({ toolCache, programs }, config) => {
    if (!toolCache) return unknown('its folder could not be looked at')
    const { folder, trouble } = toolCache
    if (trouble === null) return ok(folder)
    const seen = `${folder} cannot be written to: ${trouble}`
    const remedy = 'Mend its rights, or set RUNNER_TOOL_CACHE or XDG_CACHE_HOME to a folder of yours.'
    const missing = (['kind', 'kubectl', 'k6'] as const).filter((name) => !isAtHand(name, { programs }, config))
    return missing.length > 0 ? problem(`${seen}; ${missing.join(', ')} would have to go there`, remedy) : warning(seen, remedy)
  },
}

/** Whether a download is there to be had: publishers answer with a redirect to where it lies. */
export function isOffered(download: DownloadFacts): boolean {
  return download.status !== null && download.status >= 200 && download.status < 400
}

/** The version a run uses. */
export function wantedVersion(name: ToolName, config: DoctorConfig): string {
  return { kind: config.kindVersion, kubectl: config.kubectlVersion, k6: config.k6Version }[name]
}

/** Whether “go install” would be tried for a program. A host that says there is no such version is not out of reach. */
export function canBeBuilt(name: ToolName, { programs, downloads }: Pick<MachineFacts, 'programs' | 'downloads'>): boolean {
  const answer = downloads[name]?.status
  return goModules[name] !== undefined && programs.go.path !== null && answer !== 404 && answer !== 410
}

/** Whether nothing has to be fetched for a program. */
export function isAtHand(name: ToolName, { programs }: Pick<MachineFacts, 'programs'>, config: DoctorConfig): boolean {
  const { version, cached } = programs[name]
  return cached || (version !== null && fits(name, wantedVersion(name, config), version))
}

function toolCheck(name: ToolName, rulesOut: Check['rulesOut']): Check {
  return { name, title: name, rulesOut, look: (facts, config) => lookForTool(name, facts, config) }
}

function lookForTool(name: ToolName, facts: MachineFacts, config: DoctorConfig): Finding {
  const { path, version, cached } = facts.programs[name]
  const wanted = wantedVersion(name, config)
  if (path !== null && version !== null && fits(name, wantedVersion(name, config), version)) return ok(`${version} at ${path}`)
  if (cached) return ok(`${wanted} in the tool cache`)

  const here = path === null ? 'not on PATH' : `${version ?? 'an unknown version'} at ${path}, wanted is ${wanted}`
  const download = facts.downloads[name]
  if (download && isOffered(download)) return ok(`${here}; ${wanted} will be downloaded from ${download.host}`)
  if (canBeBuilt(name, facts)) return ok(`${here}; ${wanted}, or the nearest to it, can be built by go install, since Go is here`)
  if (path !== null && version !== null) {
    const risk = name === 'kubectl' ? ', though more than one minor away from the cluster’s Kubernetes' : ''
    return problem(`${here}, which cannot be downloaded`, `--${name}-version ${version} takes the one on PATH${risk}.`)
  }
  const ways = [
    `Put ${name} ${wanted} on PATH`,
    ...(goModules[name] !== undefined ? ['install Go'] : []),
    'set --download-mirror to a host this machine can reach',
  ]
  const remedy = `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}.`
  if (!download) return unknown(`${here}; whether it can be downloaded could not be found out`, remedy)
  return problem(`${here}, and it cannot be downloaded`, remedy)
}
