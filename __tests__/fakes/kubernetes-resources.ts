/** A kind the fake serves. */
export interface Resource {
  /** `v1`, `apps/v1`, … */
  readonly apiVersion: string
  readonly kind: string
  /** Plural, as in paths. */
  readonly name: string
  readonly namespaced: boolean
}

const resource = (apiVersion: string, kind: string, name: string, namespaced = true): Resource => ({ apiVersion, kind, name, namespaced })

/** What our manifests and stages use, no more. */
const resources: readonly Resource[] = [
  resource('v1', 'Namespace', 'namespaces', false),
  resource('v1', 'Node', 'nodes', false),
  resource('v1', 'Pod', 'pods'),
  resource('v1', 'Service', 'services'),
  resource('v1', 'ServiceAccount', 'serviceaccounts'),
  resource('v1', 'ConfigMap', 'configmaps'),
  resource('v1', 'Secret', 'secrets'),
  resource('v1', 'Event', 'events'),
  resource('apps/v1', 'Deployment', 'deployments'),
  resource('batch/v1', 'Job', 'jobs'),
  resource('k6.io/v1alpha1', 'TestRun', 'testruns'),
  resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', false),
  resource('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'),
  resource('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  resource('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', false),
  resource('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', false),
  resource('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
  resource('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  resource('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
]

/** Finds the resource of an object, or undefined. */
export function resourceOf({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): Resource | undefined {
  return resources.find((candidate) => candidate.apiVersion === apiVersion && candidate.kind === kind)
}

/** What a path of the API names. */
export interface Place {
  readonly resource: Resource
  readonly namespace: string | undefined
  readonly name: string | undefined
  /** `log`, `status`, …, or undefined. */
  readonly part: string | undefined
}

/** Reads `/api/v1/namespaces/x/pods/y/log` and its like; undefined for anything else. */
export function placeOf(path: string): Place | undefined {
  const [, apiVersion = '', rest = ''] = /^\/api\/(v1)\/(.+)$/.exec(path) ?? /^\/apis\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? []
  const parts = rest.split('/').map(decodeURIComponent)
  const find = (name: string | undefined, namespaced?: boolean) =>
    resources.find(
      (candidate) => candidate.apiVersion === apiVersion && candidate.name === name && (namespaced === undefined || candidate.namespaced === namespaced),
    )
  if (parts[0] === 'namespaces' && parts.length > 2) {
    const found = find(parts[2], true)
    return found && { resource: found, namespace: parts[1], name: parts[3], part: parts[4] }
  }
  const found = find(parts[0])
  return found && { resource: found, namespace: undefined, name: parts[1], part: parts[2] }
}

/** The APIResourceList of a path such as `/apis/apps/v1`, or undefined when there is no such group. */
export function discovery(path: string): object | undefined {
  const groupVersion = path.replace(/^\/apis?\//, '')
  if (path !== `/${groupVersion.includes('/') ? 'apis' : 'api'}/${groupVersion}`) return undefined
  const found = resources.filter(({ apiVersion }) => apiVersion === groupVersion)
  if (found.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: found.map(({ name, kind, namespaced }) => ({
      name,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    })),
  }
}

/** The groups and their versions, as `/api` and `/apis` list them. */
export function groups(path: string): object | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
  if (path !== '/apis') return undefined
  const named = [...new Set(resources.map(({ apiVersion }) => apiVersion))].filter((apiVersion) => apiVersion.includes('/'))
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: named.map((groupVersion) => {
      const [name, version] = groupVersion.split('/')
      return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } }
    }),
  }
}
