import type { Failure } from '../../pipeline/failure.ts'
import { retold } from '../cause.ts'
import type { Kubernetes } from '../kubernetes.ts'
import { podTrouble, unreadyPod } from '../pod-failure.ts'
import type { Results } from '../results.ts'
import { servicesNamespace } from '../services/service.ts'
import type { Health } from './probe.ts'
import { serviceCause, serviceEvidence } from './service-cause.ts'
import { type Sight, serviceObject } from './sight.ts'
import { describeProbe } from './stage.ts'

/**
 * Finds out why services do not answer: a node or a pod in trouble, else what lies between the entry and the pods.
 * The probes' own words stay when the cluster's state does not tell.
 */
export async function diagnoseHealth(
  kubernetes: Kubernetes,
  failure: Failure,
  { ingress, services: { namespace: own, routes } }: Pick<Results, 'ingress' | 'services'>,
  signal: AbortSignal,
): Promise<Failure> {
  const namespace = own ?? servicesNamespace
  const rollout = { namespace, deployments: routes.map(({ name }) => name) }
  const { cause, data } = failure
  const afterwards = (trouble: Failure) =>
    retold(trouble, { message: `${trouble.message}; ${failure.message}`, evidence: [...trouble.evidence, ...failure.evidence], cause, data })
  const trouble = await podTrouble(kubernetes, rollout, signal)
  if (trouble) return afterwards(trouble)

  const sights = await lookAt(kubernetes, { namespace, routes, baseUrl: ingress.baseUrl, probes: (data as Health | undefined)?.probes ?? [] }, signal)
  const found = sights.map((sight) => ({ sight, cause: serviceCause(sight) }))
  const [first] = found.filter((each) => each.cause !== undefined)
  // Pods that are selected and not ready have a reason of their own.
  if (!first?.cause || first.cause.ofReadiness) {
    const unready = await unreadyPod(kubernetes, rollout, signal)
    if (unready) return afterwards(unready)
  }
  if (!first?.cause) return failure
  const { cause: main } = first
  const sentences = found.map(({ sight, cause: its }) => {
    if (its === undefined)
      return sight.probes
        .filter(({ healthy }) => !healthy)
        .map(describeProbe)
        .slice(-1)
        .join('')
    return its !== main && its.ofMachine && its.code === main.code ? `${sight.service.name}: the same` : `${sight.service.name}: ${its.words}`
  })
  return retold(failure, {
    message: sentences.join('; '),
    code: main.code,
    remedy: main.remedy,
    evidence: serviceEvidence(first.sight),
    ...(main.ofMachine ? { kind: 'infrastructure' } : {}),
  })
}

/** Everything the cluster knows of the services that are not healthy. */
async function lookAt(
  kubernetes: Kubernetes,
  { namespace, routes, baseUrl, probes }: Pick<Sight, 'namespace' | 'baseUrl' | 'probes'> & { readonly routes: readonly Sight['service'][] },
  signal: AbortSignal,
): Promise<Sight[]> {
  const [services, pods, ingresses] = await Promise.all([
    kubernetes.list('services', { namespace }, signal),
    kubernetes.list('pods', { namespace }, signal),
    kubernetes.list('ingresses', { namespace }, signal),
  ])
  const unwell = routes.filter(({ name }) => probes.some(({ service, healthy }) => service === name && !healthy))
  return await Promise.all(
    unwell.map(async (service) => {
      const labelSelector = `kubernetes.io/service-name=${service.name}`
      const slices = await kubernetes.list('endpointslices', { namespace, labelSelector }, signal)
      const sight = {
        service,
        namespace,
        baseUrl,
        probes: probes.filter(({ service: name }) => name === service.name),
        services,
        pods,
        ingresses,
        slices,
        inside: null,
      }
      return { ...sight, inside: await askInside(kubernetes, sight, signal) }
    }),
  )
}

/** What the API server gets from the Service, past ingress and NodePort; null when it cannot be asked. */
async function askInside(kubernetes: Kubernetes, sight: Sight, signal: AbortSignal): Promise<Sight['inside']> {
  const [port] = serviceObject(sight)?.spec?.ports ?? []
  if (!port) return null
  const { namespace, service } = sight
  return await kubernetes.askService({ namespace, service: service.name, port: port.name ?? port.port, path: service.path }, signal).catch(() => null)
}
