import type { LocalProcess } from '../services/service.ts'

/** What routes requests to the services by Host header, ready; or that there is nothing of the kind. */
export interface Ingress {
  readonly controller: string
  /** Null when it is no container. */
  readonly image: string | null
  /** Null where there are no ingress classes. */
  readonly className: string | null
  /** Where services answer, by Host header, without a trailing slash; null when each is asked at its own address. */
  readonly baseUrl: string | null
  /** What people should know about the choice, or null. */
  readonly note: string | null
  /** What routes where it is a local process that this run started; null in a cluster. */
  readonly process: LocalProcess | null
}
