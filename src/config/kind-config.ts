import { type Document, LineCounter, parseDocument } from 'yaml'
import { type Complain, checkKindConfig, isControlPlane, isObject, type KindNode, type Path } from './kind-config-shape.ts'
import { ingressPorts, nodePorts, type WantedPort } from './ports.ts'

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

/** What the rest of the configuration asks of the file. */
export interface KindConfigUse {
  readonly ingress: string
  /** Whether `base-url` says where services answer. */
  readonly hasBaseUrl: boolean
}

const label = 'ingress-ready'
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
  const nodes = checkKindConfig(content, complain)
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
