import { resolve } from 'node:path'
import { defaultGates, type Gate, parseGate } from '../gates/gate.ts'
import type { LoadShape } from '../stages/load/shape.ts'
import { type Input, type InputName, type InputValues, inputs, reservedInputs } from './inputs.ts'
import { type KindConfigFile, readKindConfig, withNodeImage } from './kind-config.ts'
import { loadProblems, loadShape } from './load.ts'
import { placeProblems } from './load-runner.ts'
import { nearest } from './nearest.ts'
import { type ImageName, images, k6Image, nodeImages } from './pins.ts'
import { ownPorts, portProblems, type WantedPort } from './ports.ts'
import { ValueProblem } from './values.ts'

export { localUrl, nodePorts } from './ports.ts'

/** Everything the pipeline is told, read once; no stage ever reads an input. */
export interface Config extends Omit<InputValues, 'baseUrl' | 'kindConfig' | 'loadScript'> {
  /** Cluster's Kubernetes version without `v`, or null when only the node image knows it. */
  readonly kubernetes: string | null
  readonly nodeImage: string
  readonly kubectlVersion: string
  /** Where probes and load go when somebody said so, else null: where the ingress answers. */
  readonly baseUrl: string | null
  /** The user's own kind configuration; null for a cluster of our own. */
  readonly kindConfig: KindConfigFile | null
  /** Ports of this machine that shall lead to the cluster. */
  readonly ports: readonly WantedPort[]
  readonly images: Readonly<Record<ImageName, string>>
  readonly gates: readonly Gate[]
  /** The user's own k6 script, as written and where it is; null for ours. */
  readonly loadScript: { readonly path: string; readonly file: string } | null
  /** How the load is driven. */
  readonly shape: LoadShape
}

/** Every input problem of a run at once. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]
  /** What was ignored; one of them may be the real mistake. */
  readonly warnings: readonly string[]
  constructor(problems: readonly string[], warnings: readonly string[] = []) {
    super(
      problems.length === 1 ? `Input problem: ${problems[0]}` : `${problems.length} input problems:\n${problems.map((problem) => `- ${problem}`).join('\n')}`,
    )
    this.problems = problems
    this.warnings = warnings
  }
}

/** Where values come from, in falling precedence. A missing or empty value is not set. */
export interface ConfigSources {
  /** Inputs as written, by name, those we do not know included. */
  readonly inputs: Readonly<Record<string, string | undefined>>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Services that thresholds may name. */
  readonly services: readonly string[]
  /** The text of a file an input names, its path relative to the workspace. Throws an Error that says why it cannot be read. */
  readonly readFile?: (path: string) => string
  /** What a relative path starts from. Default: where this process is. */
  readonly workspace?: string
}

/** Where the services of a run are; `external` is an address that somebody gave. */
export type Environment = 'kind' | 'local' | 'external'

/** The environment variables that set an input, the strongest first. */
export function environmentNames(name: InputName): readonly string[] {
  const row: Input<unknown> = inputs[name]
  return [`MLOPS_${name.toUpperCase().replaceAll('-', '_')}`, ...(row.env ?? [])]
}

/**
 * Reads and checks every input.
 * @throws ConfigError naming every problem, what was expected and where the value came from
 */
export function resolveConfig(sources: ConfigSources): { config: Config; warnings: string[] } {
  const problems: string[] = []
  const warnings: string[] = []
  const values: Record<string, unknown> = {}
  const given = new Set<InputName>()

  for (const [name, row] of Object.entries(inputs) as [InputName, Input<unknown>][]) {
    const found = lookUp(name, sources)
    if (found) given.add(name)
    const raw = found?.value ?? row.default
    if (raw === undefined) continue
    const where = found?.from ?? 'its default'
    const seen = row.secret ? 'its value' : JSON.stringify(abbreviate(withoutPasswords(raw)))
    try {
      const value = row.type.parse(raw)
      if (value === undefined) problems.push(`${where}: expected ${row.type.expected}, got ${seen}`)
      else values[camel(name)] = value
    } catch (error) {
      if (!(error instanceof ValueProblem)) throw error
      problems.push(`${where}: ${error.message} (expected ${row.type.expected})`)
    }
  }

  for (const [name, value] of Object.entries(sources.inputs)) {
    if (!value?.trim() || Object.hasOwn(inputs, name)) continue
    if ((reservedInputs as readonly string[]).includes(name)) {
      problems.push(`${name}: this input is reserved for a later version and does nothing yet; remove it`)
    } else {
      const meant = nearest(name, Object.keys(inputs))
      warnings.push(`Unknown input "${name}" is ignored${meant ? `; did you mean "${meant}"?` : ''}`)
    }
  }

  const read = values as Partial<InputValues>
  const kindConfig = resolveKindConfig(read, given, sources.readFile, problems, warnings)
  const node = resolveNode(read, kindConfig?.image ?? null, problems)
  const gates = resolveGates(read, sources.services, problems)
  problems.push(...portProblems(read), ...placeProblems(read, given))
  const load = loadProblems(read, given)
  problems.push(...load.problems)
  warnings.push(...load.warnings)
  if (read.loadScript !== undefined) checkScript(read.loadScript, sources.readFile, problems)
  if (problems.length > 0) throw new ConfigError(problems, warnings)

  const input = values as unknown as InputValues
  const config: Config = {
    ...input,
    ...node,
    kubectlVersion: input.kubectlVersion ?? node.kubernetes ?? (nodeImages[0]?.kubernetes as string),
    baseUrl: input.baseUrl ?? null,
    kindConfig: kindConfig && withNodeImage(kindConfig, node.nodeImage),
    ports: kindConfig?.ports ?? ownPorts(input, given),
    images: { ...images, k6: k6Image(input.k6Version), ...input.imageOverrides },
    gates,
    loadScript: input.loadScript === undefined ? null : { path: input.loadScript, file: resolve(sources.workspace ?? '', input.loadScript) },
    shape: loadShape(input, given, gates),
  }
  return { config, warnings }
}

