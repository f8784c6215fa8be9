import { randomUUID } from 'node:crypto'
import { type Resource, resourceOf } from './kubernetes-resources.ts'

/** Any object of the API. */
export interface FakeObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; resourceVersion?: string; [field: string]: unknown }
  [field: string]: unknown
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: FakeObject
  readonly version: number
}

export interface Selector {
  readonly resource: Resource
  readonly namespace: string | undefined
  readonly labelSelector: string | undefined
}

/** The objects of a cluster, with one version that every change raises, and the history of changes for watches. */
export function createStore() {
  const objects = new Map<string, FakeObject>()
  const history: Change[] = []
  const listeners = new Set<(change: Change) => void>()
  let version = 1000
  let oldest = version

  const keyOf = ({ apiVersion, kind, metadata }: FakeObject) => [apiVersion, kind, metadata.namespace ?? '', metadata.name].join('|')

  function record(type: Change['type'], object: FakeObject): void {
    const change = { type, object: structuredClone(object), version }
    history.push(change)
    for (const listener of listeners) listener(change)
  }

  return {
    version: () => version,
    get: (object: FakeObject): FakeObject | undefined => objects.get(keyOf(object)),
    /** Creates an object or replaces it, and tells who watches. */
    put: (given: FakeObject): FakeObject => {
      if (!resourceOf(given)) throw new Error(`the fake knows no ${given.apiVersion} ${given.kind}`)
      const known = objects.get(keyOf(given))
      version += 1
      const own = known?.metadata ?? { uid: randomUUID(), creationTimestamp: '2026-11-22T08:00:00Z' }
      const object = { ...structuredClone(given), metadata: { ...own, ...given.metadata, resourceVersion: String(version) } }
      objects.set(keyOf(object), object)
      record(known ? 'MODIFIED' : 'ADDED', object)
      return object
    },
    /** Deletes an object; false when there is none. */
    remove: (given: FakeObject): boolean => {
      const known = objects.get(keyOf(given))
      if (!known) return false
      objects.delete(keyOf(given))
      version += 1
      record('DELETED', { ...known, metadata: { ...known.metadata, resourceVersion: String(version) } })
      return true
    },
    list: (selector: Selector): FakeObject[] => [...objects.values()].filter((object) => selects(selector, object)),
    /** What changed after a version; undefined when that is too long ago. */
    since: (after: number): Change[] | undefined => (after < oldest ? undefined : history.filter((change) => change.version > after)),
    /** Forgets the history, as etcd does when it compacts. */
    compact: (): void => {
      version += 1
      oldest = version
      history.length = 0
    },
    listen: (listener: (change: Change) => void): (() => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Whether an object is meant; of labels only equality is known. */
export function selects({ resource, namespace, labelSelector }: Selector, object: FakeObject): boolean {
  if (object.apiVersion !== resource.apiVersion || object.kind !== resource.kind) return false
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false
  const wanted = (labelSelector ?? '').split(',').filter((term) => term !== '')
  return wanted.every((term) => {
    const [label = '', value = ''] = term.split(/==?/)
    return object.metadata.labels?.[label] === value
  })
}
