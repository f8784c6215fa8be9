import { imageNames, nodeImages, toolVersions } from './pins.ts'
import { address, boolean, choice, duration, image, imageLines, integer, latency, lines, rampSteps, ratio, text, type ValueType, version } from './values.ts'

/** One row of the table that action.yml, the parser, the types, `--help` and the README's table come from. */
export interface Input<T> {
  readonly type: ValueType<T>
  /** One or two sentences for action.yml, the README and `--help`. */
  readonly doc: string
  /** The default as a user would write it. Without one the input is optional. */
  readonly default?: string
  /** What the docs show as default when the real one is computed. */
  readonly defaultDoc?: string
  /** Environment variables that set it, first one wins; `MLOPS_<NAME>` always does, before these. */
  readonly env?: readonly string[]
  /** GitHub's runner fills this expression in when the input is omitted. */
  readonly actionDefault?: string
  /** Not shown in the docs. */
  readonly hidden?: boolean
  /** Never printed. */
  readonly secret?: boolean
}

type Required<T> = Input<T> & { readonly default: string }
type Row = Omit<Input<never>, 'type'>
function input<T>(type: ValueType<T>, row: Row & { readonly default: string }): Required<T>
function input<T>(type: ValueType<T>, row: Row): Input<T>
function input<T>(type: ValueType<T>, row: Row): Input<T> {
  return { type, ...row }
}

const file = text(/^[^\0\r\n]{1,4096}$/, 'the path of a file, such as load/checkout.ts')
const anything = text(/^[\s\S]*$/, 'any text')
const label = text(/^[^\r\n]{1,200}$/, 'one line of at most 200 characters')
const port = integer(0, 65535)
const minors = nodeImages.map(({ kubernetes }) => kubernetes.split('.').slice(0, 2).join('.'))

/** An expression that GitHub's runner evaluates. */
function expression(text: string): string {
  return `\${{ ${text} }}`
}

