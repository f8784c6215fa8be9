/** The ingress controller, ready on the node that the host ports lead to. */
export interface Ingress {
  readonly controller: string
  readonly image: string
  readonly className: string
  /** Where services answer, by Host header. Without a trailing slash. */
  readonly baseUrl: string
  /** What people should know about the choice, or null. */
  readonly note: string | null
}
