import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'yaml'
import { discovery, groups, type Place, placeOf } from './kubernetes-resources.ts'
import { createStore, type FakeObject, selects } from './kubernetes-store.ts'

export type { FakeObject } from './kubernetes-store.ts'

/** An answer given instead of the right one. */
export interface KubernetesFault {
  /** Default: any method. */
  readonly method?: string
  /** Tested against the path without its query. Default: any path. */
  readonly path?: RegExp
  /** Whether watches, or everything but watches, are meant. Default: both. */
  readonly watch?: boolean
  /** `reset` closes the connection without an answer, `cut` in the middle of one, `hang` never answers. */
  readonly status: number | 'reset' | 'cut' | 'hang'
  /** The Status' message. Default: what the API server says with that status. */
  readonly message?: string
  /** How many requests meet the fault. Default 1. */
  readonly times?: number
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly contentType: string | undefined
  readonly body: unknown
}

export interface KubernetesFakeOptions {
  readonly objects?: readonly FakeObject[]
  /** `gitVersion` of the server. */
  readonly version?: string
  /** Whether a request needs no token: kubectl sends none without TLS. Default false. */
  readonly anonymous?: boolean
  /** Called with every object that is applied, before it is stored; returns why it is refused, or nothing. */
  readonly admit?: (object: FakeObject) => { code: number; reason: string; message: string } | undefined
  /** Called after an object was applied: the controllers of this cluster. */
  readonly onApplied?: (object: FakeObject) => void
}

interface Answer {
  status: number
  /** Text is sent as it is, anything else as JSON. */
  body: unknown
}

/** A running fake of a cluster's API server. */
export type KubernetesFake = Awaited<ReturnType<typeof startKubernetesFake>>

const token = 'the-token-of-the-fake'

/**
 * Starts a stateful fake of an API server on a free port of 127.0.0.1: discovery, list, watch, server-side apply,
 * delete, logs, kubelets and version of the kinds we use. It has no controllers of its own: a test puts what they would.
 */
