import type { PodObject, ServicePort } from '../kubernetes.ts'
import { isPodReady } from '../pods.ts'
import { ingressCause } from './ingress-cause.ts'
import { type ServiceCause, type Sight, selectedPods, serviceObject, unhealthyProbe } from './sight.ts'

/** Why a service does not answer, from the inside out; undefined when the cluster's state does not tell. */
export function serviceCause(sight: Sight): ServiceCause | undefined {
  return endpointCause(sight) ?? portCause(sight) ?? forwardingCause(sight) ?? ingressCause(sight)
}

/** A Service that leads to no pod. */
function endpointCause(sight: Sight): ServiceCause | undefined {
  const { namespace, pods, service } = sight
  const object = serviceObject(sight)
  const name = `${namespace}/${service.name}`
  if (!object) return { code: 'no-endpoints', words: `there is no Service ${name}`, remedy: 'Apply a Service of that name, or mend its name.' }
  const selected = selectedPods(object, pods)
  if (selected === null) return undefined
  const selector = pairs(Object.entries(object.spec?.selector ?? {}))
  const remedy = 'Compare the Service’s selector with the pods’ labels.'
  if (selected.length === 0) {
    return {
      code: 'no-endpoints',
      words: `the Service ${name} selects no pod (selector ${selector}; ${labelsInstead(object.spec?.selector ?? {}, pods)})`,
      remedy,
    }
  }
  const named = (object.spec?.ports ?? []).find(
    ({ targetPort }) => typeof targetPort === 'string' && portsOf(selected).every(({ name: own }) => own !== targetPort),
  )
  if (named) {
    const words = `the Service ${name} leads to the port ${JSON.stringify(named.targetPort)}, which its pods do not have (${describePorts(selected)})`
    return { code: 'target-port', words, remedy: 'Compare the Service’s targetPort with the names of the containers’ ports.' }
  }
  if (!unhealthyProbe(sight, 'endpoints')) return undefined
  const ready = selected.filter(isPodReady)
  if (ready.length === selected.length && ready.length < service.replicas) {
    return { code: 'no-endpoints', words: `the Service ${name} selects ${ready.length} of ${service.replicas} pods (selector ${selector})`, remedy }
  }
  if (ready.length === selected.length) return undefined
  const words = `${ready.length} of the ${selected.length} pods that the Service ${name} selects are ready`
  return { code: ready.length === 0 ? 'no-endpoints' : 'not-ready', words, remedy: 'Look at the pods’ readiness probes and logs.', ofReadiness: true }
}

/** A Service that leads to the wrong port. */
function portCause(sight: Sight): ServiceCause | undefined {
  const { namespace, service, pods, inside } = sight
  const object = serviceObject(sight)
  const ports = object?.spec?.ports ?? []
  const name = `${namespace}/${service.name}`
  if (object && inside !== null && inside.status >= 500 && /connection refused/i.test(inside.words)) {
    const [port] = ports
    const target = port?.targetPort ?? port?.port
    const words = `the Service ${name} leads to port ${target} of its pods, where nothing listens (${describePorts(selectedPods(object, pods) ?? [])})`
    return { code: 'target-port', words, remedy: 'Compare the Service’s targetPort with the port at which the container listens.' }
  }
  if (object && service.nodePort !== null && unhealthyProbe(sight, 'node-port') && ports.every(({ nodePort }) => nodePort !== service.nodePort)) {
    const own = ports.flatMap(({ nodePort }) => nodePort ?? [])
    const has = own.length > 0 ? `has nodePort ${own.join(', ')}` : `has no nodePort (its type is ${object.spec?.type ?? 'ClusterIP'})`
    const words = `the Service ${name} ${has}, but this machine leads to nodePort ${service.nodePort}`
    return { code: 'port-unmapped', words, remedy: 'Compare the Service’s nodePort with the ports of the cluster.' }
  }
  return undefined
}

