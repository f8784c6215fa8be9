import type { LocalProcess } from '../services/service.ts'

/** What routes requests to the services by Host header, ready. */
export interface Ingress {
  readonly controller: string
  /** Null when it is no container. */
  readonly image: string | null
  /** Null where there are no ingress classes. */
  readonly className: string | null
  /** Where services answer, by Host header. Without a trailing slash. */
  readonly baseUrl: string
  /** What people should know about the choice, or null. */
  readonly note: string | null
  /** What routes where it is a local process that this run started; null in a cluster. */
  readonly process: LocalProcess | null
}
