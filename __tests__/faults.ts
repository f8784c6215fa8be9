import type { Reason, VerdictWord } from '../src/gates/verdict.ts'
import type { FailureKind } from '../src/pipeline/failure.ts'
import type { CauseCode } from '../src/stages/cause.ts'

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
  /** What the failure is, as a word; null when no stage fails. */
  readonly code: CauseCode | null
  /** The report's first sentence: it names the cause. */
  readonly firstLine: RegExp
}

type Row = Omit<Fault, 'on' | 'verdict' | 'reason' | 'kind' | 'stage'>

const fakes = { on: 'fakes' } as const
const passed = { ...fakes, verdict: 'passed', reason: null, kind: null, stage: null, code: null, firstLine: /^all 3 gates held over 100 requests$/ } as const
const gate = { ...fakes, verdict: 'failed', reason: 'gate', kind: null, stage: null, code: null } as const
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
    code: 'engine-down',
    fault: 'there is no container engine',
    how: 'neither docker nor podman is on PATH',
    firstLine: /no container engine answers \(docker: .*; podman: /,
  }),
  'engine-without-daemon': infrastructure('cluster', {
    code: 'engine-down',
    fault: 'the engine’s daemon does not run',
    how: '`docker version` answers without a server',
    firstLine: /no container engine answers \(docker: the client answers, its daemon does not/,
  }),
  'name-taken': {
    ...fakes,
    code: 'name-taken',
    fault: 'a cluster of that name is there already',
    how: 'somebody else has created it',
    verdict: 'invalid',
    reason: 'config',
    kind: 'config',
    stage: 'cluster',
    firstLine: /a kind cluster named mlops-test-cluster exists already and was not created by this run, so it is left alone/,
  },
  'port-taken': infrastructure('cluster', {
    code: 'port-taken',
    fault: 'a port is taken',
    how: 'something listens on http-port',
    firstLine: /port \d+ \(http-port\) of this machine is already in use by \S+ \(pid \d+\)$/,
  }),
  'port-taken-late': infrastructure('cluster', {
    code: 'port-taken',
    fault: 'a port is taken in the last moment',
    how: 'the engine cannot publish it',
    firstLine: /^Boot the cluster: kind could not create mlops-test-cluster: .*Bind for 127\.0\.0\.1:80 failed: port is already allocated$/,
  }),
  'two-runs-at-once': infrastructure('cluster', {
    code: 'name-taken',
    fault: 'two runs create a cluster of the same name at once',
    how: 'kind finds nodes of that name in the last moment',
    firstLine: /node\(s\) already exist for a cluster with the name "mlops-test-cluster"$/,
  }),
  'disk-full-in-engine': infrastructure('cluster', {
    code: 'disk-full',
    fault: 'the engine’s disk is full',
    how: 'the engine says so when it makes a node',
    firstLine: /kind could not create mlops-test-cluster: .*no space left on device$/,
  }),
  'registry-throttles': infrastructure('cluster', {
    code: 'image-throttled',
    fault: 'the registry throttles the node image',
    how: 'the engine’s pull answers 429, twice',
    firstLine: /toomanyrequests: .* \(at the second try, too\)$/,
  }),
  'node-image-unknown': infrastructure('cluster', {
    code: 'image-missing',
    fault: 'the node image does not exist',
    how: 'the engine’s pull answers that it knows no such manifest',
    firstLine: /manifest for kindest\/node:v9 not found: manifest unknown$/,
  }),
  'create-fails-twice': infrastructure('cluster', {
    code: 'boot-deadline',
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
    code: 'create-failed',
    fault: 'kind is killed',
    how: 'it gets SIGKILL, as from a machine without memory, twice',
    firstLine: /kind could not create mlops-test-cluster: .*signal SIGKILL.* \(at the second try, too\)$/,
  }),
  'worker-cannot-join': infrastructure('nodes', {
    code: 'node-not-joined',
    fault: 'a worker cannot join',
    how: 'kubeadm fails in it, when the API server answers already',
    firstLine: /kind could not create mlops-test-cluster: node mlops-test-cluster-worker2: error execution phase kubelet-start/,
  }),
  'worker-missing': infrastructure('nodes', {
    code: 'node-not-joined',
    fault: 'a worker never joins',
    how: 'kind ends, but the API server knows two of three nodes',
    firstLine: /the cluster was not ready within 5 s: 2 of 3 nodes ready; mlops-test-cluster-worker2 has not joined$/,
  }),
  'worker-not-ready': infrastructure('nodes', {
    code: 'node-down',
    fault: 'a worker does not get ready',
    how: 'its network plugin never comes up',
    firstLine: /2 of 3 nodes ready; mlops-test-cluster-worker is not \(container runtime network not ready\)$/,
  }),
  'dns-broken': infrastructure('nodes', {
    code: 'dns',
    fault: 'the cluster’s DNS does not answer',
    how: 'the pod that looks up a name fails each time',
    firstLine: /the lookup of kubernetes\.default\.svc\.cluster\.local from inside a pod failed: nslookup: can't resolve/,
  }),
  'controller-crashes': infrastructure('ingress', {
    code: 'crash-loop',
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
    code: 'api-server',
    fault: 'the API server no longer accepts our certificate',
    how: 'it answers 401 to an apply',
    firstLine: /Deployment mlops-services\/foo could not be applied: Unauthorized/,
  }),
  'manifest-refused': workload('services', {
    code: 'rejected',
    fault: 'the API server refuses a manifest',
    how: 'admission answers 403',
    firstLine: /Deployment mlops-services\/foo could not be applied: .*violates PodSecurity/,
  }),
  'service-crashes': workload('services', {
    code: 'crash-loop',
    fault: 'a service crashes',
    how: 'its container ends again and again',
    firstLine: /^Services \(foo, bar\): foo: 0 of 1 pods ready; pod foo-1 crashed with exit code 2, 3 restarts, last log line: flag provided but not defined/,
  }),
  'service-image-unknown': workload('services', {
    code: 'image-missing',
    fault: 'a service’s image does not exist',
    how: 'the registry answers that it does not know it',
    firstLine: /pod bar-1: image registry\.example\/gone:1\.0\.0 cannot be pulled \(ImagePullBackOff: /,
  }),
  'node-stops': infrastructure('health', {
    code: 'node-down',
    fault: 'a node stops after the rollout',
    how: 'its kubelet no longer reports, and a service on it no longer answers',
    firstLine: /^Health: node mlops-test-cluster-worker is not ready \(Kubelet stopped posting node status\.\); foo: .* 503 /,
  }),
  'wrong-host-rule': workload('health', {
    code: 'ingress-no-rule',
    fault: 'the ingress has no rule for a service’s host',
    how: 'its Ingress names another host, and the ingress answers 404',
    firstLine: /^Health: bar: no Ingress has a rule for the host bar\.localhost \(there are rules for foo\.localhost, wrong\.bar\.localhost\)$/,
  }),
  'ingress-leads-nowhere': workload('health', {
    code: 'ingress-no-backend',
    fault: 'the Ingress leads to a Service that does not exist',
    how: 'its backend has another name, and the ingress answers 503',
    firstLine: /^Health: bar: the Ingress mlops-services\/bar leads to the Service bar-v2, which does not exist$/,
  }),
  'nobody-listens-in-pod': workload('health', {
    code: 'target-port',
    fault: 'a Service leads to a port at which its pods do not listen',
    how: 'inside the cluster connections to it are refused, and the ingress answers 502',
    firstLine: /^Health: bar: the Service mlops-services\/bar leads to port http of its pods, where nothing listens \(their containers have 5678 \(http\)\)$/,
  }),
  'ports-lead-nowhere': infrastructure('health', {
    code: 'port-forward-broken',
    fault: 'the engine’s port forwarding does not lead to the node',
    how: 'NodePorts and ingress take connections and never answer, while the cluster itself reaches the services',
    firstLine:
      /^Health: foo: neither http:\/\/127\.0\.0\.1:30080\/ nor http:\/\/127\.0\.0\.1\/ \(Host: foo\.localhost\) answers in time, .*the container engine’s port forwarding does not lead to the node; bar: the same$/,
  }),
  'base-url-refused': workload('health', {
    code: 'refused',
    fault: 'nobody listens where the ingress is said to answer',
    how: 'base-url names a port that is closed',
    firstLine: /^Health: foo: nothing takes the connection at http:\/\/127\.0\.0\.1:9 \(.*ECONNREFUSED.*\); bar: /,
  }),
  'service-config-missing': workload('services', {
    code: 'config-error',
    fault: 'a service wants a Secret that is not there',
    how: 'its container cannot be configured',
    firstLine: /^Services \(foo, bar\): foo: 0 of 1 pods ready; pod foo-1: CreateContainerConfigError: secret "model-key" not found$/,
  }),
  'services-mixed-up': workload('health', {
    code: 'wrong-answer',
    fault: 'one service answers for another',
    how: 'the ingress leads both hosts to foo',
    firstLine: /bar: .*: foo answered for bar/,
  }),
  'k6-killed': {
    ...unmeasured,
    code: 'k6-killed',
    fault: 'k6 is killed',
    how: 'it gets SIGKILL, as from a machine without memory',
    firstLine: /k6 was killed by SIGKILL \(out of memory\?\) before its test had ended$/,
  },
  'k6-crashes': {
    ...unmeasured,
    code: 'k6-failed',
    fault: 'k6 crashes',
    how: 'it exits with 109',
    firstLine: /k6 ended with exit code 109: panic$/,
  },
  'k6-silent': {
    ...unmeasured,
    code: 'k6-no-summary',
    fault: 'k6 measures nothing',
    how: 'it ends well without a summary',
    firstLine: /k6 ended without a summary \(exit code 0\)$/,
  },
  'load-script-broken': {
    ...unmeasured,
    code: 'script-error',
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
    code: 'disk-full',
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
    code: null,
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
    code: null,
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
    code: 'image-unreachable',
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
    code: 'out-of-memory',
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
    code: 'unschedulable',
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
    code: 'rejected',
    fault: 'the API server refuses a service’s pods',
    how: 'its namespace asks for restricted pods, and it is none',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine: /loose: the API server refuses its pods: .*violates PodSecurity/,
  },
  'cluster-image-missing': {
    on: 'cluster',
    code: 'image-missing',
    fault: 'a service’s image does not exist',
    how: 'a registry in the cluster answers 404',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine: /^Services \(nameless\): nameless: 0 of 1 pods ready; pod nameless-\S+: image 127\.0\.0\.1:5000\/none:1 cannot be pulled \(\w+: .*not found/,
  },
  'cluster-crash-loop': {
    on: 'cluster',
    code: 'crash-loop',
    fault: 'a service crashes',
    how: 'its container says why and exits with 3',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine:
      /^Services \(crasher\): crasher: 0 of 1 pods ready; pod crasher-\S+ crashed with exit code 3, \d+ restarts?, last log line: no model at \/models$/,
  },
  'cluster-probe-fails': {
    on: 'cluster',
    code: 'probe-failing',
    fault: 'a service runs, and its readiness probe fails',
    how: 'it answers the probe with 500',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'services',
    firstLine:
      /^Services \(unready\): unready: 0 of 1 pods ready; pod unready-\S+ runs, but its readiness probe fails: HTTP probe failed with statuscode: 500 \(GET \/ on port 5678\)$/,
  },
  'cluster-no-endpoints': {
    on: 'cluster',
    code: 'no-endpoints',
    fault: 'a Service selects no pod',
    how: 'its selector has a typing error',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'health',
    firstLine:
      /^Health: foo: the Service mlops-services\/foo selects no pod \(selector app\.kubernetes\.io\/name=fooo; the pods have app\.kubernetes\.io\/name=bar or app\.kubernetes\.io\/name=foo\)$/,
  },
  'cluster-wrong-port': {
    on: 'cluster',
    code: 'target-port',
    fault: 'a Service leads to a port at which its pods do not listen',
    how: 'its targetPort is 9999',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'health',
    firstLine: /^Health: foo: the Service mlops-services\/foo leads to port 9999 of its pods, where nothing listens \(their containers have 5678 \(http\)\)$/,
  },
  'cluster-wrong-host': {
    on: 'cluster',
    code: 'ingress-no-rule',
    fault: 'the Ingress has another host than requests',
    how: 'its rule is for wrong.foo.localhost',
    verdict: 'failed',
    reason: 'stage',
    kind: 'workload',
    stage: 'health',
    firstLine: /^Health: foo: no Ingress has a rule for the host foo\.localhost \(there are rules for bar\.localhost, wrong\.foo\.localhost\)$/,
  },
  'cluster-ports-lead-nowhere': {
    on: 'cluster',
    code: 'port-forward-broken',
    fault: 'the engine’s port forwarding does not lead to the node',
    how: 'rules for a container that is gone catch the ports first',
    verdict: 'invalid',
    reason: 'infrastructure',
    kind: 'infrastructure',
    stage: 'health',
    firstLine:
      /^Health: foo: neither \S+ nor \S+ \(Host: foo\.localhost\) answers in time, although its pods are ready and answer inside the cluster: the container engine’s port forwarding does not lead to the node; bar: the same$/,
  },
  'cluster-node-stops': {
    on: 'cluster',
    code: 'node-down',
    fault: 'a node stops after the rollout',
    how: 'its container is stopped, and the ingress leads to pods on it',
    verdict: 'invalid',
    reason: 'infrastructure',
    kind: 'infrastructure',
    stage: 'health',
    firstLine: /^Health: node mlops-faults-worker is not ready \(Kubelet stopped posting node status\.\); (foo|bar): /,
  },
} as const satisfies Readonly<Record<string, Fault>>

/** Names of the rows that are tried there. */
export type FaultOn<Where extends Fault['on']> = {
  [Name in keyof typeof faults]: (typeof faults)[Name] extends { on: Where } ? Name : never
}[keyof typeof faults]