export async function startKubernetesFake(options: KubernetesFakeOptions = {}) {
  const store = createStore()
  const requests: RecordedRequest[] = []
  const faults: (KubernetesFault & { left: number })[] = []
  const logs = new Map<string, string>()
  const kubelets = new Map<string, string>()
  const services = new Map<string, Answer>()
  /** Open watches, each with what stops its events. */
  const watches = new Map<ServerResponse, () => void>()
  const held: (() => void)[] = []
  const namespace = (name: string): FakeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const object of [namespace('default'), namespace('kube-system'), ...(options.objects ?? [])]) store.put(object)

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => send(response, failure(500, 'InternalError', `the fake itself failed: ${String(error)}`)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname: path, searchParams } = new URL(request.url ?? '/', url)
    const query = Object.fromEntries(searchParams)
    const { method = 'GET', headers } = request
    const body: unknown = parse(Buffer.concat(chunks).toString('utf8'))
    const recorded: RecordedRequest = { method, path, query, contentType: headers['content-type'], body }
    requests.push(recorded)

    const isKnown = options.anonymous || headers.authorization === `Bearer ${token}`
    const isWatch = query.watch === 'true' || query.watch === '1'
    const fault = faults.find((candidate) => candidate.left > 0 && meets(candidate, method, path, isWatch))
    const place = placeOf(path)
    if (fault) {
      fault.left -= 1
      meet(fault, response)
    } else if (holding(isWatch)) {
      held.push(() => place && follow(response, place, query))
    } else if (isKnown && isWatch && place) {
      follow(response, place, query)
    } else {
      send(response, isKnown ? answer(recorded, place) : failure(401, 'Unauthorized', 'Unauthorized'))
    }
  }

  let holds = false
  const holding = (isWatch: boolean) => holds && isWatch

  function answer(request: RecordedRequest, place: Place | undefined): Answer {
    const { method, path, query } = request
    if (path === '/version') return { status: 200, body: { major: '1', minor: '37', gitVersion: options.version ?? 'v1.37.0', platform: 'linux/amd64' } }
    const known = discovery(path) ?? groups(path)
    if (known) return { status: 200, body: known }
    const [, node = '', kubeletPath] = /^\/api\/v1\/nodes\/([^/]+)\/proxy\/(.+)$/.exec(path) ?? []
    if (kubeletPath !== undefined) return kubelet(node, decodeURIComponent(kubeletPath))
    const [, space = '', named = ''] = /^\/api\/v1\/namespaces\/([^/]+)\/services\/([^/]+)\/proxy(?:\/|$)/.exec(path) ?? []
    if (named !== '') return proxied(space, decodeURIComponent(named))
    if (!place) return failure(404, 'NotFound', 'the server could not find the requested resource')
    if (place.part === 'log') return log(place, query)
    switch (method) {
      case 'GET':
        return place.name === undefined ? list(place, query) : read(place)
      case 'DELETE':
        return remove(place)
      case 'PATCH':
        return apply(request, place)
      default:
        return failure(405, 'MethodNotAllowed', `the fake does not know ${method}`)
    }
  }

  const at = ({ resource, namespace: space, name = '' }: Place): FakeObject => ({
    apiVersion: resource.apiVersion,
    kind: resource.kind,
    metadata: { name, ...(space === undefined ? {} : { namespace: space }) },
  })

  function notFound({ resource, name }: Place): Answer {
    const group = resource.apiVersion.includes('/') ? `.${resource.apiVersion.split('/')[0]}` : ''
    return failure(404, 'NotFound', `${resource.name}${group} "${name}" not found`)
  }

  function list({ resource, namespace: space }: Place, query: Record<string, string>): Answer {
    const items = store.list({ resource, namespace: space, labelSelector: query.labelSelector })
    const shown = items.map(({ apiVersion: _, kind: __, ...item }) => item).slice(0, Number(query.limit ?? items.length))
    const metadata = { resourceVersion: String(store.version()) }
    return { status: 200, body: { kind: `${resource.kind}List`, apiVersion: resource.apiVersion, metadata, items: shown } }
  }

  function read(place: Place): Answer {
    const object = store.get(at(place))
    return object ? { status: 200, body: object } : notFound(place)
  }

  function remove(place: Place): Answer {
    if (!store.remove(at(place))) return notFound(place)
    const details = { name: place.name, kind: place.resource.name }
    return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } }
  }

  function apply({ contentType, query, body }: RecordedRequest, { namespace: space, name }: Place): Answer {
    if (contentType !== 'application/apply-patch+yaml')
      return failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format: ${contentType}`)
    if (!query.fieldManager)
      return failure(400, 'BadRequest', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
    const object = body as FakeObject
    if (object.metadata.name !== name) return failure(400, 'BadRequest', 'the name of the object does not match the name on the URL')
    if (space !== undefined && !store.get({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: space } })) {
      return failure(404, 'NotFound', `namespaces "${space}" not found`)
    }
    const refused = options.admit?.(object)
    if (refused) return failure(refused.code, refused.reason, refused.message)
    const known = store.get(object)
    // What others wrote, the status above all, stays; a true merge of fields is more than our tests need.
    const stored = store.put({ ...known, ...object, metadata: { generation: 1, ...object.metadata } })
    options.onApplied?.(structuredClone(stored))
    return { status: known ? 200 : 201, body: stored }
  }

  function proxied(space: string, named: string): Answer {
    const [service = '', port = ''] = named.split(':')
    const object = store.get({ apiVersion: 'v1', kind: 'Service', metadata: { name: service, namespace: space } })
    if (!object) return failure(404, 'NotFound', `services "${service}" not found`)
    const { ports = [] } = object.spec as { ports?: readonly { name?: string; port: number }[] }
    if (!ports.some((one) => one.name === port || String(one.port) === port))
      return failure(503, 'ServiceUnavailable', `no service port "${port}" found for service "${service}"`)
    return services.get(`${space}/${service}`) ?? failure(503, 'ServiceUnavailable', `no endpoints available for service "${named}"`)
  }

  function kubelet(name: string, path: string): Answer {
    if (!store.get({ apiVersion: 'v1', kind: 'Node', metadata: { name } })) return failure(404, 'NotFound', `nodes "${name}" not found`)
    return { status: kubelets.has(`${name} ${path}`) ? 200 : 404, body: kubelets.get(`${name} ${path}`) ?? '404 page not found\n' }
  }

  function log({ namespace: space = '', name = '' }: Place, { container = '', previous, tailLines }: Record<string, string>): Answer {
    if (!store.get({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: space } })) return failure(404, 'NotFound', `pods "${name}" not found`)
    const text = logs.get(logKey(space, name, container, previous === 'true'))
    if (text === undefined) {
      const why =
        previous === 'true'
          ? `previous terminated container "${container}" in pod "${name}" not found`
          : `container "${container}" in pod "${name}" is waiting to start: ContainerCreating`
      return failure(400, 'BadRequest', why)
    }
    const lines = text.split(/(?<=\n)/)
    return { status: 200, body: lines.slice(tailLines === undefined ? 0 : -Number(tailLines)).join('') }
  }

  function follow(response: ServerResponse, { resource, namespace: space }: Place, query: Record<string, string>): void {
    const selector = { resource, namespace: space, labelSelector: query.labelSelector }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    const event = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`)
    const missed = store.since(Number(query.resourceVersion ?? 0))
    if (missed === undefined) {
      const version = `${query.resourceVersion} (${store.version()})`
      event('ERROR', failure(410, 'Expired', `too old resource version: ${version}`).body)
      response.end()
      return
    }
    for (const change of missed) if (selects(selector, change.object)) event(change.type, change.object)
    const stop = store.listen((change) => {
      if (selects(selector, change.object)) event(change.type, change.object)
    })
    watches.set(response, stop)
    response.on('close', () => {
      stop()
      watches.delete(response)
    })
  }

  return {
    url,
    /** A kubeconfig for this server. */
    kubeconfig: kubeconfigOf(url),
    requests: requests as readonly RecordedRequest[],
    /** Creates or changes an object, as a controller or another client would. */
    put: (object: FakeObject): void => void store.put(object),
    remove: (object: FakeObject): boolean => store.remove(object),
    get: (object: FakeObject): FakeObject | undefined => structuredClone(store.get(object)),
    setLog: (space: string, pod: string, container: string, text: string, { previous = false } = {}): void =>
      void logs.set(logKey(space, pod, container, previous), text),
    /** What a node's kubelet answers at a path from now on. */
    setKubelet: (node: string, path: string, text: string): void => void kubelets.set(`${node} ${path}`, text),
    /** What a service's pods answer from now on whoever asks through the API server; else it has no endpoints. */
    setService: (space: string, service: string, answer: { status: number; body: string }): void => void services.set(`${space}/${service}`, answer),
    /** Makes the next matching requests fail. Faults are used up in the order in which they were given. */
    fail: (fault: KubernetesFault): void => {
      faults.push({ ...fault, left: fault.times ?? 1 })
    },
    /** Ends all faults. */
    recover: (): void => {
      faults.length = 0
    },
    /** How many watches are open. */
    watches: (): number => watches.size,
    /** Ends all watches, properly, as the server does every few minutes, or by cutting the connection. */
    endWatches: (how: 'close' | 'reset' = 'close'): void => {
      for (const [response, stop] of watches) {
        stop()
        if (how === 'close') response.end()
        else response.destroy()
      }
    },
    /** Leaves watches unanswered until the function it returns is called. */
    hold: (): (() => void) => {
      holds = true
      return () => {
        holds = false
        for (const open of held.splice(0)) open()
      }
    },
    /** Sends a line to all watches as it is. */
    sendToWatches: (type: string, object: unknown): void => {
      for (const response of watches.keys()) response.write(`${JSON.stringify({ type, object })}\n`)
    },
    /** Forgets the history: versions that were listed before are too old for a watch now. */
    compact: (): void => store.compact(),
    /** How many clients are connected. */
    connections: () => new Promise<number>((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
    /** Stops the server and cuts what still hangs. */
    close: async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** A kubeconfig whose one cluster is at `url`. */
export function kubeconfigOf(url: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fake',
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    // The client takes no plain HTTP otherwise.
    clusters: [{ name: 'fake', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'fake', user: { token } }],
  })
}

function logKey(namespace: string, pod: string, container: string, previous: boolean): string {
  return [namespace, pod, container, previous].join('|')
}

function meets(fault: KubernetesFault, method: string, path: string, isWatch: boolean): boolean {
  return (fault.method ?? method) === method && (fault.path?.test(path) ?? true) && (fault.watch ?? isWatch) === isWatch
}

function meet({ status, message }: KubernetesFault, response: ServerResponse): void {
  switch (status) {
    case 'hang':
      break
    case 'reset':
      response.destroy()
      break
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      response.write('{"kind":', () => response.destroy())
      break
    default: {
      const [reason, words] = usual[status] ?? ['', 'Injected by a test']
      send(response, failure(status, reason, message ?? words))
    }
  }
}

const usual: Record<number, [reason: string, message: string]> = {
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'nodes is forbidden: User "kubernetes-admin" cannot list resource "nodes" in API group "" at the cluster scope'],
  404: ['NotFound', 'the server could not find the requested resource'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'Internal error occurred: etcdserver: leader changed'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted'],
}

/** The API server's own shape of an error. */
function failure(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const isText = typeof body === 'string'
  response
    .writeHead(status, { 'content-type': isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json' })
    .end(isText ? body : JSON.stringify(body))
}
