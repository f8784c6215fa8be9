import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseAllDocuments } from 'yaml'
import { archiveConfigMaps, mostParts, partBytes } from '../../../src/adapters/k6-archive.ts'
import { readManifest } from '../../../src/adapters/manifests.ts'
import { nodePorts } from '../../../src/config/config.ts'
import { nginx } from '../../../src/stages/ingress/controllers/nginx.ts'
import { traefik } from '../../../src/stages/ingress/controllers/traefik.ts'
import type { KubernetesObject } from '../../../src/stages/kubernetes.ts'
import { echoServices, servicesNamespace } from '../../../src/stages/services/service.ts'

const root = join(import.meta.dirname, '../../..')

/** A place of a template. */
const place = (name: string) => `\${${name}}`

/** What a test looks at in an object; the API server itself checks the rest. */
// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, looked into
type Loose = any

describe('a manifest', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'manifest-test-'))
    mkdirSync(join(folder, 'manifests'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function read(yaml: string, values: Record<string, string | number> = {}) {
    writeFileSync(join(folder, 'manifests', 'x.yaml'), yaml)
    return readManifest(folder, 'x.yaml', values) as Promise<Loose[]>
  }

  test('has its places filled, in keys and in text, with each value’s own type where it stands alone', async () => {
    const yaml = `a: ${place('count')}\n${place('name')}-key: x\nlist:\n  - ${place('name')}\n  - "${place('count')}"\n  - v${place('count')}-${place('name')}`
    expect(await read(yaml, { count: 3, name: 'foo' })).toEqual([{ a: 3, 'foo-key': 'x', list: ['foo', 3, 'v3-foo'] }])
  })

  test('is every document of its file, in order', async () => {
    expect(await read('a: 1\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }])
    expect(await read('')).toEqual([])
  })

  test('keeps what only looks like a place', async () => {
    expect(await read(`a: $(POD_NAME)\nb: $HOME\nc: "${place('not a place')}"`)).toEqual([{ a: '$(POD_NAME)', b: '$HOME', c: place('not a place') }])
  })

  test.each([
    ['a new key', 'x\nprivileged: true'],
    ['a new document', 'x\n---\nkind: Secret'],
    ['another type', 'true'],
    ['a list', '[a, b]'],
    ['an alias', '*anchor'],
    ['the end of a string', '"} , "b": {"'],
    ['a comment', 'x # y'],
    ['another place', place('other')],
    ['a pattern of replace', '$& $1 $$'],
  ])('cannot be changed by a value that is %s', async (_, value) => {
    const yaml = `a: &anchor ${place('value')}\nb: "[${place('value')}]"\nc: 1`
    expect(await read(yaml, { value, other: 'filled' })).toEqual([{ a: value, b: `[${value}]`, c: 1 }])
  })

  test('cannot be changed by any value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (value) => {
        expect(await read(`a: ${place('value')}\nb:\n  - "x${place('value')}x"`, { value })).toEqual([{ a: value, b: [`x${value}x`] }])
      }),
      { numRuns: 50 },
    )
  })

  test('without a value for a place names the file and the place', async () => {
    await expect(read(`a: ${place('who')}`)).rejects.toThrow(`manifests/x.yaml: nothing is given for ${place('who')}`)
  })

  test('that is no YAML names the file', async () => {
    await expect(read('a: [1\nb: 2')).rejects.toThrow(/^manifests\/x\.yaml: /)
  })

  test('that is not there names the file', async () => {
    await expect(readManifest(folder, 'none.yaml', {})).rejects.toThrow('none.yaml')
  })
})

const controllers = [nginx, traefik]

