import { nearest } from './nearest.ts'
import { image } from './values.ts'

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

/** Where in the file, as keys and indexes. */
export type Path = readonly (string | number)[]
/** Takes a problem and where it is. */
export type Complain = (at: Path, problem: string) => void

/** The fields that kind knows, to recognise a mistyped one; what is like none of them may be of a newer kind. */
const fields = {
  cluster: [
    ...['kind', 'apiVersion', 'name', 'nodes', 'networking', 'featureGates', 'runtimeConfig'],
    ...['kubeadmConfigPatches', 'kubeadmConfigPatchesJSON6902', 'containerdConfigPatches', 'containerdConfigPatchesJSON6902'],
  ],
  node: ['role', 'image', 'labels', 'extraMounts', 'extraPortMappings', 'kubeadmConfigPatches', 'kubeadmConfigPatchesJSON6902'],
  mapping: ['containerPort', 'hostPort', 'listenAddress', 'protocol'],
} as const

/** Checks what the pipeline relies on; kind itself checks the rest. Returns the nodes, which are right when nothing was complained of. */
export function checkKindConfig(content: Record<string, unknown>, complain: Complain): readonly KindNode[] {
  checkFields(content, fields.cluster, [], complain)
  checkHead(content, complain)
  return readNodes(content.nodes, complain)
}

function checkFields(value: Record<string, unknown>, known: readonly string[], at: Path, complain: Complain): void {
  for (const field of Object.keys(value)) {
    if (known.includes(field)) continue
    const meant = nearest(field, known)
    if (meant) complain([...at, field], `kind has no such field; did you mean ${meant}?`)
  }
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
  checkFields(node, fields.node, at, complain)
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
  if (isObject(mapping)) checkFields(mapping, fields.mapping, at, complain)
  const { containerPort, hostPort } = isObject(mapping) ? mapping : {}
  if (!isPort(containerPort, 1)) complain([...at, 'containerPort'], `expected a port from 1 to 65535, got ${shown(containerPort)}`)
  // kind's own words for "any free one" are 0 and -1.
  if (hostPort !== undefined && !isPort(hostPort, -1))
    complain([...at, 'hostPort'], `expected a port from 1 to 65535, or 0 for a free one, got ${shown(hostPort)}`)
}

export function isControlPlane({ role }: KindNode): boolean {
  return role === undefined || role === 'control-plane'
}

function isPort(value: unknown, from: number): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= 65535
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
