import type { CauseCode } from '../cause.ts'
import type { EndpointSliceObject, IngressObject, PodObject, ServiceObject } from '../kubernetes.ts'
import type { Service } from '../services/service.ts'
import type { ProbeResult } from './probe.ts'

/** All that is known of a service that does not answer as it should. */
export interface Sight {
  readonly service: Service
  readonly namespace: string
  /** Where the ingress answers; null where there is none. */
  readonly baseUrl: string | null
  /** Its probes, the healthy ones too. */
  readonly probes: readonly ProbeResult[]
  /** Everything of the namespace. */
  readonly services: readonly ServiceObject[]
  readonly pods: readonly PodObject[]
  readonly ingresses: readonly IngressObject[]
  /** Of this service alone. */
  readonly slices: readonly EndpointSliceObject[]
  /** What the API server got when it asked the Service itself; null when it was not asked or could not say. */
  readonly inside: { readonly status: number; readonly words: string } | null
}

/** Why a service does not answer, to follow its name. */
export interface ServiceCause {
  readonly code: CauseCode
  readonly words: string
  readonly remedy: string
  /** Its pods are not ready, for which they may have a reason of their own. */
  readonly ofReadiness?: true
  /** It is the machine's fault, not the workload's. */
  readonly ofMachine?: true
}

/** The object of the service. */
export function serviceObject({ services, service }: Sight): ServiceObject | undefined {
  return services.find(({ metadata }) => metadata.name === service.name)
}

/** The pods that a Service's selector fits; null where it has none, as one whose endpoints somebody else writes. */
export function selectedPods({ spec }: ServiceObject, pods: readonly PodObject[]): readonly PodObject[] | null {
  const selector = Object.entries(spec?.selector ?? {})
  if (selector.length === 0) return null
  return pods.filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
}

/** The unhealthy probe of that way in, or undefined. */
export function unhealthyProbe({ probes }: Sight, kind: ProbeResult['kind']): ProbeResult | undefined {
  return probes.find((probe) => probe.kind === kind && !probe.healthy)
}
