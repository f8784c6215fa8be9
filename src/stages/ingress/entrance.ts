import { stageFailure } from '../cause.ts'
import type { Service } from '../services/service.ts'
import type { Ingress } from './ingress.ts'

/** Where requests for a service go in. */
export interface Entrance {
  readonly kind: 'ingress' | 'node-port'
  /** With the service's path. */
  readonly url: string
  /** Host header to send; null for the address's own. */
  readonly host: string | null
}

/**
 * The way in: through the ingress by Host header or, where there is none, the service's own address.
 * @throws Failure when there is neither
 */
export function entranceOf({ name, host, path, url }: Service, { baseUrl }: Pick<Ingress, 'baseUrl'>): Entrance {
  if (baseUrl !== null) return { kind: 'ingress', url: `${baseUrl}${path}`, host }
  if (url !== null) return { kind: 'node-port', url: `${url}${path}`, host: null }
  throw stageFailure('port-unmapped', `${name} has no address: there is no ingress, and no port of this machine leads to its NodePort`, {
    kind: 'config',
    remedy: 'Map its NodePort in your kind-config, or set base-url.',
  })
}
