import { defaultGates, type Gate, parseGate } from '../gates/gate.ts'
import { type Input, type InputName, type InputValues, inputs, reservedInputs } from './inputs.ts'
import { nearest } from './nearest.ts'
import { images, nodeImages } from './pins.ts'
import { ValueProblem } from './values.ts'

/** Everything the pipeline is told, read once; no stage ever reads an input. */
export interface Config extends Omit<InputValues, 'baseUrl'> {
  /** Cluster's Kubernetes version without `v`, or null when only the node image knows it. */
  readonly kubernetes: string | null
  readonly nodeImage: string
  readonly kubectlVersion: string
  /** Where probes and load go when somebody said so, else null: where the ingress answers. */
  readonly baseUrl: string | null
  readonly images: Readonly<Record<keyof typeof images, string>>
  readonly gates: readonly Gate[]
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
}

/** Where the services of a run are; `external` is an address that somebody gave. */
export type Environment = 'kind' | 'local' | 'external'

/** The address of a port on this machine. */
export function localUrl(port: number): string {
  return `http://127.0.0.1${port === 80 ? '' : `:${port}`}`
}

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

  for (const [name, row] of Object.entries(inputs) as [InputName, Input<unknown>][]) {
    const found = lookUp(name, sources)
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
  const node = resolveNode(read, problems)
  const gates = resolveGates(read, sources.services, problems)
  checkPorts(read, problems)
  if (problems.length > 0) throw new ConfigError(problems, warnings)

  const input = values as unknown as InputValues
  const config: Config = {
    ...input,
    ...node,
    kubectlVersion: input.kubectlVersion ?? node.kubernetes ?? (nodeImages[0]?.kubernetes as string),
    baseUrl: input.baseUrl ?? null,
    images: { ...images, ...input.imageOverrides },
    gates,
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

/** The node image and the Kubernetes version it brings, from `node-image` and `kubernetes-version`. */
function resolveNode(read: Partial<InputValues>, problems: string[]): { nodeImage: string; kubernetes: string | null } {
  const wanted = read.kubernetesVersion?.replace(/^v/, '')
  const tag = /:v?(\d+\.\d+\.\d+)(?:@|$)/.exec(read.nodeImage ?? '')?.[1]
  if (read.nodeImage) {
    if (wanted && tag && tag !== wanted && !tag.startsWith(`${wanted}.`)) {
      problems.push(`kubernetes-version: ${wanted} contradicts node-image, which is ${tag}; leave one of the two out`)
    }
    // Of a bare minor the first patch will do: kubectl may be one minor off.
    const version = wanted?.split('.').length === 2 ? `${wanted}.0` : wanted
    return { nodeImage: read.nodeImage, kubernetes: tag ?? version ?? null }
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
    const parsed = parseGate(line, services)
    if ('problem' in parsed) problems.push(`thresholds: "${line}": ${parsed.problem}`)
    else gates.push(parsed.gate)
  }
  if (read.maxP95 !== undefined) gates.push({ service: null, metric: 'p(95)', operator: '<=', limit: read.maxP95 })
  if (read.maxErrorRate !== undefined) gates.push({ service: null, metric: 'error-rate', operator: '<=', limit: read.maxErrorRate })
  if (read.thresholds?.length) return gates
  return [...gates, ...defaultGates.filter(({ metric }) => !gates.some((gate) => gate.metric === metric))]
}

/** Ports of the two echo services' NodePorts on the host, which the ingress ports must leave free. */
export const nodePorts = [30080, 30081] as const

function checkPorts({ httpPort, httpsPort }: Partial<InputValues>, problems: string[]): void {
  if (httpPort !== undefined && httpPort === httpsPort) {
    problems.push(`https-port: ${httpsPort} is http-port too; give each its own`)
  }
  for (const [name, value] of [
    ['http-port', httpPort],
    ['https-port', httpsPort],
  ] as const) {
    if ((nodePorts as readonly (number | undefined)[]).includes(value)) {
      problems.push(`${name}: ${value} is the NodePort of a service; choose another than ${nodePorts.join(' and ')}`)
    }
  }
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
