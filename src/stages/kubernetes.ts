/** A Kubernetes object as far as applying one needs it. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [field: string]: unknown
}

/** Which object is meant. */
export type ObjectReference = Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

export interface NodeObject {
  readonly metadata: { readonly name: string }
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly nodeInfo?: {
      readonly kubeletVersion?: string
      readonly containerRuntimeVersion?: string
      readonly architecture?: string
    }
  }
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: object
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string; readonly signal?: number }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly image?: string
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}

export interface PodObject {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string | Date
  }
  readonly spec?: {
    readonly nodeName?: string
    readonly containers?: readonly {
      readonly name: string
      readonly image?: string
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> }
    }[]
  }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly message?: string
    readonly conditions?: readonly Condition[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface DeploymentObject {
  readonly metadata: { readonly name: string; readonly generation?: number }
  readonly spec?: { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly conditions?: readonly Condition[]
  }
}

export interface EndpointSliceObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly endpoints?: readonly { readonly addresses?: readonly string[]; readonly conditions?: { readonly ready?: boolean } }[]
}

export interface EventObject {
  readonly metadata: { readonly name: string }
  readonly involvedObject: { readonly kind?: string; readonly name?: string }
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string | Date
}

/** Kinds that can be listed and watched. */
export interface Watched {
  nodes: NodeObject
  pods: PodObject
  deployments: DeploymentObject
  endpointslices: EndpointSliceObject
  events: EventObject
}

export interface Selection {
  readonly namespace?: string
  readonly labelSelector?: string
}

/** What stages need of a cluster's API. Every call retries what is transient until its signal aborts. */
export interface Kubernetes {
  /** Whether the API server answers us, with authority: right after boot it answers before it knows us. */
  readonly answers: (signal: AbortSignal) => Promise<boolean>
  /** Server-side apply, in order. */
  readonly apply: (objects: readonly KubernetesObject[], signal: AbortSignal) => Promise<void>
  readonly list: <K extends keyof Watched>(kind: K, selection: Selection, signal: AbortSignal) => Promise<readonly Watched[K][]>
  /** Watches until `done` returns something else than undefined, and returns that; throws what `done` throws. */
  readonly watch: <K extends keyof Watched, T>(
    kind: K,
    selection: Selection,
    done: (items: readonly Watched[K][]) => T | undefined,
    signal: AbortSignal,
  ) => Promise<T>
  /** The last lines of a container's log; of its previous run when told. Empty when there are none. */
  readonly logs: (pod: PodObject, container: string, options: { previous?: boolean; tailLines: number }, signal: AbortSignal) => Promise<string>
  /** What a node's kubelet answers at a path such as `metrics/resource`, as text. */
  readonly kubelet: (node: string, path: string, signal: AbortSignal) => Promise<string>
  /** Tells every line of the log of a container that has ended, first to last, without keeping any. */
  readonly readLog: (pod: PodObject, container: string, onLine: (line: string) => void, signal: AbortSignal) => Promise<void>
  /** An object as the server has it, or null when there is none, or none of its kind. */
  readonly read: (object: ObjectReference, signal: AbortSignal) => Promise<KubernetesObject | null>
  /** The server's version, such as `v1.37.0`. */
  readonly version: (signal: AbortSignal) => Promise<string>
  /** Removes an object and, soon after, what belongs to it. Content when it is not there. */
  readonly remove: (object: ObjectReference, signal: AbortSignal) => Promise<void>
}