const files = readdirSync(join(root, 'manifests'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(join(root, 'manifests').length + 1))
  .sort()

/** Every value below, with its path. */
function* leaves(value: unknown, path: readonly string[] = []): Generator<readonly [readonly string[], unknown]> {
  if (value === null || typeof value !== 'object') yield [path, value]
  else for (const [key, item] of Object.entries(value)) yield* leaves(item, [...path, key])
}

describe('our own manifests', () => {
  test('are these', () => {
    expect(files).toEqual([
      'dns-probe.yaml',
      'ingress/nginx/controller.yaml',
      'ingress/traefik/controller.yaml',
      'load/job-large.yaml',
      'load/job.yaml',
      'load/operator.yaml',
      'load/testrun.yaml',
      'services/echo.yaml',
      'services/namespace.yaml',
    ])
  })

  test.each(files)('%s names no image itself: each comes from a place, and so from the pins or the user', (file) => {
    const documents = parseAllDocuments(readFileSync(join(root, 'manifests', file), 'utf8')).map((document) => document.toJS())
    const images = [...leaves(documents)].filter(([path]) => path.at(-1) === 'image').map(([, value]) => value)
    const others: Readonly<Record<string, readonly string[]>> = { 'load/job-large.yaml': ['shellImage'], 'load/testrun.yaml': ['starterImage'] }
    const places = [...(file === 'services/namespace.yaml' ? [] : ['image']), ...(others[file] ?? [])].map(place)
    expect(images.toSorted()).toEqual(places.toSorted())
  })

  test('are read with exactly the values that are given', async () => {
    expect((await objects()).length).toBeGreaterThan(10)
  })
})

async function echo(name: 'foo' | 'bar'): Promise<Loose[]> {
  const service = echoServices('reg.example/echo:1', nodePorts).find((each) => each.name === name)
  return await readManifest(root, 'services/echo.yaml', {
    name,
    namespace: servicesNamespace,
    image: service?.image ?? '',
    replicas: service?.replicas ?? 0,
    host: service?.host ?? '',
    nodePort: service?.nodePort ?? 0,
    text: name,
    ingressClass: nginx.className,
  })
}

async function objects(): Promise<KubernetesObject[]> {
  const lists = await Promise.all([
    readManifest(root, 'dns-probe.yaml', { image: 'reg.example/busybox:1', dnsName: 'kubernetes.default.svc.cluster.local' }),
    ...controllers.map(({ name }) => readManifest(root, `ingress/${name}/controller.yaml`, { image: 'reg.example/controller:1' })),
    readManifest(root, 'services/namespace.yaml', { namespace: servicesNamespace }),
    echo('foo'),
    echo('bar'),
  ])
  return lists.flat()
}

/** What the restricted pod security standard (Kubernetes 1.37) asks of a pod, each with what it is. */
function restrictedProblems(pod: Loose): string[] {
  const problems: string[] = []
  const check = (holds: boolean, what: string) => {
    if (!holds) problems.push(what)
  }
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) check(!pod[field], field)
  const allowed = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret']
  for (const volume of pod.volumes ?? [])
    check(
      allowed.some((kind) => kind in volume),
      `volume ${volume.name}`,
    )
  for (const container of [...(pod.initContainers ?? []), ...(pod.containers ?? [])]) {
    const own = container.securityContext ?? {}
    const whole = pod.securityContext ?? {}
    check(own.privileged !== true, 'privileged')
    check(own.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation')
    check((own.runAsNonRoot ?? whole.runAsNonRoot) === true, 'runAsNonRoot')
    check((own.runAsUser ?? whole.runAsUser) !== 0, 'runAsUser')
    check(['RuntimeDefault', 'Localhost'].includes((own.seccompProfile ?? whole.seccompProfile)?.type), 'seccompProfile')
    check(own.capabilities?.drop?.includes('ALL') === true, 'capabilities.drop')
    check(
      (own.capabilities?.add ?? []).every((each: string) => each === 'NET_BIND_SERVICE'),
      'capabilities.add',
    )
    check(
      (container.ports ?? []).every((port: Loose) => !port.hostPort),
      'hostPort',
    )
  }
  return problems
}

describe('the services’ manifests', () => {
  const of = (list: readonly Loose[], kind: string) => list.find((object) => object.kind === kind)

  test('the namespace has the API server enforce the restricted standard', async () => {
    expect(await readManifest(root, 'services/namespace.yaml', { namespace: servicesNamespace })).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: 'mlops-services',
          labels: { 'app.kubernetes.io/managed-by': 'mlops-pipeline-action', 'pod-security.kubernetes.io/enforce': 'restricted' },
        },
      },
    ])
  })

  test.each(['foo', 'bar'] as const)('a pod of %s meets the restricted standard, with a numeric user', async (name) => {
    const { spec } = of(await echo(name), 'Deployment').spec.template
    expect(restrictedProblems(spec)).toEqual([])
    expect(spec.securityContext.runAsUser).toBeGreaterThan(0)
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true)
  })

  test('the check of the standard finds what breaks it', async () => {
    const { spec } = of(await echo('foo'), 'Deployment').spec.template
    const broken = structuredClone(spec)
    broken.hostNetwork = true
    broken.securityContext = { runAsUser: 0 }
    broken.volumes = [{ name: 'host', hostPath: { path: '/' } }]
    broken.containers[0].securityContext = { privileged: true, capabilities: { add: ['SYS_ADMIN'] } }
    broken.containers[0].ports[0].hostPort = 80
    expect(restrictedProblems(broken)).toEqual([
      'hostNetwork',
      'volume host',
      'privileged',
      'allowPrivilegeEscalation',
      'runAsNonRoot',
      'runAsUser',
      'seccompProfile',
      'capabilities.drop',
      'capabilities.add',
      'hostPort',
    ])
  })

  test.each([
    ['foo', 30080],
    ['bar', 30081],
  ] as const)('%s has two replicas, probes, requests and limits, NodePort %d and its own host', async (name, nodePort) => {
    const list = await echo(name)
    expect(list.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name])).toEqual([
      ['Deployment', 'mlops-services', name],
      ['Service', 'mlops-services', name],
      ['Ingress', 'mlops-services', name],
    ])
    const { spec } = of(list, 'Deployment')
    expect(spec.replicas).toBe(2)
    const [container] = spec.template.spec.containers
    expect(container).toMatchObject({
      image: 'reg.example/echo:1',
      args: ['-listen=:5678', `-text=${name}`],
      readinessProbe: { httpGet: { path: '/health', port: 'http' } },
      livenessProbe: { httpGet: { path: '/health', port: 'http' } },
      resources: { requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: { cpu: expect.any(String), memory: expect.any(String) } },
    })
    expect(of(list, 'Service').spec).toMatchObject({ type: 'NodePort', ports: [{ port: 80, targetPort: 'http', nodePort }] })
    expect(of(list, 'Ingress').spec).toMatchObject({
      ingressClassName: 'nginx',
      rules: [{ host: `${name}.localhost`, http: { paths: [{ path: '/', backend: { service: { name, port: { name: 'http' } } } }] } }],
    })
  })

  test.each(['foo', 'bar'] as const)('the selectors of %s choose its own pods', async (name) => {
    const list = await echo(name)
    const deployment = of(list, 'Deployment')
    const { labels } = deployment.spec.template.metadata
    expect(labels).toMatchObject(deployment.spec.selector.matchLabels)
    expect(labels).toMatchObject(of(list, 'Service').spec.selector)
    const ports = deployment.spec.template.spec.containers[0].ports
    expect(ports.map((port: Loose) => port.name)).toContain(of(list, 'Service').spec.ports[0].targetPort)
    expect(of(list, 'Service').spec.selector).not.toEqual(of(await echo(name === 'foo' ? 'bar' : 'foo'), 'Service').spec.selector)
  })
})

