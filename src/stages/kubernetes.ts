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
  readonly lastTransitionTime?: string | Date
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

/** What a kubelet asks a container. */
export interface ContainerProbe {
  readonly httpGet?: { readonly path?: string; readonly port: number | string }
  readonly tcpSocket?: { readonly port: number | string }
  readonly grpc?: { readonly port: number }
  readonly exec?: { readonly command?: readonly string[] }
}

export interface ContainerSpec {
  readonly name: string
  readonly image?: string
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> }
  readonly readinessProbe?: ContainerProbe
  readonly livenessProbe?: ContainerProbe
  readonly startupProbe?: ContainerProbe
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
    readonly containers?: readonly ContainerSpec[]
    readonly initContainers?: readonly ContainerSpec[]
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
  /** Missing or empty where no pod has the port that the Service names. */
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null
  readonly endpoints?: readonly { readonly addresses?: readonly string[]; readonly conditions?: { readonly ready?: boolean } }[]
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly nodePort?: number
}

export interface ServiceObject {
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: {
    readonly type?: string
    readonly selector?: Readonly<Record<string, string>>
    readonly ports?: readonly ServicePort[]
  }
}

interface IngressBackend {
  readonly service?: { readonly name: string; readonly port?: { readonly name?: string; readonly number?: number } }
}

export interface IngressObject {
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: {
    readonly ingressClassName?: string
    readonly defaultBackend?: IngressBackend
    readonly rules?: readonly {
      readonly host?: string
      readonly http?: { readonly paths?: readonly { readonly path?: string; readonly pathType?: string; readonly backend: IngressBackend }[] }
    }[]
  }
}

export interface EventObject {
  readonly metadata: { readonly name: string }
  readonly involvedObject: { readonly kind?: string; readonly name?: string }
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string | Date
  /** When it happened, of those that have no `lastTimestamp`. */
  readonly eventTime?: string | Date
}

/** Kinds that can be listed and watched. */
export interface Watched {
  nodes: NodeObject
  pods: PodObject
  deployments: DeploymentObject
  endpointslices: EndpointSliceObject
  services: ServiceObject
  ingresses: IngressObject
  events: EventObject
}

export interface Selection {
  readonly namespace?: string
  readonly labelSelector?: string
}

/** A port of a Service, and what to ask it for. */
export interface ServiceQuestion {
  readonly namespace: string
  readonly service: string
  /** Its name, or its number. */
  readonly port: string | number
  readonly path: string
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
  /**
   * Has the API server itself ask a Service, over `http` and past ingress and NodePort, once: its status, and the words
   * of the answer or of what kept it from coming.
   */
  readonly askService: (question: ServiceQuestion, signal: AbortSignal) => Promise<{ status: number; words: string }>
  /** Tells every line of the log of a container that has ended, first to last, without keeping any. */
  readonly readLog: (pod: PodObject, container: string, onLine: (line: string) => void, signal: AbortSignal) => Promise<void>
  /** An object as the server has it, or null when there is none, or none of its kind. */
  readonly read: (object: ObjectReference, signal: AbortSignal) => Promise<KubernetesObject | null>
  /** The server's version, such as `v1.37.0`. */
  readonly version: (signal: AbortSignal) => Promise<string>
  /** Removes an object and, soon after, what belongs to it. Content when it is not there. */
  readonly remove: (object: ObjectReference, signal: AbortSignal) => Promise<void>
}
