import { describe, expect, test } from '@jest/globals'
import { type Config, ConfigError, environmentNames, localUrl, resolveConfig } from '../../../src/config/config.ts'
import { type Input, type InputName, type InputValues, inputs, reservedInputs } from '../../../src/config/inputs.ts'
import { images, nodeImages } from '../../../src/config/pins.ts'

type Texts = Readonly<Record<string, string | undefined>>

function resolve(given: Texts = {}, env: Texts = {}) {
  return resolveConfig({ inputs: given, env, services: ['foo', 'bar'] })
}

function read(given: Texts = {}, env: Texts = {}): Config {
  return resolve(given, env).config
}

/** The problems a run would be refused with; none when it would not be. */
function problemsOf(given: Texts, env: Texts = {}): readonly string[] {
  return refusal(given, env)?.problems ?? []
}

function refusal(given: Texts, env: Texts = {}): ConfigError | undefined {
  try {
    resolve(given, env)
    return undefined
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

const duration = (from: string, to: string) => `a duration from ${from} to ${to}, such as 30s, 5m or 1m30s (a bare number is seconds)`
const anImage = 'an image reference such as registry.example/name:1.2.3 or name@sha256:<64 hex digits>'
const anAddress = 'an http:// or https:// address without a query or a password, such as http://127.0.0.1:8080'
const aLatency = 'a latency with its unit, such as 500ms or 1.5s'
const aPercentage = 'a percentage from 0% to 100%, such as 10%'
const aName = 'a name without any of " : < > | * ? \\ /'
const imageNames = 'ingress-nginx, traefik, http-echo, k6, k6-operator, k6-starter, dns-probe'
const metrics = 'avg, min, med, max, error-rate, success-rate, checks, requests, rps, cpu, peak-memory, throttled, restarts and p(N)'

/** One bad input each: name, text, the whole problem. */
const badInputs: readonly (readonly [InputName | (typeof reservedInputs)[number], string, string])[] = [
  ['vus', '0', 'vus: expected a whole number from 1 to 10000, got "0"'],
  ['vus', '-3', 'vus: expected a whole number from 1 to 10000, got "-3"'],
  ['vus', '10.5', 'vus: expected a whole number from 1 to 10000, got "10.5"'],
  ['vus', '1e2', 'vus: expected a whole number from 1 to 10000, got "1e2"'],
  ['vus', '0x10', 'vus: expected a whole number from 1 to 10000, got "0x10"'],
  ['vus', 'ten', 'vus: expected a whole number from 1 to 10000, got "ten"'],
  ['vus', '10001', 'vus: expected a whole number from 1 to 10000, got "10001"'],
  ['duration', '0', `duration: expected ${duration('1s', '6h')}, got "0"`],
  ['duration', '999ms', `duration: expected ${duration('1s', '6h')}, got "999ms"`],
  ['duration', '6h1s', `duration: expected ${duration('1s', '6h')}, got "6h1s"`],
  ['duration', '30 s', `duration: expected ${duration('1s', '6h')}, got "30 s"`],
  ['duration', '30sec', `duration: expected ${duration('1s', '6h')}, got "30sec"`],
  ['duration', '-30s', `duration: expected ${duration('1s', '6h')}, got "-30s"`],
  ['max-p95', '500', `max-p95: it has no unit: write 500ms or 500s (expected ${aLatency})`],
  ['max-p95', '0ms', `max-p95: expected ${aLatency}, got "0ms"`],
  ['max-p95', 'fast', `max-p95: expected ${aLatency}, got "fast"`],
  ['max-error-rate', '0.1', `max-error-rate: 0.1 could mean a ratio or a percentage: write it with a percent sign, for example 10% (expected ${aPercentage})`],
  ['max-error-rate', '5', `max-error-rate: 5 could mean a ratio or a percentage: write it with a percent sign, for example 5% (expected ${aPercentage})`],
  ['max-error-rate', '100.1%', `max-error-rate: expected ${aPercentage}, got "100.1%"`],
  ['max-error-rate', '-1%', `max-error-rate: expected ${aPercentage}, got "-1%"`],
  ['health-check-retries', '1001', 'health-check-retries: expected a whole number from 0 to 1000, got "1001"'],
  ['base-url', 'localhost:8080', `base-url: expected ${anAddress}, got "localhost:8080"`],
  ['base-url', 'http://here/?query=1', `base-url: expected ${anAddress}, got "http://here/?query=1"`],
  ['base-url', 'http://here/#part', `base-url: expected ${anAddress}, got "http://here/#part"`],
  ['base-url', 'http://me:hunter2@here', `base-url: it holds a user name or password; addresses appear in logs and reports (expected ${anAddress})`],
  ['cluster-name', 'My_Cluster', 'cluster-name: expected lower-case letters, digits and hyphens, at most 40, such as mlops-test-cluster, got "My_Cluster"'],
  ['cluster-name', 'mine-', 'cluster-name: expected lower-case letters, digits and hyphens, at most 40, such as mlops-test-cluster, got "mine-"'],
  ['kubernetes-version', 'latest', 'kubernetes-version: expected a Kubernetes version such as 1.37, got "latest"'],
  ['kubernetes-version', '1.30', 'kubernetes-version: expected one of 1.37.0, 1.36.4, 1.35.8 or its minor, got "1.30"; for another version set node-image'],
  ['kubernetes-version', '1.37.1', 'kubernetes-version: expected one of 1.37.0, 1.36.4, 1.35.8 or its minor, got "1.37.1"; for another version set node-image'],
  ['node-image', 'kindest/node', `node-image: expected ${anImage}, got "kindest/node"`],
  ['node-image', 'localhost:5000/node', `node-image: expected ${anImage}, got "localhost:5000/node"`],
  ['node-image', 'kindest/node:1.37.0; rm -rf /', `node-image: expected ${anImage}, got "kindest/node:1.37.0; rm -rf /"`],
  ['workers', '11', 'workers: expected a whole number from 0 to 10, got "11"'],
  ['node-ready-timeout', '3h', `node-ready-timeout: expected ${duration('1s', '2h')}, got "3h"`],
  ['http-port', '-1', 'http-port: expected a whole number from 0 to 65535, got "-1"'],
  ['http-port', '30080', 'http-port: 30080 is the NodePort of a service; choose another than 30080 and 30081'],
  ['http-port', '443', 'https-port: 443 is http-port too; give each its own'],
  ['https-port', '65536', 'https-port: expected a whole number from 0 to 65535, got "65536"'],
  ['https-port', '30081', 'https-port: 30081 is the NodePort of a service; choose another than 30080 and 30081'],
  ['ingress', 'haproxy', 'ingress: expected one of nginx, traefik, none, got "haproxy"'],
  ['kind-config', 'two\nlines', 'kind-config: expected the path of a file, such as kind.yaml, got "two\\nlines"'],
  ['cleanup', 'always', 'cleanup: expected one of job, step, never, got "always"'],
  ['kind-version', 'latest', 'kind-version: expected a full version such as 1.37.0, got "latest"'],
  ['kubectl-version', '1.37', 'kubectl-version: expected a full version such as 1.37.0, got "1.37"'],
  ['k6-version', '2.3.0/../../evil', 'k6-version: expected a full version such as 1.37.0, got "2.3.0/../../evil"'],
  ['download-mirror', 'file:///srv', `download-mirror: expected ${anAddress}, got "file:///srv"`],
  [
    'image-overrides',
    'grafana=grafana/k6:2.3.0',
    `image-overrides: "grafana=grafana/k6:2.3.0": "grafana" is not one of ${imageNames} (expected lines name=reference with a name out of ${imageNames})`,
  ],
  ['image-overrides', 'http-echo', `image-overrides: "http-echo": not name=reference (expected lines name=reference with a name out of ${imageNames})`],
  [
    'image-overrides',
    'k6=grafana/k6',
    `image-overrides: "k6=grafana/k6": "grafana/k6" is not ${anImage} (expected lines name=reference with a name out of ${imageNames})`,
  ],
  [
    'image-overrides',
    'k6=grafana/k6:1\nk6=grafana/k6:2',
    `image-overrides: "k6=grafana/k6:2": k6 is named twice (expected lines name=reference with a name out of ${imageNames})`,
  ],
  ['comment', 'yes', 'comment: expected true or false, got "yes"'],
  ['comment-key', 'two\nlines', 'comment-key: expected one line of at most 200 characters, got "two\\nlines"'],
  ['artifact-name', 'a/b', `artifact-name: expected ${aName}, got "a/b"`],
  ['thresholds', 'p(95) is fine', 'thresholds: "p(95) is fine": expected "metric < limit", such as p(95) < 500ms, or "service: metric < limit"'],
  ['thresholds', 'baz: p(95) < 1s', 'thresholds: "baz: p(95) < 1s": there is no service "baz"; services are foo, bar. Did you mean "bar"?'],
  ['thresholds', 'p95 < 500ms', `thresholds: "p95 < 500ms": there is no metric "p95"; metrics are ${metrics}`],
  ['thresholds', 'error-rate < 0.1', 'thresholds: "error-rate < 0.1": 0.1 could mean a ratio or a percentage: write it with a percent sign, for example 10%'],
  ['mode', 'fast', 'mode: expected one of run, publish, got "fast"'],
]

describe('a bad input', () => {
  test.each(badInputs)('%s: %j', (name, text, problem) => {
    expect(problemsOf({ [name]: text })).toEqual([problem])
  })

  test('tells of a long value no more than its beginning', () => {
    expect(problemsOf({ vus: 'x'.repeat(5000) })).toEqual([`vus: expected a whole number from 1 to 10000, got "${'x'.repeat(117)}…"`])
  })

  test('from the environment is told with the variable that holds it', () => {
    expect(problemsOf({}, { DURATION: 'soon', MLOPS_WORKERS: 'many' })).toEqual([
      `duration (from the environment variable DURATION): expected ${duration('1s', '6h')}, got "soon"`,
      'workers (from the environment variable MLOPS_WORKERS): expected a whole number from 0 to 10, got "many"',
    ])
  })
})

describe('many bad inputs', () => {
  /** The first bad text of each input, all in one run; the combinations between inputs have tests of their own. */
  const given = new Map<string, (typeof badInputs)[number]>()
  for (const row of badInputs) if (!given.has(row[0])) given.set(row[0], row)

  test('are all in one error, in the order of the docs, reserved inputs last, gates after them', () => {
    const error = refusal(Object.fromEntries([...given.values()].map(([name, text]) => [name, text])))
    const order = [...Object.keys(inputs), ...reservedInputs]
    const expected = [...given.values()]
      .filter(([name]) => name !== 'thresholds')
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([, , problem]) => problem)
    const gate = badInputs.find(([name]) => name === 'thresholds')?.[2]
    expect(error?.problems).toEqual([...expected, gate])
    expect(error?.message).toBe(`${expected.length + 1} input problems:\n${[...expected, gate].map((problem) => `- ${problem}`).join('\n')}`)
    expect(expected.length).toBeGreaterThanOrEqual(20)
  })

  test('on several lines of one input are told line by line', () => {
    expect(problemsOf({ thresholds: 'p(95) = 1s\nfoo: rsp > 1\np(95) < 1s\nrequests > many' })).toEqual([
      'thresholds: "p(95) = 1s": "=" is no operator of gates; use <, <=, > or >=',
      `thresholds: "foo: rsp > 1": there is no metric "rsp"; metrics are ${metrics}. Did you mean "rps"?`,
      'thresholds: "requests > many": expected a number such as 1000 after >, got "many"',
    ])
    expect(problemsOf({ 'image-overrides': 'a=b\nk6=' })).toEqual([
      `image-overrides: "a=b": "a" is not one of ${imageNames}; "k6=": "" is not ${anImage} (expected lines name=reference with a name out of ${imageNames})`,
    ])
  })

  test('one alone is told in one line', () => {
    expect(refusal({ comment: 'maybe' })?.message).toBe('Input problem: comment: expected true or false, got "maybe"')
  })
})

describe('where a value comes from', () => {
  test('the strongest first: input, MLOPS_ variable, other variables in their order, default', () => {
    const sources = [
      ['input', '11s'],
      ['MLOPS_DURATION', '12s'],
      ['LOAD_TEST_DURATION', '13s'],
      ['DURATION', '14s'],
    ] as const
    const seen = sources.map((_, weakest) => {
      const left = sources.slice(weakest)
      const env = Object.fromEntries(left.filter(([name]) => name !== 'input'))
      return read(left[0]?.[0] === 'input' ? { duration: '11s' } : {}, env).duration
    })
    expect([...seen, read().duration]).toEqual([11_000, 12_000, 13_000, 14_000, 30_000])
  })

  test.each<[InputName, readonly string[]]>([
    ['vus', ['MLOPS_VUS', 'VUS']],
    ['duration', ['MLOPS_DURATION', 'LOAD_TEST_DURATION', 'DURATION']],
    ['health-check-retries', ['MLOPS_HEALTH_CHECK_RETRIES', 'HEALTH_CHECK_RETRIES']],
    ['base-url', ['MLOPS_BASE_URL', 'BASE_URL']],
    ['cluster-name', ['MLOPS_CLUSTER_NAME', 'CLUSTER_NAME']],
    ['node-ready-timeout', ['MLOPS_NODE_READY_TIMEOUT', 'NODE_READY_TIMEOUT']],
    ['max-p95', ['MLOPS_MAX_P95']],
    ['image-overrides', ['MLOPS_IMAGE_OVERRIDES']],
  ])('%s is set by %j', (name, variables) => {
    expect(environmentNames(name)).toEqual(variables)
  })

  test('an empty or blank value is none, so that the next source speaks', () => {
    expect(read({ vus: '' }, { MLOPS_VUS: ' ', VUS: '3' }).vus).toBe(3)
    expect(read({ vus: '\n' }, { VUS: '' }).vus).toBe(10)
  })

  test('an input we reserve or do not know is unset when it is blank, as all others are', () => {
    expect(resolve({ mode: '', nonsense: '' }).warnings).toEqual([])
    expect(resolve({ mode: ' ', nonsense: '\n' }).warnings).toEqual([])
  })

  test('white space around a value is not part of it', () => {
    expect(read({ vus: ' 7\n' }).vus).toBe(7)
  })
})

describe('the defaults', () => {
  test.each(Object.entries(inputs) as [InputName, Input<unknown>][])('%s has a default that its own type reads, or none', (_, row) => {
    if (row.default === undefined) expect(row).not.toHaveProperty('default')
    else expect(row.type.parse(row.default)).toBeDefined()
  })

  test('make the whole configuration', () => {
    expect(resolve()).toMatchInlineSnapshot(`
{
  "config": {
    "baseUrl": null,
    "cleanup": "job",
    "clusterName": "mlops-test-cluster",
    "comment": true,
    "duration": 30000,
    "gates": [
      {
        "limit": 500,
        "metric": "p(95)",
        "operator": "<",
        "service": null,
      },
      {
        "limit": 0.1,
        "metric": "error-rate",
        "operator": "<",
        "service": null,
      },
    ],
    "healthCheckRetries": 30,
    "httpPort": 80,
    "httpsPort": 443,
    "images": {
      "dns-probe": "registry.k8s.io/e2e-test-images/busybox:1.36.1-1",
      "http-echo": "hashicorp/http-echo:1.0.0",
      "ingress-nginx": "registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:594ceea76b01c592858f803f9ff4d2cb40542cae2060410b2c95f75907d659e1",
      "k6": "ghcr.io/grafana/k6:2.3.0",
      "k6-operator": "ghcr.io/grafana/k6-operator:controller-v1.6.0",
      "k6-starter": "ghcr.io/grafana/k6-operator:starter-v1.6.0",
      "traefik": "ghcr.io/traefik/traefik:v3.7.15",
    },
    "ingress": "nginx",
    "k6Version": "2.3.0",
    "kindConfig": null,
    "kindVersion": "0.33.0",
    "kubectlVersion": "1.37.0",
    "kubernetes": "1.37.0",
    "loadRunner": "host",
    "loadScript": null,
    "mode": "run",
    "nodeImage": "kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
    "nodeReadyTimeout": 300000,
    "onInvalid": "fail",
    "parallelism": 3,
    "ports": [
      {
        "hostPort": 80,
        "input": "http-port",
        "node": "control-plane",
        "nodePort": 80,
      },
      {
        "hostPort": 443,
        "input": "https-port",
        "node": "control-plane",
        "nodePort": 443,
      },
      {
        "hostPort": 30080,
        "input": "NodePort of a service",
        "node": "control-plane",
        "nodePort": 30080,
      },
      {
        "hostPort": 30081,
        "input": "NodePort of a service",
        "node": "control-plane",
        "nodePort": 30081,
      },
    ],
    "shape": {
      "drive": "virtual-users",
      "durationMs": 30000,
      "ramp": [],
      "virtualUsers": 10,
    },
    "vus": 10,
    "workers": 2,
  },
  "warnings": [],
}
`)
  })
})

describe('an input we do not know', () => {
  test.each([
    ['duraton', '; did you mean "duration"?'],
    ['max-p-95', '; did you mean "max-p95"?'],
    ['k6version', '; did you mean "k6-version"?'],
    ['something-else-entirely', ''],
  ])('%s is a warning with the nearest name', (name, hint) => {
    expect(resolve({ [name]: 'x' }).warnings).toEqual([`Unknown input "${name}" is ignored${hint}`])
  })

  test('is a warning even when its name is one that every object has', () => {
    expect(resolve(Object.fromEntries([['constructor', 'x']])).warnings).toEqual(['Unknown input "constructor" is ignored'])
  })

  test.each(reservedInputs)('%s is reserved: an error, not silence', (name) => {
    expect(problemsOf({ [name]: 'x' })).toEqual([`${name}: this input is reserved for a later version and does nothing yet; remove it`])
  })

  test('no input is reserved and known', () => {
    expect(reservedInputs.filter((name) => name in inputs)).toEqual([])
  })
})

describe('secrets', () => {
  test('the token is the only secret input', () => {
    const secret = (Object.entries(inputs) as [InputName, Input<unknown>][]).filter(([, row]) => row.secret).map(([name]) => name)
    expect(secret).toEqual(['github-token'])
  })

  test.each([
    ['as an input', { 'github-token': 'ghs_Sesame' }, {}],
    ['from the environment', {}, { MLOPS_GITHUB_TOKEN: 'ghs_Sesame' }],
    ['over lines', { 'github-token': 'ghs_\nSesame' }, {}],
  ])('the token is in no error and no warning, %s', (_, token, env) => {
    const all = Object.fromEntries(badInputs.map(([name, text]) => [name, text]))
    const error = refusal({ ...all, ...token }, env)
    expect(error?.problems.length).toBeGreaterThan(20)
    expect(error?.message).not.toContain('Sesame')
    expect(resolve({ ...token, nonsense: 'x' }, env).warnings.join()).not.toContain('Sesame')
  })

  test.each(['http://me:hunter2@here', 'ftp://me:hunter2@here', 'http://me:hunter2@here/?q', 'https://me:hunter2@here/#part', 'http://hunter2@here'])(
    'a password in an address is in no error: %s',
    (value) => {
      const error = refusal({ 'base-url': value, 'download-mirror': value })
      expect(error?.problems).toHaveLength(2)
      expect(error?.message).not.toContain('hunter2')
    },
  )
})

describe('gates', () => {
  const gate = (metric: string, operator: string, limit: number, service: string | null = null) => ({ service, metric, operator, limit })
  const p95 = gate('p(95)', '<', 500)
  const errors = gate('error-rate', '<', 0.1)

  test.each<[string, Texts, readonly object[]]>([
    ['without any, the two defaults', {}, [p95, errors]],
    ['max-p95 replaces the default of p95 alone, limit included', { 'max-p95': '1.5s' }, [gate('p(95)', '<=', 1500), errors]],
    ['max-error-rate replaces the default of errors alone', { 'max-error-rate': '2.5%' }, [gate('error-rate', '<=', 0.025), p95]],
    ['both replace both', { 'max-p95': '50ms', 'max-error-rate': '0%' }, [gate('p(95)', '<=', 50), gate('error-rate', '<=', 0)]],
    ['thresholds replace all defaults', { thresholds: 'rps > 100' }, [gate('rps', '>', 100)]],
    ['shorthands stand beside thresholds', { thresholds: 'p(95) < 1s', 'max-p95': '800ms' }, [gate('p(95)', '<', 1000), gate('p(95)', '<=', 800)]],
    [
      'thresholds are one a line; empty lines and comments are none',
      { thresholds: '\n# latency\n p(95)<200 \r\n\nfoo: p(99) < 800ms\n' },
      [gate('p(95)', '<', 200), gate('p(99)', '<', 800, 'foo')],
    ],
    ['thresholds of comments alone are none, so the defaults hold', { thresholds: '# later' }, [p95, errors]],
  ])('%s', (_, given, expected) => {
    expect(read(given).gates).toEqual(expected)
  })
})

describe('the node image and the versions', () => {
  const digest = `sha256:${'0'.repeat(64)}`

  test.each(nodeImages)('kubernetes-version $kubernetes, with or without v or patch, chooses its pinned image and kubectl', ({ kubernetes, image }) => {
    const minor = kubernetes.split('.').slice(0, 2).join('.')
    for (const written of [kubernetes, `v${kubernetes}`, minor, `v${minor}`]) {
      expect(read({ 'kubernetes-version': written })).toMatchObject({ kubernetes, nodeImage: image, kubectlVersion: kubernetes })
    }
  })

  test.each<[string, Texts, Pick<Config, 'kubernetes' | 'kubectlVersion'>]>([
    ['a tag is the version', { 'node-image': 'kindest/node:v1.34.4' }, { kubernetes: '1.34.4', kubectlVersion: '1.34.4' }],
    ['a tag with a digest too', { 'node-image': `reg.example:5000/node:v1.36.4@${digest}` }, { kubernetes: '1.36.4', kubectlVersion: '1.36.4' }],
    ['a tag and its minor agree', { 'node-image': 'kindest/node:v1.34.4', 'kubernetes-version': 'v1.34' }, { kubernetes: '1.34.4', kubectlVersion: '1.34.4' }],
    [
      'a digest alone takes kubernetes-version for it',
      { 'node-image': `node@${digest}`, 'kubernetes-version': '1.34.4' },
      { kubernetes: '1.34.4', kubectlVersion: '1.34.4' },
    ],
    ['a digest alone tells no version; kubectl is the default', { 'node-image': `node@${digest}` }, { kubernetes: null, kubectlVersion: '1.37.0' }],
    ['a word as tag neither', { 'node-image': 'my/node:nightly' }, { kubernetes: null, kubectlVersion: '1.37.0' }],
    ['kubectl-version is taken as asked', { 'kubectl-version': 'v1.36.1' }, { kubernetes: '1.37.0', kubectlVersion: '1.36.1' }],
  ])('node-image: %s', (_, given, expected) => {
    const config = read(given)
    expect(config).toMatchObject(expected)
    expect(config.nodeImage).toBe(given['node-image'] ?? nodeImages[0]?.image)
  })

  test('kubectl follows the cluster’s minor even where only the minor is known', () => {
    const { kubectlVersion } = read({ 'node-image': `node@${digest}`, 'kubernetes-version': '1.36' })
    expect(kubectlVersion).toMatch(/^1\.36\.\d+$/)
  })

  test.each([
    ['1.36', 'kindest/node:v1.34.4', '1.36 contradicts node-image, which is 1.34.4'],
    ['1.3', 'kindest/node:v1.34.4', '1.3 contradicts node-image, which is 1.34.4'],
    ['v1.34.5', 'kindest/node:v1.34.4', '1.34.5 contradicts node-image, which is 1.34.4'],
  ])('kubernetes-version %s contradicts %s', (version, image, problem) => {
    expect(problemsOf({ 'kubernetes-version': version, 'node-image': image })).toEqual([`kubernetes-version: ${problem}; leave one of the two out`])
  })
})

describe('single inputs', () => {
  test.each([
    ['300', 300_000],
    ['300s', 300_000],
    ['5m', 300_000],
    ['1m30s', 90_000],
    ['0.5h', 1_800_000],
  ])('node-ready-timeout %s is %d ms', (text, ms) => {
    expect(read({ 'node-ready-timeout': text }).nodeReadyTimeout).toBe(ms)
  })

  test('base-url is null unless somebody says where the services answer', () => {
    expect(read({ 'http-port': '8080' }).baseUrl).toBeNull()
    expect(read({ 'http-port': '8080', 'base-url': 'https://elsewhere.example/' }).baseUrl).toBe('https://elsewhere.example')
  })

  test.each([
    [80, 'http://127.0.0.1'],
    [8080, 'http://127.0.0.1:8080'],
  ])('port %d of this machine is reached at %s', (port, address) => {
    expect(localUrl(port)).toBe(address)
  })

  test('image-overrides replace single images and leave the others pinned', () => {
    const given = read({ 'image-overrides': 'http-echo = reg.example/echo:2\n# and\nk6=grafana/k6:2.3.0' })
    expect(given.images).toEqual({ ...images, k6: 'grafana/k6:2.3.0', 'http-echo': 'reg.example/echo:2' })
  })

  test('k6’s image follows its version', () => {
    expect(read({ 'k6-version': '1.8.1' }).images.k6).toBe('ghcr.io/grafana/k6:1.8.1')
  })

  test('versions are read with or without v', () => {
    expect(read({ 'kind-version': 'v0.32.0', 'k6-version': '1.8.1' })).toMatchObject({ kindVersion: '0.32.0', k6Version: '1.8.1' })
  })
})

describe('InputValues', () => {
  // tsc compares these keys with the table's; the test compares them with what is read.
  const keys = {
    vus: true,
    duration: true,
    rate: true,
    maxVus: true,
    ramp: true,
    warmup: true,
    loadScript: true,
    onInvalid: true,
    thresholds: true,
    maxP95: true,
    maxErrorRate: true,
    healthCheckRetries: true,
    loadRunner: true,
    parallelism: true,
    baseUrl: true,
    cluster: true,
    clusterName: true,
    kubernetesVersion: true,
    nodeImage: true,
    workers: true,
    nodeReadyTimeout: true,
    httpPort: true,
    httpsPort: true,
    kindConfig: true,
    ingress: true,
    cleanup: true,
    kindVersion: true,
    kubectlVersion: true,
    k6Version: true,
    downloadMirror: true,
    imageOverrides: true,
    mode: true,
    comment: true,
    commentKey: true,
    artifactName: true,
    githubToken: true,
    matrix: true,
  } satisfies Record<keyof InputValues, true>

  test('has a camel-case key for each input', () => {
    const everything: Record<InputName, string> = {
      cluster: 'local',
      vus: '1',
      duration: '1s',
      rate: '1',
      'max-vus': '1',
      ramp: '1s 1',
      warmup: '1s',
      'load-script': 'load.js',
      'on-invalid': 'warn',
      thresholds: 'p(95) < 1s',
      'max-p95': '1s',
      'max-error-rate': '1%',
      'health-check-retries': '1',
      'load-runner': 'host',
      parallelism: '2',
      'base-url': 'http://here',
      'cluster-name': 'c',
      'kubernetes-version': '1.37',
      'node-image': 'node:v1.37.0',
      workers: '1',
      'node-ready-timeout': '1s',
      'http-port': '1',
      'https-port': '2',
      'kind-config': 'kind.yaml',
      ingress: 'nginx',
      cleanup: 'never',
      'kind-version': '1.0.0',
      'kubectl-version': '1.0.0',
      'k6-version': '1.0.0',
      'download-mirror': 'http://mirror',
      'image-overrides': 'k6=k6:1',
      mode: 'publish',
      comment: 'false',
      'comment-key': 'key',
      'artifact-name': 'name',
      'github-token': 'token',
      matrix: '{}',
    }
    const derived = ['shape', 'kubernetes', 'images', 'gates', 'ports']
    // What a kind configuration, a rate, a ramp or a script says itself must not be said twice, and pods are counted only where there are several.
    const { 'kind-config': _, rate, 'load-script': __, warmup, 'max-vus': maxVus, parallelism: ___, ...ours } = everything
    const all = { ...read({ ...ours, vus: '', duration: '', rate, warmup, 'max-vus': maxVus }), ...read({ ...ours, duration: '' }) }
    const seen = Object.keys(all).filter((key) => !derived.includes(key))
    expect(seen.sort()).toEqual(Object.keys(keys).sort())
  })

  test('is never undefined for an input with a default, and may be for others', () => {
    const config: Config = read()
    const always: number = config.vus
    const word: 'job' | 'step' | 'never' = config.cleanup
    // @ts-expect-error an input without a default may be undefined
    const perhaps: string = config.downloadMirror
    expect([always, word, perhaps]).toEqual([10, 'job', undefined])
  })
})