/** Every way in from this machine hangs, while the cluster itself gets an answer: a port that leads to a node that is gone accepts, or drops, in silence. */
function forwardingCause({ probes, inside }: Sight): ServiceCause | undefined {
  const asked = probes.filter(({ kind }) => kind === 'node-port' || kind === 'ingress')
  const silent = asked.filter(({ code }) => code === 'no-answer')
  if (asked.length === 0 || silent.length < asked.length || !asked.some(({ target }) => /^https?:\/\/(?:127\.|localhost)/.test(target))) return undefined
  // Without a word from the inside one way alone may hang for a reason of its own.
  if (inside === null ? asked.length < 2 : inside.status >= 500) return undefined
  const targets = silent.map(({ target }) => target)
  const ways = targets.length === 1 ? `${targets[0]} does not answer` : `neither ${targets.join(' nor ')} answers`
  const proof = inside === null ? 'its pods are ready' : 'its pods are ready and answer inside the cluster'
  return {
    code: 'port-forward-broken',
    words: `${ways} in time, although ${proof}: the container engine’s port forwarding does not lead to the node`,
    remedy:
      'Rules for a container that is gone may still catch the port: set http-port: 0, which takes free ports, or restart the engine (podman: remove stale DNAT rules, see iptables -t nat -S).',
    ofMachine: true,
  }
}

function portsOf(pods: readonly PodObject[]) {
  return pods.flatMap(({ spec }) => (spec?.containers ?? []).flatMap(({ ports }) => ports ?? []))
}

/** The ports that pods say they have. */
function describePorts(pods: readonly PodObject[]): string {
  const said = [...new Set(portsOf(pods).map(({ name, containerPort }) => (name ? `${containerPort} (${name})` : String(containerPort))))]
  return said.length > 0 ? `their containers have ${said.join(', ')}` : 'their containers name no port'
}

/** What pods have where a selector found nothing: values of the same labels, else that nobody has them. */
function labelsInstead(selector: Readonly<Record<string, string>>, pods: readonly PodObject[]): string {
  if (pods.length === 0) return 'the namespace has no pods'
  const found = pods.map(({ metadata }) =>
    pairs(Object.keys(selector).flatMap((key) => (metadata.labels?.[key] === undefined ? [] : [[key, metadata.labels[key]]]))),
  )
  const different = [...new Set(found.filter((text) => text !== ''))].toSorted()
  return different.length > 0 ? `the pods have ${different.slice(0, 4).join(' or ')}` : `no pod has the label ${Object.keys(selector).join(', ')}`
}

function pairs(labels: readonly (readonly [string, string])[] | readonly string[][]): string {
  return labels.map(([key, value]) => `${key}=${value}`).join(',')
}

/** What proves it, a line each: the Service, its pods, its endpoints, the answer from inside, the Ingresses, the probes. */
export function serviceEvidence(sight: Sight): string[] {
  const { namespace, service, pods, slices, inside, ingresses, probes } = sight
  const object = serviceObject(sight)
  const selected = (object && selectedPods(object, pods)) ?? []
  const endpoints = slices.flatMap((slice) => slice.endpoints ?? [])
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false)
  return [
    ...(object
      ? [
          `Service ${namespace}/${service.name}: selector ${pairs(Object.entries(object.spec?.selector ?? {})) || 'none'}; ${(object.spec?.ports ?? []).map(describePort).join('; ')}`,
        ]
      : []),
    ...(selected.length > 0 ? [`pods it selects: ${selected.map((pod) => `${pod.metadata.name}${isPodReady(pod) ? '' : ' (not ready)'}`).join(', ')}`] : []),
    `endpoints of ${service.name}: ${ready.length} ready of ${endpoints.length}`,
    ...(inside ? [`asked from inside the cluster: ${inside.status} ${inside.words}`] : []),
    ...probes.map(({ kind, target, seen }) => `probe ${kind} ${target}: ${seen}`),
    ...ingresses.flatMap(({ metadata, spec }) =>
      (spec?.rules ?? []).map(({ host, http }) => {
        const paths = (http?.paths ?? []).map(
          ({ path = '/', backend }) =>
            `${path} to ${backend.service?.name ?? 'no Service'}:${backend.service?.port?.name ?? backend.service?.port?.number ?? '?'}`,
        )
        return `Ingress ${namespace}/${metadata.name} (class ${spec?.ingressClassName ?? 'none'}): ${host ?? 'any host'} ${paths.join(', ')}`
      }),
    ),
  ]
}

function describePort({ name, port, targetPort, nodePort }: ServicePort): string {
  return `port ${name ? `${name} ` : ''}${port} to ${targetPort ?? port}${nodePort ? `, nodePort ${nodePort}` : ''}`
}
