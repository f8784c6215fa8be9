import { type Document, LineCounter, parseDocument } from 'yaml'
import { ingressPorts, nodePorts, type WantedPort } from './ports.ts'
import { image } from './values.ts'

/** The user's own kind configuration, and what the pipeline needs to know of it. */
export interface KindConfigFile {
  /** As the input names it. */
  readonly path: string
  /** What kind gets: the file's content, with our label on one node. */
  readonly config: { readonly nodes: readonly KindNode[] }
  /** Ports of this machine that it opens, those we can reach. */
  readonly ports: readonly WantedPort[]
  /** Image of the first control plane, when the file says. */
  readonly image: string | null
}

export interface KindNode {
  readonly role?: string
  readonly image?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly extraPortMappings?: readonly {
    readonly containerPort: number
    readonly hostPort?: number
    readonly listenAddress?: string
    readonly protocol?: string
  }[]
}

/** What the rest of the configuration asks of the file. */
export interface KindConfigUse {
  readonly ingress: string
  /** Whether `base-url` says where services answer. */
  readonly hasBaseUrl: boolean
}

const label = 'ingress-ready'
type Path = readonly (string | number)[]
type Complain = (at: Path, problem: string) => void

/**
 * Reads the user's kind configuration.
 * @param path as the input names it
 * @param problems gets every problem, with the line where YAML gives one
 * @returns null when there is a problem
 */
export function readKindConfig(path: string, text: string, use: KindConfigUse, problems: string[]): KindConfigFile | null {
  const before = problems.length
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  for (const { message, pos } of document.errors) problems.push(`kind-config: ${path}:${lines.linePos(pos[0]).line}: ${message}`)
  if (problems.length > before) return null
  const complain: Complain = (at, problem) => {
    const offset = offsetOf(document, at)
    const line = offset === null ? '' : `:${lines.linePos(offset).line}`
    problems.push(`kind-config: ${path}${line}: ${at.length > 0 ? `${nameOf(at)}: ` : ''}${problem}`)
  }
  const content = toData(document, complain)
  if (content === undefined) return null
  checkHead(content, complain)
  const nodes = readNodes(content.nodes, complain)
  if (problems.length > before) return null

  const ports = nodes.flatMap((node, index) => portsOf(node, nameNode(nodes, index)))
  checkPorts(ports, use, complain)
  const chosen = ingressNode(nodes, use, complain)
  if (problems.length > before) return null
  const labelled = nodes.map((node, index) => (index === chosen ? { ...node, labels: { ...node.labels, [label]: 'true' } } : node))
  return { path, config: { ...content, nodes: labelled }, ports, image: nodes.find(isControlPlane)?.image ?? null }
}

/** Gives each node without an image of its own this one. */
export function withNodeImage({ config, ...file }: KindConfigFile, nodeImage: string): KindConfigFile {
  return { ...file, config: { ...config, nodes: config.nodes.map((node) => ({ image: nodeImage, ...node })) } }
}

function toData(document: Document, complain: Complain): Record<string, unknown> | undefined {
  try {
    const content: unknown = document.toJS()
    if (isObject(content)) return content
    complain([], 'expected a kind configuration, which begins with "kind: Cluster"')
  } catch (error) {
    // Aliases that multiply without end.
    complain([], error instanceof Error ? error.message : String(error))
  }
  return undefined
}

function checkHead({ kind, apiVersion, networking }: Record<string, unknown>, complain: Complain): void {
  if (kind !== 'Cluster') complain(['kind'], `expected Cluster, got ${shown(kind)}`)
  if (apiVersion !== 'kind.x-k8s.io/v1alpha4') complain(['apiVersion'], `expected kind.x-k8s.io/v1alpha4, got ${shown(apiVersion)}`)
  if (!isObject(networking)) return
  if (networking.disableDefaultCNI === true)
    complain(['networking', 'disableDefaultCNI'], 'nothing here installs another network, so no node would get ready; leave it out')
  if (networking.kubeProxyMode === 'none') complain(['networking', 'kubeProxyMode'], 'without kube-proxy no Service answers; leave it out')
}

/** The nodes; kind itself makes one control plane of none. */
function readNodes(value: unknown, complain: Complain): readonly KindNode[] {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return [{ role: 'control-plane' }]
  if (!Array.isArray(value)) {
    complain(['nodes'], `expected a list of nodes, got ${shown(value)}`)
    return []
  }
  value.forEach((node: unknown, index) => {
    checkNode(node, ['nodes', index], complain)
  })
  const nodes = value as readonly KindNode[]
  if (!nodes.some((node) => isObject(node) && isControlPlane(node))) complain(['nodes'], 'expected at least one node with the role control-plane')
  return nodes
}

