import type { Failure } from '../pipeline/failure.ts'
import { stageFailure } from './cause.ts'
import type { Kubernetes, NodeObject } from './kubernetes.ts'

export function isNodeReady({ status }: NodeObject): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

/** A node that is not ready, in its own words, to follow a count of those that are. */
export function describeNode(node: NodeObject): string {
  return `${node.metadata.name} is not${inItsWords(node)}`
}

function inItsWords({ status }: NodeObject): string {
  const message = status?.conditions?.find(({ type }) => type === 'Ready')?.message
  return message ? ` (${message})` : ''
}

/** What a node suffers from, by its own conditions. */
function ailmentsOf({ status }: NodeObject): string[] {
  const ailing = (status?.conditions ?? []).filter(({ type, status: value }) => value === 'True' && /^(?:\w+Pressure|NetworkUnavailable)$/.test(type))
  return ailing.map(({ type, message }) => `${type}${message ? ` (${message})` : ''}`)
}

/** Whether a node that was there no longer reports, which is more than one that is still on its way to be ready. */
function hasStopped({ status }: NodeObject): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'Unknown') ?? false
}

/**
 * What is wrong with the nodes right now; undefined when nothing is. Pods on a node that has stopped cannot be blamed
 * for not answering.
 * @param which `stopped` leaves out nodes that have never been ready: while the workers join, those are no trouble
 */
export async function nodeTrouble(kubernetes: Kubernetes, which: 'stopped' | 'not-ready', signal: AbortSignal): Promise<Failure | undefined> {
  const nodes = await kubernetes.list('nodes', {}, signal)
  const isUnready = (node: NodeObject) => (which === 'stopped' ? hasStopped(node) : !isNodeReady(node))
  const troubles = nodes.flatMap((node) => {
    const unready = isUnready(node)
    const ailments = ailmentsOf(node)
    const { name } = node.metadata
    return [...(unready ? [`node ${name} is not ready${inItsWords(node)}`] : []), ...(ailments.length > 0 ? [`node ${name} has ${ailments.join(', ')}`] : [])]
  })
  if (troubles.length === 0) return undefined
  return stageFailure(nodes.some(isUnready) ? 'node-down' : 'node-pressure', troubles.join('; '), {
    kind: 'infrastructure',
    evidence: nodes.flatMap((node) => (isUnready(node) || ailmentsOf(node).length > 0 ? conditionsOf(node) : [])),
    remedy: 'The node has stopped, or its machine has no room or time for it; the artifact holds the nodes’ own logs.',
  })
}

/** A node's conditions that are not as they should be, a line each. */
function conditionsOf({ metadata, status }: NodeObject): string[] {
  const bad = (status?.conditions ?? []).filter(({ type, status: value }) => value !== (type === 'Ready' ? 'True' : 'False'))
  return bad.map(({ type, status: value, reason, message, lastTransitionTime }) => {
    const since = lastTransitionTime ? ` since ${new Date(lastTransitionTime).toISOString()}` : ''
    return `node ${metadata.name}: ${type} is ${value}${since}${reason || message ? ` (${[reason, message].filter(Boolean).join(': ')})` : ''}`
  })
}
