import { serviceNames } from '../../config/services.ts'

/** What a request to a service must be answered with. */
export interface Expectation {
  readonly status: number
  /** The whole body, leading and trailing white space apart; null when any will do. */
  readonly body: string | null
}

/** A service under test and how to reach it. */
export interface Service {
  readonly name: string
  /** Null when it is no container. */
  readonly image: string | null
  readonly replicas: number
  /** Host header that the ingress routes by. */
  readonly host: string
  readonly path: string
  /** Its port on every node; null when it has none. */
  readonly nodePort: number | null
  /** Where it answers this machine past any ingress, without a trailing slash; null when it does not, or is not up yet. */
  readonly url: string | null
  readonly expect: Expectation
}

/** A process of this machine that answers HTTP. */
export interface LocalProcess {
  readonly pid: number
  /** When it was started, in the system's own words, which tell it from a later process of that number; null when not known. */
  readonly startTime: string | null
  /** Where it answers, without a trailing slash. */
  readonly url: string
}

/** One replica of a service as a process of this machine. */
export interface LocalReplica extends LocalProcess {
  readonly service: string
}

/** The services, rolled out. */
export interface Services {
  /** Their namespace; null where there is no cluster. */
  readonly namespace: string | null
  readonly routes: readonly Service[]
  /** Their replicas where they are local processes; null in a cluster. */
  readonly processes: readonly LocalReplica[] | null
}

/** Namespace of the services; labelled so that the API server enforces the restricted pod security standard. */
export const servicesNamespace = 'mlops-services'

/** The default workload: two echo services that answer with their own name. */
export function echoServices(image: string, nodePorts: readonly [number, number]): readonly Service[] {
  return serviceNames.map((name, index) => ({
    name,
    image,
    replicas: 2,
    host: `${name}.localhost`,
    path: '/',
    nodePort: nodePorts[index] ?? null,
    url: null,
    expect: { status: 200, body: name },
  }))
}
