import { describe, expect, test } from '@jest/globals'
import { type Config, ConfigError, resolveConfig } from '../../../src/config/config.ts'

type Texts = Readonly<Record<string, string>>

function resolve(text: string, inputs: Texts = {}) {
  return resolveConfig({
    inputs: { 'kind-config': 'ci/kind.yaml', ...inputs },
    env: {},
    services: ['foo', 'bar'],
    readFile: (path) => {
      if (path === 'ci/kind.yaml') return text
      throw new Error('it does not exist')
    },
  })
}

function read(text: string, inputs: Texts = {}): Config {
  return resolve(text, inputs).config
}

function problemsOf(text: string, inputs: Texts = {}): readonly string[] {
  try {
    resolve(text, inputs)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const head = 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n'
const mapped = (containerPort: number, hostPort?: number, more = '') =>
  `{containerPort: ${containerPort}${hostPort === undefined ? '' : `, hostPort: ${hostPort}`}${more}}`
const node = (role: string, ...mappings: string[]) => `  - role: ${role}\n${mappings.length > 0 ? `    extraPortMappings: [${mappings.join(', ')}]\n` : ''}`
const nodes = (...each: string[]) => `${head}nodes:\n${each.join('')}`

const usual = `# Ours.
${head}name: theirs
networking:
  podSubnet: 10.10.0.0/16
nodes:
  - role: control-plane
  - role: worker
    extraPortMappings:
      - containerPort: 80
        hostPort: 8080
        listenAddress: 127.0.0.1
      - containerPort: 30080
        hostPort: 9080
  - role: worker
    image: kindest/node:v1.36.4
`

describe('a kind configuration of the user’s own', () => {
  test('is given to kind as it is, with the label where the port leads, and images where it names none', () => {
    const { kindConfig, nodeImage } = read(usual, { 'node-image': 'kindest/node:v1.36.0' })
    expect(nodeImage).toBe('kindest/node:v1.36.0')
    expect(kindConfig?.config).toEqual({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      name: 'theirs',
      networking: { podSubnet: '10.10.0.0/16' },
      nodes: [
        { role: 'control-plane', image: 'kindest/node:v1.36.0' },
        {
          role: 'worker',
          image: 'kindest/node:v1.36.0',
          labels: { 'ingress-ready': 'true' },
          extraPortMappings: [
            { containerPort: 80, hostPort: 8080, listenAddress: '127.0.0.1' },
            { containerPort: 30080, hostPort: 9080 },
          ],
        },
        { role: 'worker', image: 'kindest/node:v1.36.4' },
      ],
    })
  })

  test('brings its ports, those that lead here, each with its node', () => {
    expect(read(usual).ports).toEqual([
      { hostPort: 8080, nodePort: 80, node: 'worker', input: 'kind-config' },
      { hostPort: 9080, nodePort: 30080, node: 'worker', input: 'kind-config' },
    ])
  })

  test('may leave ports to kind or the engine: both are free ones to us', () => {
    const text = nodes(node('control-plane'), node('worker'), node('worker', mapped(80), mapped(443, 0), mapped(30080, -1)))
    expect(read(text).ports.map(({ hostPort, nodePort, node: name }) => `${hostPort}:${nodePort} ${name}`)).toEqual([
      '0:80 worker2',
      '0:443 worker2',
      '0:30080 worker2',
    ])
  })

  test('has a name of its own that does not count, and says so', () => {
    expect(resolve(usual).warnings).toEqual(['kind-config: the cluster’s name is that of cluster-name (mlops-test-cluster), not the file’s'])
    expect(resolve(usual, { 'cluster-name': 'theirs' }).warnings).toEqual([])
  })

  test('says the Kubernetes version by its first control plane’s image, and kubectl follows', () => {
    const text = nodes(`${node('worker')}    image: kindest/node:v1.35.8\n`, `${node('control-plane', mapped(80, 80))}    image: kindest/node:v1.36.4\n`)
    expect(read(text, { 'node-image': 'kindest/node:v1.34.4' })).toMatchObject({
      nodeImage: 'kindest/node:v1.36.4',
      kubernetes: '1.36.4',
      kubectlVersion: '1.36.4',
    })
    expect(problemsOf(text, { 'kubernetes-version': '1.37' })).toEqual([
      'kubernetes-version: 1.37 contradicts the image in kind-config, which is 1.36.4; leave one of the two out',
    ])
  })

  test('may have fields that only a newer kind knows', () => {
    expect(read(`${usual}entirelyNew: true\n`).kindConfig?.config).toMatchObject({ entirelyNew: true })
  })

  test('without nodes is one control plane, as for kind', () => {
    const { kindConfig, ports } = read(head, { 'base-url': 'https://here.example', 'node-image': 'kindest/node:v1.36.4' })
    expect(kindConfig?.config.nodes).toEqual([{ role: 'control-plane', image: 'kindest/node:v1.36.4', labels: { 'ingress-ready': 'true' } }])
    expect(ports).toEqual([])
  })

  test('may use anchors and merges', () => {
    const text = `${head}nodes:\n  - &base\n    role: control-plane\n    extraPortMappings: [${mapped(80, 80)}]\n  - <<: *base\n    role: worker\n    extraPortMappings: []\n`
    expect(read(text).kindConfig?.config.nodes.map(({ role }) => role)).toEqual(['control-plane', 'worker'])
  })

  test('can be saved and read again, as post does', () => {
    const config = read(usual)
    expect(JSON.parse(JSON.stringify(config)).kindConfig).toEqual(config.kindConfig)
  })
})

describe('the label for the ingress', () => {
  const labelled = '    labels: {ingress-ready: "true"}\n'
  test.each<[string, string, Texts, number]>([
    ['goes to the node that leads to port 80', nodes(node('worker'), node('control-plane', mapped(80, 80))), {}, 1],
    ['goes to the one of two that has it already', nodes(node('control-plane', mapped(80, 80)), `${node('worker', mapped(80, 81))}${labelled}`), {}, 1],
    ['goes to the first of two without it', nodes(node('control-plane', mapped(80, 80)), node('worker', mapped(80, 81))), {}, 0],
    [
      'without an ingress goes to the node of the NodePorts',
      nodes(node('control-plane'), node('worker', mapped(30080, 1), mapped(30081, 2))),
      { ingress: 'none' },
      1,
    ],
    ['goes to the first control plane where no port leads anywhere', nodes(node('worker'), node('control-plane')), { 'base-url': 'http://here' }, 1],
    ['stays where it is where no port leads anywhere', nodes(node('control-plane'), `${node('worker')}${labelled}`), { 'base-url': 'http://here' }, 1],
    ['overrules another value', nodes(`${node('control-plane', mapped(80, 80))}    labels: {ingress-ready: "no", zone: a}\n`), {}, 0],
  ])('%s', (_, text, inputs, chosen) => {
    const all = read(text, inputs).kindConfig?.config.nodes ?? []
    expect(all.flatMap(({ labels }, index) => (labels?.['ingress-ready'] === 'true' ? [index] : []))).toEqual([chosen])
  })

  test('keeps the node’s other labels', () => {
    const text = nodes(`${node('control-plane', mapped(80, 80))}    labels: {zone: a}\n`)
    expect(read(text).kindConfig?.config.nodes[0]?.labels).toEqual({ zone: 'a', 'ingress-ready': 'true' })
  })

  test('on another node than the port leads to is a problem: the ingress might run there', () => {
    const text = nodes(node('control-plane', mapped(80, 80)), `${node('worker')}${labelled}`)
    expect(problemsOf(text)).toEqual([
      'kind-config: ci/kind.yaml:7: nodes[1].labels: ingress-ready belongs on nodes[0] alone, or the ingress may run where no port of this machine leads',
    ])
    expect(problemsOf(text, { ingress: 'none', 'base-url': 'http://here' })).toEqual([])
  })
})

describe('a kind configuration that is not one', () => {
  test.each<[string, string, readonly string[]]>([
    ['a text', 'hello', ['ci/kind.yaml: expected a kind configuration, which begins with "kind: Cluster"']],
    ['empty', '', ['ci/kind.yaml: expected a kind configuration, which begins with "kind: Cluster"']],
    [
      'of another kind and version',
      'kind: Pod\napiVersion: v1\n',
      ['ci/kind.yaml:1: kind: expected Cluster, got "Pod"', 'ci/kind.yaml:2: apiVersion: expected kind.x-k8s.io/v1alpha4, got "v1"'],
    ],
    [
      'without kind and version',
      'nodes: []\n',
      ['ci/kind.yaml: kind: expected Cluster, got nothing', 'ci/kind.yaml: apiVersion: expected kind.x-k8s.io/v1alpha4, got nothing'],
    ],
    ['without a list of nodes', `${head}nodes: three\n`, ['ci/kind.yaml:3: nodes: expected a list of nodes, got "three"']],
    [
      'with a node that is none',
      nodes('  - worker\n', node('control-plane')),
      ['ci/kind.yaml:4: nodes[0]: expected a node such as "role: worker", got "worker"'],
    ],
    ['with an unknown role', nodes(node('control-plane'), node('master')), ['ci/kind.yaml:5: nodes[1].role: expected control-plane or worker, got "master"']],
    ['without a control plane', nodes(node('worker')), ['ci/kind.yaml:4: nodes: expected at least one node with the role control-plane']],
    [
      'with an image that is none',
      nodes(`${node('control-plane')}    image: no image\n`),
      ['ci/kind.yaml:5: nodes[0].image: expected an image reference such as registry.example/name:1.2.3 or name@sha256:<64 hex digits>, got "no image"'],
    ],
    [
      'with labels that are no texts',
      nodes(`${node('control-plane')}    labels: {ingress-ready: true}\n`),
      ['ci/kind.yaml:5: nodes[0].labels: expected names with texts, got {"ingress-ready":true}'],
    ],
    [
      'with mappings that are no list',
      nodes(`${node('control-plane')}    extraPortMappings: 80\n`),
      ['ci/kind.yaml:5: nodes[0].extraPortMappings: expected a list of port mappings, got 80'],
    ],
    [
      'with ports that are none',
      nodes(node('control-plane', mapped(0, 80), mapped(80, 65536), '{hostPort: "80"}')),
      [
        'ci/kind.yaml:5: nodes[0].extraPortMappings[0].containerPort: expected a port from 1 to 65535, got 0',
        'ci/kind.yaml:5: nodes[0].extraPortMappings[1].hostPort: expected a port from 1 to 65535, or 0 for a free one, got 65536',
        'ci/kind.yaml:5: nodes[0].extraPortMappings[2].containerPort: expected a port from 1 to 65535, got nothing',
        'ci/kind.yaml:5: nodes[0].extraPortMappings[2].hostPort: expected a port from 1 to 65535, or 0 for a free one, got "80"',
      ],
    ],
    [
      'without a network',
      `${head}networking:\n  disableDefaultCNI: true\n  kubeProxyMode: none\nnodes:\n${node('control-plane', mapped(80, 80))}`,
      [
        'ci/kind.yaml:4: networking.disableDefaultCNI: nothing here installs another network, so no node would get ready; leave it out',
        'ci/kind.yaml:5: networking.kubeProxyMode: without kube-proxy no Service answers; leave it out',
      ],
    ],
    [
      'with mistyped fields',
      `${head}node: []\nnodes:\n  - roles: control-plane\n    extraPortMapping: []\n  - extraPortMappings: [{containerPort: 80, hostport: 80}]\n`,
      [
        'ci/kind.yaml:3: node: kind has no such field; did you mean nodes?',
        'ci/kind.yaml:5: nodes[0].roles: kind has no such field; did you mean role?',
        'ci/kind.yaml:6: nodes[0].extraPortMapping: kind has no such field; did you mean extraPortMappings?',
        'ci/kind.yaml:7: nodes[1].extraPortMappings[0].hostport: kind has no such field; did you mean hostPort?',
      ],
    ],
    ['with a key twice', `${head}kind: Cluster\n`, ['ci/kind.yaml:3: Map keys must be unique']],
    ['of two documents', `${head}---\n${head}`, [expect.stringMatching(/^ci\/kind\.yaml:\d+: .*multiple documents/) as unknown as string]],
  ])('%s is refused with every line', (_, text, expected) => {
    const problems = problemsOf(text).map((problem) => problem.replace(/^kind-config: /, ''))
    expect(problems).toEqual(expected)
  })

  test('that never ends is refused', () => {
    const bomb = `${Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`).join('\n')}\n`
    expect(problemsOf(`a0: &a0 [x]\n${bomb}`)).toEqual([expect.stringMatching(/^kind-config: ci\/kind\.yaml: .*alias/i)])
  })
})

describe('a kind configuration beside other inputs', () => {
  const text = nodes(node('control-plane', mapped(80, 80)))

  test('must say alone what it says', () => {
    expect(problemsOf(text, { workers: '2', 'http-port': '80', 'https-port': '443' })).toEqual(
      ['workers', 'http-port', 'https-port'].map((name) => `${name}: kind-config says this itself; leave one of the two out`),
    )
  })

  test('is reported with all their problems', () => {
    expect(problemsOf('kind: Cluster\n', { vus: '0' })).toEqual([
      'vus: expected a whole number from 1 to 10000, got "0"',
      'kind-config: ci/kind.yaml: apiVersion: expected kind.x-k8s.io/v1alpha4, got nothing',
    ])
  })

  test('that cannot be read says why', () => {
    expect(problemsOf(text, { 'kind-config': 'other.yaml' })).toEqual(['kind-config: cannot read other.yaml: it does not exist'])
    expect(() => resolveConfig({ inputs: { 'kind-config': 'x.yaml' }, env: {}, services: [] })).toThrow(
      'kind-config: cannot read x.yaml: no files are read here',
    )
  })

  const add = (port: number) => `{containerPort: ${port}, hostPort: ${port}, listenAddress: 127.0.0.1}`

  test.each<[string, string, Texts, readonly string[]]>([
    [
      'leads nowhere needs to be told where to',
      nodes(node('control-plane')),
      {},
      [`no node leads 127.0.0.1 to port 80, where the ingress listens: add "extraPortMappings: [${add(80)}]" to one of them, or set base-url`],
    ],
    [
      'leads there by UDP, or from another address, leads nowhere',
      nodes(node('control-plane', mapped(80, 80, ', protocol: UDP'), mapped(80, 80, ', listenAddress: 192.0.2.1'))),
      {},
      [expect.stringContaining('no node leads 127.0.0.1 to port 80') as unknown as string],
    ],
    [
      'has no NodePorts needs them without an ingress',
      text,
      { ingress: 'none' },
      [
        `no node leads 127.0.0.1 to port 30080 and 30081, where the services answer: add "extraPortMappings: [${add(30080)}, ${add(30081)}]" to one of them, or set base-url`,
      ],
    ],
    [
      'has one NodePort needs the other',
      nodes(node('control-plane', mapped(30080, 1))),
      { ingress: 'none' },
      [expect.stringContaining('to port 30081, where') as unknown as string],
    ],
    ['leads nowhere is fine where base-url says where to go', nodes(node('control-plane')), { 'base-url': 'http://here' }, []],
    ['has no NodePorts is fine with an ingress', text, { ingress: 'traefik' }, []],
  ])('that %s', (_, file, inputs, expected) => {
    expect(problemsOf(file, inputs).map((problem) => problem.replace(/^kind-config: ci\/kind\.yaml:4: nodes: /, ''))).toEqual(expected)
  })
})
