import type { InputName, InputValues } from './inputs.ts'

/** A port of 127.0.0.1 that leads to a port of a node. */
export interface PortMapping {
  readonly hostPort: number
  readonly nodePort: number
}

/** A mapping that is asked for; a `hostPort` of 0 leaves the choice to the container engine. */
export interface WantedPort extends PortMapping {
  /** The node, by kind's name for it without the cluster's: `control-plane`, `worker2`. */
  readonly node: string
  /** Who asks for it, for errors. */
  readonly input: string
}

/** The node's ports on which an ingress controller listens. */
export const ingressPorts = { http: 80, https: 443 } as const

/** NodePorts of the two echo services, which the ingress ports must leave free. */
export const nodePorts = [30080, 30081] as const

/** The address of a port on this machine. */
export function localUrl(port: number): string {
  return `http://127.0.0.1${port === 80 ? '' : `:${port}`}`
}

/** Where a node's port answers on this machine; null when nothing leads to it. */
export function addressOf(ports: readonly PortMapping[], nodePort: number): string | null {
  const mapping = ports.find((each) => each.nodePort === nodePort)
  return mapping === undefined ? null : localUrl(mapping.hostPort)
}

/**
 * The ports of a cluster of our own. A free `http-port` frees all the others too, or two runs on one
 * machine would still meet.
 */
export function ownPorts({ httpPort, httpsPort, ingress }: PortInputs, given: ReadonlySet<InputName>): readonly WantedPort[] {
  const ingressMappings = [
    { hostPort: httpPort, nodePort: ingressPorts.http, input: 'http-port' as const },
    { hostPort: httpPort === 0 && !given.has('https-port') ? 0 : httpsPort, nodePort: ingressPorts.https, input: 'https-port' as const },
    // Without a controller of ours nothing listens there, unless who asks for the port knows better.
  ].filter(({ input }) => ingress !== 'none' || given.has(input))
  const direct = nodePorts.map((port) => ({ hostPort: httpPort === 0 ? 0 : port, nodePort: port, input: 'NodePort of a service' }))
  return [...ingressMappings, ...direct].map((mapping) => ({ ...mapping, node: 'control-plane' }))
}

type PortInputs = Pick<InputValues, 'httpPort' | 'httpsPort' | 'ingress'>

/** What is wrong with the ports that were asked for. */
export function portProblems({ httpPort, httpsPort }: Partial<PortInputs>): string[] {
  const problems: string[] = []
  if (httpPort !== undefined && httpPort !== 0 && httpPort === httpsPort) problems.push(`https-port: ${httpsPort} is http-port too; give each its own`)
  if (httpPort === 0) return problems
  for (const [name, value] of [
    ['http-port', httpPort],
    ['https-port', httpsPort],
  ] as const) {
    if ((nodePorts as readonly (number | undefined)[]).includes(value)) {
      problems.push(`${name}: ${value} is the NodePort of a service; choose another than ${nodePorts.join(' and ')}`)
    }
  }
  return problems
}