function checkNode(node: unknown, at: Path, complain: Complain): void {
  if (!isObject(node)) {
    complain(at, `expected a node such as "role: worker", got ${shown(node)}`)
    return
  }
  const { role, labels, extraPortMappings: mappings } = node
  if (role !== undefined && role !== 'control-plane' && role !== 'worker') complain([...at, 'role'], `expected control-plane or worker, got ${shown(role)}`)
  if (node.image !== undefined && (typeof node.image !== 'string' || image.parse(node.image) === undefined))
    complain([...at, 'image'], `expected ${image.expected}, got ${shown(node.image)}`)
  if (labels !== undefined && !(isObject(labels) && Object.values(labels).every((value) => typeof value === 'string')))
    complain([...at, 'labels'], `expected names with texts, got ${shown(labels)}`)
  if (mappings === undefined) return
  if (!Array.isArray(mappings)) {
    complain([...at, 'extraPortMappings'], `expected a list of port mappings, got ${shown(mappings)}`)
    return
  }
  mappings.forEach((mapping: unknown, index) => {
    checkMapping(mapping, [...at, 'extraPortMappings', index], complain)
  })
}

function checkMapping(mapping: unknown, at: Path, complain: Complain): void {
  const { containerPort, hostPort } = isObject(mapping) ? mapping : {}
  if (!isPort(containerPort, 1)) complain([...at, 'containerPort'], `expected a port from 1 to 65535, got ${shown(containerPort)}`)
  // kind's own words for "any free one" are 0 and -1.
  if (hostPort !== undefined && !isPort(hostPort, -1))
    complain([...at, 'hostPort'], `expected a port from 1 to 65535, or 0 for a free one, got ${shown(hostPort)}`)
}

/** The mappings of a node that can be reached at 127.0.0.1. */
function portsOf({ extraPortMappings = [] }: KindNode, node: string): WantedPort[] {
  const reachable = extraPortMappings.filter(
    ({ protocol, listenAddress }) => /^(TCP)?$/i.test(protocol ?? '') && ['', '0.0.0.0', '127.0.0.1'].includes(listenAddress ?? ''),
  )
  return reachable.map(({ hostPort = 0, containerPort }) => ({ hostPort: Math.max(hostPort, 0), nodePort: containerPort, node, input: 'kind-config' }))
}

/** What load and probes go to must be reachable, unless somebody says where else they go. */
function checkPorts(ports: readonly WantedPort[], { ingress, hasBaseUrl }: KindConfigUse, complain: Complain): void {
  if (hasBaseUrl) return
  const needed: readonly number[] = ingress === 'none' ? nodePorts : [ingressPorts.http]
  const missing = needed.filter((port) => !ports.some(({ nodePort }) => nodePort === port))
  if (missing.length === 0) return
  const what = ingress === 'none' ? 'where the services answer' : 'where the ingress listens'
  const add = missing.map((port) => `{containerPort: ${port}, hostPort: ${port}, listenAddress: 127.0.0.1}`)
  complain(
    ['nodes'],
    `no node leads 127.0.0.1 to port ${missing.join(' and ')}, ${what}: add "extraPortMappings: [${add.join(', ')}]" to one of them, or set base-url`,
  )
}

/** Index of the node that carries the ingress: the one whose ports lead to it, else the first control plane. */
function ingressNode(nodes: readonly KindNode[], { ingress }: KindConfigUse, complain: Complain): number {
  const wanted: readonly number[] = ingress === 'none' ? nodePorts : [ingressPorts.http]
  const maps = (node: KindNode) => portsOf(node, '').some(({ nodePort }) => wanted.includes(nodePort))
  const labelled = nodes.flatMap((node, index) => (node.labels?.[label] === 'true' ? [index] : []))
  const mapped = nodes.flatMap((node, index) => (maps(node) ? [index] : []))
  const chosen = labelled.find((index) => mapped.includes(index)) ?? mapped[0] ?? labelled[0] ?? nodes.findIndex(isControlPlane)
  if (ingress !== 'none') {
    for (const other of labelled.filter((index) => index !== chosen))
      complain(['nodes', other, 'labels'], `${label} belongs on nodes[${chosen}] alone, or the ingress may run where no port of this machine leads`)
  }
  return chosen
}

/** kind's name for a node, without the cluster's. */
function nameNode(nodes: readonly KindNode[], index: number): string {
  const role = (node: KindNode | undefined) => node?.role ?? 'control-plane'
  const own = role(nodes[index])
  const count = nodes.slice(0, index + 1).filter((node) => role(node) === own).length
  return `${own}${count > 1 ? count : ''}`
}

function isControlPlane({ role }: KindNode): boolean {
  return role === undefined || role === 'control-plane'
}

function isPort(value: unknown, from: number): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= 65535
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where the value at a path begins, or the nearest thing around it that is there. */
function offsetOf(document: Document, at: Path): number | null {
  for (let length = at.length; length > 0; length -= 1) {
    const node = document.getIn(at.slice(0, length), true) as { range?: readonly number[] | null } | undefined
    if (node?.range) return node.range[0] ?? null
  }
  return null
}

/** `nodes[1].role`. */
function nameOf(at: Path): string {
  return at.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