describe('the DNS probe', () => {
  test('is a pod that ends, looks the name up, and meets the restricted standard', async () => {
    const [pod] = (await readManifest(root, 'dns-probe.yaml', { image: 'reg.example/busybox:1', dnsName: 'the.name' })) as [Loose]
    expect(restrictedProblems(pod.spec)).toEqual([])
    expect(pod.spec).toMatchObject({ restartPolicy: 'Never', containers: [{ name: 'probe', command: ['nslookup', '-type=a', 'the.name'] }] })
  })
})

describe.each(controllers)('the manifest of $name', (controller) => {
  const read = () => readManifest(root, `ingress/${controller.name}/controller.yaml`, { image: 'reg.example/controller:1' }) as Promise<Loose[]>
  const podOf = async () => (await read()).find(({ kind }) => kind === 'Deployment').spec.template

  test('has what the stage waits for, where it waits for it', async () => {
    const list = await read()
    const deployment = list.find(({ kind }) => kind === 'Deployment')
    expect(deployment.metadata).toMatchObject({ name: controller.deployment, namespace: controller.namespace })
    expect(list.filter(({ kind }) => kind === 'IngressClass').map(({ metadata }) => metadata.name)).toContain(controller.className)
    expect(deployment.spec.template.metadata.labels).toMatchObject(deployment.spec.selector.matchLabels)
  })

  test('has a Service inside the cluster that leads to its pods', async () => {
    const list = await read()
    const service = list.find(({ kind }) => kind === 'Service')
    expect(service.metadata).toMatchObject({ name: controller.service, namespace: controller.namespace })
    const { metadata, spec } = await podOf()
    expect(metadata.labels).toMatchObject(service.spec.selector)
    const http = service.spec.ports.find(({ port }: Loose) => port === 80)
    expect(spec.containers[0].ports.find(({ name }: Loose) => name === http.targetPort).hostPort).toBe(80)
  })

  test('takes Ingresses of class nginx, which most are written for', async () => {
    const classes = (await read()).filter(({ kind }) => kind === 'IngressClass')
    expect(classes.find(({ metadata }) => metadata.name === 'nginx')?.spec).toEqual({ controller: 'k8s.io/ingress-nginx' })
  })

  test('runs on the node with the mapped ports, and takes those ports there', async () => {
    const { spec } = await podOf()
    expect(spec.nodeSelector).toEqual({ 'ingress-ready': 'true' })
    expect(spec.tolerations).toEqual([{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }])
    expect(spec.containers[0].ports.map(({ hostPort }: Loose) => hostPort)).toEqual([80, 443])
  })

  test('meets the restricted standard but for the host’s ports', async () => {
    const { spec } = await podOf()
    expect([...new Set(restrictedProblems(spec))]).toEqual(['hostPort'])
    expect((spec.securityContext ?? spec.containers[0].securityContext).runAsUser).toBeGreaterThan(0)
  })

  test('is ready when the controller says so, and asks for its share of the node', async () => {
    const [container] = (await podOf()).spec.containers
    expect(container).toMatchObject({
      image: 'reg.example/controller:1',
      readinessProbe: { httpGet: { path: expect.any(String), port: expect.any(Number) }, periodSeconds: 1 },
      resources: { requests: { cpu: expect.any(String), memory: expect.any(String) } },
    })
  })

  test('has no admission webhook, no job and no type of its own: all cost boot time', async () => {
    const kinds = (await read()).map(({ kind }) => kind)
    expect(kinds.filter((kind) => /Webhook|Job|CustomResourceDefinition/.test(kind))).toEqual([])
  })

  test('comes with its namespace first, for the API server takes nothing into one that is not there', async () => {
    const list = await read()
    expect(list[0]).toMatchObject({ kind: 'Namespace', metadata: { name: controller.namespace } })
    for (const { metadata } of list) if (metadata.namespace !== undefined) expect(metadata.namespace).toBe(controller.namespace)
  })

  test('binds its role to its own account', async () => {
    const list = await read()
    const { roleRef, subjects } = list.find(({ kind }) => kind === 'ClusterRoleBinding')
    expect(list.find(({ kind }) => kind === 'ClusterRole').metadata.name).toBe(roleRef.name)
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: (await podOf()).spec.serviceAccountName, namespace: controller.namespace }])
  })

  test('may read, and write no more than it needs', async () => {
    const { rules } = (await read()).find(({ kind }) => kind === 'ClusterRole')
    const writing = rules.filter(({ verbs }: Loose) => verbs.some((verb: string) => !['get', 'list', 'watch'].includes(verb)))
    expect(writing.flatMap(({ resources }: Loose) => resources)).toEqual(controller === nginx ? ['ingresses/status', 'leases', 'events'] : [])
  })
})