function lookUp(name: InputName, { inputs: given, env }: ConfigSources): { value: string; from: string } | undefined {
  const direct = given[name]?.trim()
  if (direct) return { value: direct, from: name }
  for (const variable of environmentNames(name)) {
    const value = env[variable]?.trim()
    if (value) return { value, from: `${name} (from the environment variable ${variable})` }
  }
  return undefined
}

/** The user's kind configuration. What it says itself must not be said a second time. */
function resolveKindConfig(
  { kindConfig: path, ingress, clusterName }: Partial<InputValues>,
  given: ReadonlySet<InputName>,
  readFile: ConfigSources['readFile'],
  problems: string[],
  warnings: string[],
): KindConfigFile | null {
  if (path === undefined) return null
  for (const name of ['workers', 'http-port', 'https-port'] as const) {
    if (given.has(name)) problems.push(`${name}: kind-config says this itself; leave one of the two out`)
  }
  let text: string
  try {
    if (!readFile) throw new Error('no files are read here')
    text = readFile(path)
  } catch (error) {
    problems.push(`kind-config: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
  const file = readKindConfig(path, text, { ingress: ingress ?? 'none', hasBaseUrl: given.has('base-url') }, problems)
  const { name } = (file?.config ?? {}) as { name?: unknown }
  if (name !== undefined && name !== clusterName) warnings.push(`kind-config: the cluster’s name is that of cluster-name (${clusterName}), not the file’s`)
  return file
}

/** A script that is not there is an input error, long before k6 would say so. */
function checkScript(path: string, readFile: ConfigSources['readFile'], problems: string[]): void {
  if (!/\.(js|ts|mjs|cjs)$/.test(path)) {
    problems.push(`load-script: expected a JavaScript or TypeScript file (.js, .ts), got "${path}"`)
    return
  }
  try {
    if (!readFile) throw new Error('no files are read here')
    readFile(path)
  } catch (error) {
    problems.push(`load-script: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The node image and the Kubernetes version it brings: the kind configuration’s, or from `node-image` and `kubernetes-version`. */
function resolveNode(read: Partial<InputValues>, own: string | null, problems: string[]): { nodeImage: string; kubernetes: string | null } {
  const wanted = read.kubernetesVersion?.replace(/^v/, '')
  const nodeImage = own ?? read.nodeImage
  const tag = /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(nodeImage ?? '')?.[1]
  if (nodeImage) {
    if (wanted && tag && tag !== wanted && !tag.startsWith(`${wanted}.`)) {
      const where = own === null ? 'node-image' : 'the image in kind-config'
      problems.push(`kubernetes-version: ${wanted} contradicts ${where}, which is ${tag}; leave one of the two out`)
    }
    // Of a bare minor the first patch will do: kubectl may be one minor off.
    const version = wanted?.split('.').length === 2 ? `${wanted}.0` : wanted
    return { nodeImage, kubernetes: tag ?? version ?? null }
  }
  const known = nodeImages.find(({ kubernetes }) => !wanted || kubernetes === wanted || kubernetes.startsWith(`${wanted}.`))
  if (known) return { nodeImage: known.image, kubernetes: known.kubernetes }
  problems.push(
    `kubernetes-version: expected one of ${nodeImages.map(({ kubernetes }) => kubernetes).join(', ')} or its minor, got "${wanted}"; for another version set node-image`,
  )
  return { nodeImage: '', kubernetes: null }
}

function resolveGates(read: Partial<InputValues>, services: readonly string[], problems: string[]): Gate[] {
  const gates: Gate[] = []
  for (const line of read.thresholds ?? []) {
    const parsed = parseGate(line, services, { customMetrics: read.loadScript !== undefined })
    if ('problem' in parsed) problems.push(`thresholds: "${line}": ${parsed.problem}`)
    else gates.push(parsed.gate)
  }
  if (read.maxP95 !== undefined) gates.push({ service: null, metric: 'p(95)', operator: '<=', limit: read.maxP95 })
  if (read.maxErrorRate !== undefined) gates.push({ service: null, metric: 'error-rate', operator: '<=', limit: read.maxErrorRate })
  if (read.thresholds?.length) return gates
  return [...gates, ...defaultGates.filter(({ metric }) => !gates.some((gate) => gate.metric === metric))]
}

function camel(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** What is shown of a value that may be an address. */
function withoutPasswords(value: string): string {
  return value.replace(/\/\/[^/\s@]*@/g, '//***@')
}

function abbreviate(value: string): string {
  return value.length > 120 ? `${value.slice(0, 117)}…` : value
}
