import type { Reason, VerdictWord } from '../src/gates/verdict.ts'
import type { FailureKind } from '../src/pipeline/failure.ts'

/** One row of the fault table: something that goes wrong, and what a run makes of it. */
export interface Fault {
  /** Where it is tried: on fakes, which is fast and exact, or on a real cluster. */
  readonly on: 'fakes' | 'cluster'
  /** What goes wrong, in the words of whoever has to mend it. */
  readonly fault: string
  /** How it is made. */
  readonly how: string
  readonly verdict: VerdictWord
  readonly reason: Reason | null
  /** Whose fault the failure is; null when no stage fails. */
  readonly kind: FailureKind | null
  /** The stage that fails; null when none does. */
  readonly stage: string | null
  /** The report's first sentence. */
  readonly firstLine: RegExp
}

type Row = Omit<Fault, 'on' | 'verdict' | 'reason' | 'kind' | 'stage'>

const fakes = { on: 'fakes' } as const
const passed = { ...fakes, verdict: 'passed', reason: null, kind: null, stage: null, firstLine: /^all 3 gates held over 100 requests$/ } as const
const gate = { ...fakes, verdict: 'failed', reason: 'gate', kind: null, stage: null } as const
const unmeasured = { ...fakes, verdict: 'invalid', reason: 'measurement', kind: 'measurement', stage: 'load' } as const
/** An engine, a registry, a disk, a node. */
const infrastructure = (stage: string, row: Row): Fault & typeof fakes => ({
  ...row,
  ...fakes,
  verdict: 'invalid',
  reason: 'infrastructure',
  kind: 'infrastructure',
  stage,
})
/** The services under test. */
const workload = (stage: string, row: Row): Fault & typeof fakes => ({ ...row, ...fakes, verdict: 'failed', reason: 'stage', kind: 'workload', stage })