/** The table of inputs, in the order the docs show them. */
export const inputs = {
  // The load and its gates first: what people change.
  vus: input(integer(1, 10_000), { default: '10', env: ['VUS'], doc: 'Virtual users that send requests at the same time, each one after the other.' }),
  duration: input(duration({ minMs: 1000, maxMs: 6 * 3_600_000 }), {
    default: '30s',
    env: ['LOAD_TEST_DURATION', 'DURATION'],
    doc: 'How long the load lasts (`30s`, `2m`; a bare number is seconds).',
  }),
  rate: input(integer(1, 100_000), {
    env: ['LOAD_TEST_QPS', 'QPS'],
    doc: 'Requests per second to EACH service, however long the answers take. Sends at a fixed rate instead of with `vus`, so leave that out; a service that does not get 99% of it has missed the gate `achieved-rate`.',
  }),
  'max-vus': input(integer(1, 10_000), {
    env: ['LOAD_TEST_CONCURRENCY'],
    doc: 'With `rate`: the most requests in flight to each service.',
    defaultDoc: 'at least 10; `rate` × the p95 gate in seconds × 1.5',
  }),
  ramp: input(rampSteps, {
    doc: 'Parts of a load that changes, lines `30s 20`: how long, and to how many virtual users (or requests per second, with `rate`) it goes evenly by then. Begins at `vus` or `rate`, at 0 without either; its sum is the duration, so leave `duration` out.',
    defaultDoc: 'the same load all the time',
  }),
  warmup: input(duration({ minMs: 1000, maxMs: 3_600_000 }), {
    doc: 'How long to send the same load first in a run of its own, whose numbers are thrown away.',
    defaultDoc: 'none',
  }),
  'load-script': input(file, {
    doc: 'Path of your own k6 script, JavaScript or TypeScript, relative to the workspace. Its scenarios, thresholds, checks and metrics are kept; `vus`, `duration` and `ramp` drive it where it has no scenarios of its own.',
    defaultDoc: 'our own, which asks every service',
  }),
  'on-invalid': input(choice('fail', 'warn'), {
    default: 'fail',
    doc: 'What a run that could not be measured does: `fail` the step, or `warn` and let it pass. The output `verdict` is `invalid` either way.',
  }),
  thresholds: input(lines, {
    doc: 'Gates, one a line: `p(95) < 500ms`, `error-rate < 10%`, for one service `foo: p(99) < 800ms`, or with `load-script` for a metric of its own `my_metric: avg < 5`.',
    defaultDoc: '`p(95) < 500ms` and `error-rate < 10%`',
  }),
  'max-p95': input(latency, { doc: 'Shorthand for the gate `p(95) <= …`, such as `500ms`. Replaces the default p95 gate.' }),
  'max-error-rate': input(ratio, { doc: 'Shorthand for the gate `error-rate <= …`, such as `10%`. Replaces the default error gate.' }),
  'health-check-retries': input(integer(0, 1000), {
    default: '30',
    env: ['HEALTH_CHECK_RETRIES'],
    doc: 'How often a failed HTTP probe is tried again, with a growing pause (at most 2 s), before the service counts as unhealthy.',
  }),
  'load-runner': input(choice('host', 'job', 'distributed'), {
    default: 'host',
    doc: 'Where k6 runs: on this machine (`host`), as a `job` in the cluster, or `distributed` over several pods by the k6-operator. Inside the cluster requests enter at the ingress controller’s Service.',
  }),
  parallelism: input(integer(2, 50), { default: '3', doc: 'Over how many pods `load-runner: distributed` spreads the load.' }),
  'base-url': input(address, {
    env: ['BASE_URL'],
    doc: 'Where probes and load go, with each service’s Host header, when that is not the ingress port on this machine.',
    defaultDoc: 'where the ingress answers',
  }),

  cluster: input(choice('kind', 'local'), {
    doc: 'Where the services run: in a `kind` cluster, or as `local` processes behind a local reverse proxy, which proves nothing about Kubernetes.',
    defaultDoc: '`kind`; from a terminal where no container engine answers, `local`',
  }),
  'cluster-name': input(text(/^(?!.*-$)[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40, such as mlops-test-cluster'), {
    default: 'mlops-test-cluster',
    env: ['CLUSTER_NAME'],
    doc: 'Name of the kind cluster. An existing cluster of that name is never touched.',
  }),
  'kubernetes-version': input(text(/^v?\d+\.\d+(\.\d+)?$/, `a Kubernetes version such as ${minors[0]}`), {
    doc: `Kubernetes version of the cluster: ${minors.join(', ')}, or any with \`node-image\`.`,
    defaultDoc: `\`${nodeImages[0]?.kubernetes}\``,
  }),
  'node-image': input(image, { doc: 'Image of the cluster’s nodes.', defaultDoc: 'kind’s image for `kubernetes-version`, pinned by digest' }),
  workers: input(integer(0, 10), { default: '2', doc: 'Worker nodes beside the one control plane.' }),
  'node-ready-timeout': input(duration({ minMs: 1000, maxMs: 2 * 3_600_000 }), {
    default: '300s',
    env: ['NODE_READY_TIMEOUT'],
    doc: 'How long nodes and system pods may take to get ready once they are created (`300` is seconds, also `5m`).',
  }),
  'http-port': input(port, {
    default: '80',
    doc: 'Port on 127.0.0.1 that leads to the ingress. `0` takes free ports, for the NodePorts too, so that runs on one machine do not meet.',
  }),
  'https-port': input(port, {
    default: '443',
    doc: 'Port on 127.0.0.1 that leads to the ingress’ TLS port; `0` takes a free one, as does `http-port: 0` where this is not set.',
  }),
  'kind-config': input(text(/^[^\0\r\n]{1,4096}$/, 'the path of a file, such as kind.yaml'), {
    doc: 'Path of your own kind configuration, relative to the workspace. It says nodes and ports, so `workers`, `http-port` and `https-port` must be left out.',
    defaultDoc: 'a cluster of our own',
  }),
  ingress: input(choice('nginx', 'traefik', 'none'), {
    default: 'nginx',
    doc: 'Ingress controller: `nginx` is the community ingress-nginx, which upstream has retired; `traefik` is maintained and takes class `nginx` with its annotations too; `none` goes straight to the NodePorts.',
  }),
  cleanup: input(choice('job', 'step', 'never'), {
    default: 'job',
    doc: 'When the cluster is deleted: when the `job` ends, so that later steps can use it; at the end of the `step`; or `never`. On GitHub, local processes always end with the step.',
  }),

  'kind-version': input(version, { default: toolVersions.kind, doc: 'Version of kind.' }),
  'kubectl-version': input(version, { doc: 'Version of kubectl.', defaultDoc: 'that of the cluster' }),
  'k6-version': input(version, { default: toolVersions.k6, doc: 'Version of k6.' }),
  'download-mirror': input(address, {
    doc: 'Address that replaces the download hosts of kind, kubectl and k6; paths stay as upstream’s. The mirror’s own checksum files are what downloads are verified with. A fitting program on PATH still comes first.',
  }),
  'image-overrides': input(imageLines(...imageNames), {
    doc: `Other images for what the pipeline runs, lines \`name=reference\` (${imageNames.join(', ')}).`,
  }),

  mode: input(choice('run', 'publish'), {
    default: 'run',
    doc: '`run` the pipeline, or `publish` what a run reported whose token could not comment, such as that of a pull request from a fork. `publish` belongs into a job that `workflow_run` starts; see `examples/publish.yml`.',
  }),
  comment: input(boolean, { default: 'true', doc: 'Whether to write the result as one comment on the pull request. Needs `pull-requests: write`.' }),
  'comment-key': input(label, { doc: 'Tells comments of different jobs apart.', defaultDoc: 'from workflow, job and matrix' }),
  'artifact-name': input(text(/^[^"/:<>|*?\\\r\n]{1,200}$/, 'a name without any of " : < > | * ? \\ /'), {
    doc: 'Name of the artifact with report and evidence.',
    defaultDoc: 'from workflow, job and matrix',
  }),
  'github-token': input(anything, {
    doc: 'Token for the comment.',
    actionDefault: expression('github.token'),
    defaultDoc: '`github.token`',
    secret: true,
  }),
  matrix: input(anything, {
    doc: 'The job’s matrix; tells its jobs apart. Leave it alone.',
    actionDefault: expression('toJSON(matrix)'),
    hidden: true,
  }),
}

/** Inputs that a later version will take; setting one today is an error rather than a silent nothing. */
export const reservedInputs = ['config'] as const

export type InputName = keyof typeof inputs
export type Inputs = typeof inputs

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S
type Value<I> = I extends Required<infer T> ? T : I extends Input<infer T> ? T | undefined : never

/** What the user asked for, read and checked, each key an input's name in camel case. */
export type InputValues = { readonly [K in InputName as Camel<K>]: Value<Inputs[K]> }

/** An output of the action. */
export const outputs = {
  verdict: '`passed`, `failed`, `invalid`, `inconclusive` or `cancelled`.',
  reason: 'Why it is not `passed`: `gate`, `stage`, `measurement`, `config`, `infrastructure` or `cancel`.',
  report: 'Path of report.json.',
  junit: 'Path of junit.xml: stages, endpoints and gates as test cases.',
  'p95-ms': '95th percentile of the latency over all requests, in milliseconds.',
  'error-rate': 'Share of requests that failed, 0 to 1.',
  rps: 'Requests per second over the measured time.',
  metrics: 'JSON with the numbers of the whole load and of each service, and the gates.',
  'comment-url': 'Address of the pull request comment.',
  'artifact-url': 'Address of the artifact.',
  kubeconfig: 'Path of the cluster’s own kubeconfig, for later steps while the cluster stands.',
  'base-url': 'Where the ingress answers; empty when requests go straight to the NodePorts.',
} as const
export type OutputName = keyof typeof outputs
