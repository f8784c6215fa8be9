import type { PortMapping } from '../../config/ports.ts'
import { stageFailure } from '../cause.ts'
import type { Engine } from './cluster.ts'
import type { ClusterAdapters, ClusterOptions } from './stage.ts'

/**
 * The ports of a cluster whose nodes are there, as they are: where the choice was the engine's, it is asked what it chose.
 * @throws Failure when it does not say
 */
export async function actualPorts(
  { name, ports }: Pick<ClusterOptions, 'name' | 'ports'>,
  engine: Engine,
  { publishedPorts }: Pick<ClusterAdapters, 'publishedPorts'>,
  signal: AbortSignal,
): Promise<PortMapping[]> {
  const asked = [...new Set(ports.filter(({ hostPort }) => hostPort === 0).map(({ node }) => node))]
  const published = new Map(await Promise.all(asked.map(async (node) => [node, await publishedPorts(engine, `${name}-${node}`, signal)] as const)))
  return ports.map(({ hostPort, nodePort, node }) => {
    if (hostPort !== 0) return { hostPort, nodePort }
    const found = published.get(node)?.find((mapping) => mapping.nodePort === nodePort)
    if (found) return found
    throw stageFailure('port-unmapped', `${engine} does not say which port of 127.0.0.1 leads to port ${nodePort} of ${name}-${node}`, {
      kind: 'infrastructure',
      remedy: 'Run the job again, or name the ports with http-port and https-port.',
    })
  })
}