/** What can go wrong with a run, by name. Two tests drive it: contract/fault-table and e2e/fault-table. */
export const faults = {
  'no-engine': infrastructure('cluster', {
    fault: 'there is no container engine',
    how: 'neither docker nor podman is on PATH',
    firstLine: /no container engine answers \(docker: .*; podman: /,
  }),
  'engine-without-daemon': infrastructure('cluster', {
    fault: 'the engine’s daemon does not run',
    how: '`docker version` answers without a server',
    firstLine: /no container engine answers \(docker: the client answers, its daemon does not/,
  }),
  'name-taken': {
    ...fakes,
    fault: 'a cluster of that name is there already',
    how: 'somebody else has created it',
    verdict: 'invalid',
    reason: 'config',
    kind: 'config',
    stage: 'cluster',
    firstLine: /a kind cluster named mlops-test-cluster exists already and was not created by this run, so it is left alone/,
  },
  'port-taken': infrastructure('cluster', {
    fault: 'a port is taken',
    how: 'something listens on http-port',
    firstLine: /port \d+ \(http-port\) of this machine is already in use/,
  }),
  'port-taken-late': infrastructure('cluster', {
    fault: 'a port is taken in the last moment',
    how: 'the engine cannot publish it',
    firstLine: /^Boot the cluster: kind could not create mlops-test-cluster: .*Bind for 127\.0\.0\.1:80 failed: port is already allocated$/,
  }),
  'two-runs-at-once': infrastructure('cluster', {
    fault: 'two runs create a cluster of the same name at once',
    how: 'kind finds nodes of that name in the last moment',
    firstLine: /node\(s\) already exist for a cluster with the name "mlops-test-cluster"$/,
  }),
  'disk-full-in-engine': infrastructure('cluster', {
    fault: 'the engine’s disk is full',
    how: 'the engine says so when it makes a node',
    firstLine: /kind could not create mlops-test-cluster: .*no space left on device$/,
  }),
  'registry-throttles': infrastructure('cluster', {
    fault: 'the registry throttles the node image',
    how: 'the engine’s pull answers 429, twice',
    firstLine: /toomanyrequests: .* \(at the second try, too\)$/,
  }),
  'node-image-unknown': infrastructure('cluster', {
    fault: 'the node image does not exist',
    how: 'the engine’s pull answers that it knows no such manifest',
    firstLine: /manifest for kindest\/node:v9 not found: manifest unknown$/,
  }),
  'create-fails-twice': infrastructure('cluster', {
    fault: 'a node does not boot',
    how: 'kind finds no line in a node’s log, twice',
    firstLine: /could not find a log line that matches .* \(at the second try, too\)$/,
  }),
  'create-fails-once': {
    ...passed,
    fault: 'a node does not boot at the first try',
    how: 'kind finds no line in a node’s log, once',
  },
  'kind-killed': infrastructure('cluster', {
    fault: 'kind is killed',
    how: 'it gets SIGKILL, as from a machine without memory, twice',
    firstLine: /kind could not create mlops-test-cluster: .*signal SIGKILL.* \(at the second try, too\)$/,
  }),
  'worker-cannot-join': infrastructure('nodes', {
    fault: 'a worker cannot join',
    how: 'kubeadm fails in it, when the API server answers already',
    firstLine: /kind could not create mlops-test-cluster: node mlops-test-cluster-worker2: error execution phase kubelet-start/,
  }),
  'worker-missing': infrastructure('nodes', {
    fault: 'a worker never joins',
    how: 'kind ends, but the API server knows two of three nodes',
    firstLine: /the cluster was not ready within 5 s: 2 of 3 nodes ready; mlops-test-cluster-worker2 has not joined$/,
  }),
  'worker-not-ready': infrastructure('nodes', {
    fault: 'a worker does not get ready',
    how: 'its network plugin never comes up',
    firstLine: /2 of 3 nodes ready; mlops-test-cluster-worker is not \(container runtime network not ready\)$/,
  }),
  'dns-broken': infrastructure('nodes', {
    fault: 'the cluster’s DNS does not answer',
    how: 'the pod that looks up a name fails each time',
    firstLine: /the lookup of kubernetes\.default\.svc\.cluster\.local from inside a pod failed: nslookup: can't resolve/,
  }),
  'controller-crashes': infrastructure('ingress', {
    fault: 'the ingress controller crashes',
    how: 'its container ends again and again',
    firstLine: /pod ingress-nginx-controller-1 crashed with exit code 1, 3 restarts/,
  }),
  'api-server-restarts': {
    ...passed,
    fault: 'the API server restarts while services roll out',
    how: 'connections are cut and refused, watches end',
  },
  'api-server-knows-nobody': infrastructure('services', {
    fault: 'the API server no longer accepts our certificate',
    how: 'it answers 401 to an apply',
    firstLine: /Deployment mlops-services\/foo could not be applied: Unauthorized/,
  }),
  'manifest-refused': workload('services', {
    fault: 'the API server refuses a manifest',
    how: 'admission answers 403',
    firstLine: /Deployment mlops-services\/foo could not be applied: .*violates PodSecurity/,
  }),
  'service-crashes': workload('services', {
    fault: 'a service crashes',
    how: 'its container ends again and again',
    firstLine: /^Services \(foo, bar\): foo: 0 of 1 pods ready; pod foo-1 crashed with exit code 2, 3 restarts, last log line: flag provided but not defined/,
  }),
  'service-image-unknown': workload('services', {
    fault: 'a service’s image does not exist',
    how: 'the registry answers that it does not know it',
    firstLine: /pod bar-1: image registry\.example\/gone:1\.0\.0 cannot be pulled \(ImagePullBackOff: /,
  }),
  'node-stops': infrastructure('health', {
    fault: 'a node stops after the rollout',
    how: 'its kubelet no longer reports, and a service on it no longer answers',
    firstLine: /foo: .* 503 .*; node mlops-test-cluster-worker is not ready \(Kubelet stopped posting node status\.\)$/,
  }),
  'wrong-host-rule': workload('health', {
    fault: 'the ingress has no rule for a service’s host',
    how: 'the ingress answers 404',
    firstLine: /bar: http:\/\/127\.0\.0\.1\/ \(Host: bar\.localhost\): 404 instead of 200: the ingress has no rule for bar\.localhost/,
  }),
  'services-mixed-up': workload('health', {
    fault: 'one service answers for another',
    how: 'the ingress leads both hosts to foo',
    firstLine: /bar: .*: foo answered for bar/,
  }),
  'k6-killed': {
    ...unmeasured,
    fault: 'k6 is killed',
    how: 'it gets SIGKILL, as from a machine without memory',
    firstLine: /k6 was killed by SIGKILL \(out of memory\?\) before its test had ended$/,
  },
  'k6-crashes': {
    ...unmeasured,
    fault: 'k6 crashes',
    how: 'it exits with 109',
    firstLine: /k6 ended with exit code 109: panic$/,
  },
  'k6-silent': {
    ...unmeasured,
    fault: 'k6 measures nothing',
    how: 'it ends well without a summary',
    firstLine: /k6 ended without a summary \(exit code 0\)$/,
  },
  'load-script-broken': {
    ...unmeasured,
    fault: 'the load script throws',
    how: 'k6 exits with 107',
    reason: 'config',
    kind: 'config',
    firstLine: /the load script failed \(k6 exit code 107\): ReferenceError: x is not defined$/,
  },
  'gate-missed': {
    ...gate,
    fault: 'a service is slow',
    how: 'its p(95) is over the gate',
    firstLine: /^missed: p\(95\) is 4 ms, the gate is < 1 ms/,
  },
  'disk-full': infrastructure('load', {
    fault: 'the temp folder’s disk is full',
    how: 'a file of the load is written to /dev/full',
    firstLine: /no space left on this machine’s disk.*ENOSPC/,
  }),
  'disk-full-for-report': {
    ...gate,
    fault: 'the disk is full when the report is written',
    how: 'report.json is /dev/full, and a gate has failed',
    firstLine: /^missed: p\(95\)/,
  },
  'temp-unusable': {
    ...fakes,
    fault: 'the temp folder cannot be used',
    how: 'RUNNER_TEMP leads through a file',
    verdict: 'invalid',
    reason: 'infrastructure',
    kind: null,
    stage: null,
    firstLine: /RUNNER_TEMP cannot hold the run’s files: ENOTDIR/,
  },
  'github-refuses': {
    ...passed,
    fault: 'GitHub’s API is down from start to end',
    how: 'nobody listens there',
  },
  'github-fails': {
    ...passed,
    fault: 'GitHub’s API answers with errors from start to end',
    how: 'it answers 503',
  },
  'token-may-only-read': {
    ...passed,
    fault: 'the token may only read',
    how: 'GitHub answers 403 to the comment',
  },
  'cluster-api-server-restarts': {
    on: 'cluster',
    fault: 'the API server is killed while services roll out',
    how: 'kube-apiserver gets SIGKILL in the control plane',
    verdict: 'passed',
    reason: null,
    kind: null,
    stage: null,
    firstLine: /^done: /,
  },
  'cluster-registry-unreachable': {
    on: 'cluster',
    fault: 'a service’s registry cannot be reached',
    how: 'its name does not resolve',
    verdict: 'invalid',
    reason: 'infrastructure',
    kind: 'infrastructure',
    stage: 'services',
    firstLine: /image registry\.invalid\/none:1 cannot be pulled/,
  },
  'cluster-out-of-memory': {
    on: 'cluster',
    fault: 'a service needs more memory than it may have',
    how: 'its container allocates over its limit',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine: /pod eater-\S+ was OOMKilled \(memory limit 16Mi\)/,
  },
  'cluster-no-room': {
    on: 'cluster',
    fault: 'a service asks for more than the cluster has',
    how: 'it requests a thousand CPUs',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine: /pod greedy-\S+ cannot be scheduled: .*Insufficient cpu/,
  },
  'cluster-pod-security': {
    on: 'cluster',
    fault: 'the API server refuses a service’s pods',
    how: 'its namespace asks for restricted pods, and it is none',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine: /loose: the API server refuses its pods: .*violates PodSecurity/,
  },
} as const satisfies Readonly<Record<string, Fault>>

/** Names of the rows that are tried there. */
export type FaultOn<Where extends Fault['on']> = {
  [Name in keyof typeof faults]: (typeof faults)[Name] extends { on: Where } ? Name : never
}[keyof typeof faults]