describe('Traefik', () => {
  test('listens on high ports, reads no type of its own, calls nobody, and writes nowhere', async () => {
    const list = (await readManifest(root, 'ingress/traefik/controller.yaml', { image: 'reg.example/traefik:1' })) as Loose[]
    const [container] = list.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers
    expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
    for (const { containerPort } of container.ports) {
      expect(containerPort).toBeGreaterThan(1024)
      expect(container.args).toContainEqual(expect.stringMatching(new RegExp(`^--entrypoints\\.\\w+\\.address=:${containerPort}$`)))
    }
    expect(container.args.filter((arg: string) => arg.startsWith('--providers.'))).toEqual([
      '--providers.kubernetesingress=true',
      '--providers.kubernetesingress.ingressclass=traefik',
      '--providers.kubernetesingressnginx=true',
    ])
    expect(container.args).toEqual(expect.arrayContaining(['--global.checknewversion=false', '--global.sendanonymoususage=false', '--ping=true']))
  })
})

describe('the load’s manifests', () => {
  const values = { name: 'mlops-load-1', namespace: 'mlops-load', image: 'reg.example/k6:1', memoryLimit: '592Mi' }
  const job = (file: string) => readManifest(root, `load/${file}`, { ...values, deadlineSeconds: 240, shellImage: 'reg.example/busybox:1' }) as Promise<Loose[]>
  const testRun = () => readManifest(root, 'load/testrun.yaml', { ...values, parallelism: 3, starterImage: 'reg.example/starter:1' }) as Promise<Loose[]>

  test.each(['job.yaml', 'job-large.yaml', 'testrun.yaml'])(
    '%s comes with its namespace first, where the API server enforces the restricted standard',
    async (file) => {
      const [space, object] = file === 'testrun.yaml' ? await testRun() : await job(file)
      expect(space).toMatchObject({ kind: 'Namespace', metadata: { name: 'mlops-load', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } })
      expect(object.metadata).toMatchObject({
        name: 'mlops-load-1',
        namespace: 'mlops-load',
        labels: { 'app.kubernetes.io/managed-by': 'mlops-pipeline-action' },
      })
    },
  )

  test.each(['job.yaml', 'job-large.yaml'])(
    '%s runs k6 once, for a bounded time, restricted, with its own share of the node and no throttling',
    async (file) => {
      const { spec } = (await job(file))[1]
      const pod = spec.template.spec
      expect(spec).toMatchObject({
        backoffLimit: 0,
        activeDeadlineSeconds: 240,
        template: { metadata: { labels: { 'app.kubernetes.io/name': 'mlops-load-1' } } },
      })
      expect(restrictedProblems(pod)).toEqual([])
      expect(pod).toMatchObject({ restartPolicy: 'Never', automountServiceAccountToken: false })
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) expect(container.securityContext.readOnlyRootFilesystem).toBe(true)
      const [k6] = pod.containers
      expect(k6).toMatchObject({
        name: 'k6',
        image: 'reg.example/k6:1',
        resources: { requests: { cpu: expect.any(String), memory: expect.any(String) }, limits: { memory: '592Mi' } },
      })
      expect(k6.resources.limits.cpu).toBeUndefined()
      expect(k6.command.at(-1)).toBe(`${k6.volumeMounts[0].mountPath}/archive.tar`)
    },
  )

  test('a small archive is a ConfigMap’s, a large one is put together from as many as may be there', async () => {
    const [, small] = await job('job.yaml')
    expect(small.spec.template.spec.volumes).toEqual([{ name: 'load', configMap: { name: 'mlops-load-1' } }])
    expect(small.spec.template.spec.initContainers).toBeUndefined()
    const { volumes, initContainers } = (await job('job-large.yaml'))[1].spec.template.spec
    const { sources } = volumes.find(({ name }: Loose) => name === 'parts').projected
    const parts = archiveConfigMaps(Buffer.alloc(mostParts * partBytes), 'mlops-load', 'mlops-load-1', mostParts)
    expect(sources.map(({ configMap }: Loose) => configMap)).toEqual(parts.map(({ metadata }) => ({ name: metadata.name, optional: true })))
    expect(initContainers[0]).toMatchObject({ image: 'reg.example/busybox:1', command: ['sh', '-c', 'cat /parts/* > /load/archive.tar'] })
  })

  test('both Jobs are the same but for where the archive comes from', async () => {
    const without = async (file: string) => {
      const [space, object] = await job(file)
      const { initContainers: _, volumes: __, ...pod } = object.spec.template.spec
      return [space, { ...object, spec: { ...object.spec, template: { ...object.spec.template, spec: pod } } }]
    }
    expect(await without('job-large.yaml')).toEqual(await without('job.yaml'))
  })

  test('a TestRun spreads the load, keeps what its pods say, and makes them restricted', async () => {
    const { apiVersion, kind, spec } = (await testRun())[1]
    expect({ apiVersion, kind }).toEqual({ apiVersion: 'k6.io/v1alpha1', kind: 'TestRun' })
    expect(spec).toMatchObject({ parallelism: 3, script: { configMap: { name: 'mlops-load-1', file: 'archive.tar' } }, initializer: { disabled: true } })
    expect(spec.cleanup).toBeUndefined()
    for (const each of [spec.runner, spec.starter]) {
      expect(restrictedProblems({ securityContext: each.securityContext, containers: [{ securityContext: each.containerSecurityContext }] })).toEqual([])
      expect(each.automountServiceAccountToken).toBe('false')
    }
    expect(spec.runner).toMatchObject({ image: 'reg.example/k6:1', readinessProbe: { periodSeconds: 1 }, resources: { limits: { memory: '592Mi' } } })
    expect(spec.runner.resources.limits.cpu).toBeUndefined()
  })

  test('the operator has its types, its rights, and a pod that meets the restricted standard', async () => {
    const list = (await readManifest(root, 'load/operator.yaml', { namespace: 'k6-operator-system', image: 'reg.example/operator:1' })) as Loose[]
    const all = (kind: string) => list.filter((object) => object.kind === kind)
    expect(list[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'k6-operator-system' } })
    expect(all('CustomResourceDefinition').map(({ metadata }) => metadata.name)).toEqual(['testruns.k6.io', 'privateloadzones.k6.io'])
    for (const { metadata, spec } of all('CustomResourceDefinition')) expect(metadata.name).toBe(`${spec.names.plural}.${spec.group}`)
    const [deployment] = all('Deployment')
    const { spec } = deployment.spec.template
    expect(restrictedProblems(spec)).toEqual([])
    expect(all('ClusterRoleBinding')[0].subjects).toEqual([{ kind: 'ServiceAccount', name: spec.serviceAccountName, namespace: 'k6-operator-system' }])
    expect(all('ClusterRole')[0].metadata.name).toBe(all('ClusterRoleBinding')[0].roleRef.name)
    const { rules } = all('ClusterRole')[0]
    expect(rules.filter(({ verbs }: Loose) => verbs.includes('*'))).toEqual([])
    expect(rules.find(({ resources }: Loose) => resources.includes('secrets')).verbs).toEqual(['get', 'list', 'watch'])
  })
})
