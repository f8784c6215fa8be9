import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../../../src/pipeline/failure.ts'
import { explainCreateError } from '../../../../src/stages/cluster/create-error.ts'

/** An error of `kind create cluster` as `runProcess` throws it. */
function processError(stderr: string): Error {
  return Object.assign(new Error('kind create: exit code 1'), { stderr, exitCode: 1, stdout: '' })
}

function explain(stderr: string) {
  return explainCreateError(processError(stderr), { name: 'mlops-test-cluster' })
}

const began = `using podman due to KIND_EXPERIMENTAL_PROVIDER
enabling experimental podman provider
Creating cluster "mlops-test-cluster" ...
 • Ensuring node image (kindest/node:v1.34.4) 🖼️  ...
`

/** What kind 0.33.0 with podman 4.3.1 wrote on our kit, names and ports apart. */
const real = {
  'podman, a port taken': `${began} ✗ Preparing nodes 📦
ERROR: failed to create cluster: command "podman run --name mlops-test-cluster-control-plane --hostname mlops-test-cluster-control-plane --label io.x-k8s.kind.role=control-plane --privileged --tmpfs /tmp --tmpfs /run --volume 7aad76cf6046bcfb71f162387575dff2bcbbbfaf7bf7e2ea4f484550cf191f9b:/var:suid,exec,dev --volume /lib/modules:/lib/modules:ro -e KIND_EXPERIMENTAL_CONTAINERD_SNAPSHOTTER --detach --tty --net kind --label io.x-k8s.kind.cluster=mlops-test-cluster -e container=podman --cgroupns=private --publish=127.0.0.1:80:80/tcp --publish=127.0.0.1:35643:6443/tcp -e KUBECONFIG=/etc/kubernetes/admin.conf docker.io/kindest/node:v1.34.4" failed with error: exit status 126

Command Output: failed to connect to syslog: Initialization
Error: cannot listen on the TCP port: listen tcp4 127.0.0.1:80: bind: address already in use
`,
  'podman, an image that cannot be pulled': `${began} ✗ Ensuring node image (kindest/node:v9.9.9) 🖼️
ERROR: failed to create cluster: failed to pull image "docker.io/kindest/node:v9.9.9": command "podman pull docker.io/kindest/node:v9.9.9" failed with error: exit status 125

Command Output: Trying to pull docker.io/kindest/node:v9.9.9...
Error: initializing source docker://kindest/node:v9.9.9: pinging container registry registry-1.docker.io: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host
`,
  'a cluster of the same name': `enabling experimental podman provider
ERROR: failed to create cluster: node(s) already exist for a cluster with the name "mlops-test-cluster"
`,
} as const

const run = (
  engine: string,
) => `ERROR: failed to create cluster: command "${engine} run ${'--label x '.repeat(60)}kindest/node:v1.37.0" failed with error: exit status 125
Command Output: `

describe('a cluster that kind could not create', () => {
  const ports = 'Stop what listens there, or choose other ports with http-port and https-port.'
  const pull = 'Check node-image and kubernetes-version, and that this machine reaches the registry.'
  const ownConfig = 'Mend the file that kind-config names; the lines kind speaks of are those of its own copy.'
  const throttled = 'The registry throttles this machine. Run the job again later, or set node-image to a mirror.'

  test.each<[string, string, string | RegExp, string]>([
    ['podman, a port taken', real['podman, a port taken'], /cannot listen on the TCP port: listen tcp4 127\.0\.0\.1:80: bind: address already in use$/, ports],
    [
      'docker, a port taken',
      `${run('docker')}3f2a\ndocker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint c-control-plane (ab12): Bind for 127.0.0.1:80 failed: port is already allocated\n\nRun 'docker run --help' for more information`,
      /: failed to set up container networking: .*Bind for 127\.0\.0\.1:80 failed: port is already allocated$/,
      ports,
    ],
    [
      'docker 29, a port taken by another program',
      `${run('docker')}docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint c: failed to bind host port 127.0.0.1:80/tcp: address already in use`,
      /failed to bind host port 127\.0\.0\.1:80\/tcp: address already in use$/,
      ports,
    ],
    [
      'podman, an image that cannot be pulled: why, not only that',
      real['podman, an image that cannot be pulled'],
      /initializing source docker:\/\/kindest\/node:v9\.9\.9: pinging container registry .* no such host$/,
      pull,
    ],
    [
      'docker, an image that does not exist: why, not only that',
      `ERROR: failed to create cluster: failed to pull image "kindest/node:v9.9.9": command "docker pull kindest/node:v9.9.9" failed with error: exit status 1\nCommand Output: Error response from daemon: manifest for kindest/node:v9.9.9 not found: manifest unknown: manifest unknown`,
      /manifest for kindest\/node:v9\.9\.9 not found: manifest unknown: manifest unknown$/,
      'Check node-image and kubernetes-version: the registry does not know the image.',
    ],
    [
      'docker, throttled',
      `ERROR: failed to create cluster: failed to pull image "kindest/node:v1.37.0": command "docker pull kindest/node:v1.37.0" failed with error: exit status 1\nCommand Output: Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit`,
      /: toomanyrequests: You have reached your unauthenticated pull rate limit/,
      throttled,
    ],
    [
      'no space',
      `${run('docker')}docker: Error response from daemon: failed to copy files: write /var/lib/docker/tmp/x: no space left on device.`,
      /no space left on device\.$/,
      'Free disk space on this machine; a cluster needs about 4 GB.',
    ],
    [
      'a node that does not boot',
      `ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"`,
      /could not find a log line that matches/,
      'A node did not boot in time, most often for want of CPU or memory. Run the job again.',
    ],
    [
      'a configuration that kind cannot read',
      'using podman due to KIND_EXPERIMENTAL_PROVIDER\nERROR: failed to create cluster: unable to decode config: yaml: unmarshal errors:\n  line 5: field extraPortMapping not found in type v1alpha4.Node\n',
      /: unable to decode config: yaml: unmarshal errors: line 5: field extraPortMapping not found in type v1alpha4\.Node$/,
      ownConfig,
    ],
    [
      'a configuration that kind refuses',
      'ERROR: failed to create cluster: invalid configuration for node 0: invalid portMapping: port mapping with same listen address, port and protocol already configured: 0.0.0.0:80/\n',
      /: invalid configuration for node 0: invalid portMapping: port mapping with same listen address/,
      ownConfig,
    ],
    [
      'a daemon that went away',
      'ERROR: failed to create cluster: failed to list nodes: command "docker ps" failed with error: exit status 1\nCommand Output: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      /Cannot connect to the Docker daemon at unix:\/\/\/var\/run\/docker\.sock\. Is the docker daemon running\?$/,
      'Start the container engine and run again.',
    ],
  ])('%s', (_, stderr, words, remedy) => {
    const { failure, notOurs } = explain(stderr)
    expect(failure.message).toMatch(words)
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy, message: expect.stringMatching(/^kind could not create mlops-test-cluster: /) })
    expect(failure.message).not.toContain('--label')
    expect(notOurs).toBe(false)
  })

  test.each([
    ['port-taken', real['podman, a port taken']],
    ['image-unreachable', real['podman, an image that cannot be pulled']],
    ['name-taken', real['a cluster of the same name']],
    ['image-missing', `${run('docker')}manifest for kindest/node:v9 not found: manifest unknown`],
    ['image-denied', `${run('docker')}pull access denied for me/node, repository does not exist or may require 'docker login'`],
    ['image-throttled', `${run('docker')}toomanyrequests: slow down`],
    ['image-unreachable', 'ERROR: failed to create cluster: failed to pull image "kindest/node:v9": unexpected EOF'],
    ['disk-full', `${run('docker')}write /var/lib/docker/x: no space left on device`],
    ['boot-deadline', 'ERROR: failed to create cluster: could not find a log line that matches "Reached target"'],
    ['kind-config', 'ERROR: failed to create cluster: unable to decode config: yaml: line 5'],
    ['engine-down', 'ERROR: failed to create cluster: Cannot connect to the Docker daemon at unix:///var/run/docker.sock'],
    [
      'node-not-joined',
      'ERROR: failed to create cluster: command "docker exec --privileged c-worker kubeadm join" failed with error: exit status 1\nCommand Output: no',
    ],
    ['create-failed', 'ERROR: failed to create cluster: the moon is full'],
  ])('is of the cause %s, with the end of what was said: %.90s', (code, stderr) => {
    const { failure } = explain(stderr)
    expect(failure.code).toBe(code)
    for (const line of failure.evidence) expect(line).toMatch(/^kind: /)
    expect(failure.evidence.join(' ')).not.toContain('--label')
  })

  test('because there is one of that name is not ours to delete', () => {
    const { failure, notOurs } = explain(real['a cluster of the same name'])
    expect(notOurs).toBe(true)
    expect(failure.message).toBe('kind could not create mlops-test-cluster: node(s) already exist for a cluster with the name "mlops-test-cluster"')
  })

  test.each([
    'Error: creating container storage: the container name "mlops-test-cluster-control-plane" is already in use by d3dcb75bf259. You have to remove that container to be able to reuse that name: that name is already in use',
    'docker: Error response from daemon: Conflict. The container name "/mlops-test-cluster-worker" is already in use by container "3f2a". You have to remove (or rename) that container to be able to reuse that name.',
  ])('because another run makes one at this moment is not ours to delete: %.60s', (words) => {
    expect(explain(`${run('podman')}${words}`).notOurs).toBe(true)
  })

  test('for a reason nobody foresaw is told in the engine’s own words, not by its command line', () => {
    const { failure } = explain(
      `${run('podman')}Error: rootlessport cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf`,
    )
    expect(failure.message).toMatch(/rootlessport cannot expose privileged port 80/)
    expect(failure.remedy).toBe('Run the job again; the artifact holds the nodes’ own logs.')
  })

  test('because kubeadm failed inside a node is no matter of the engine, whatever that node’s log says', () => {
    const { failure } =
      explain(`ERROR: failed to create cluster: failed to init node with kubeadm: command "podman exec --privileged c-control-plane kubeadm init" failed with error: exit status 1
Command Output: I1122 10:00:00.000000     164 initconfiguration.go:261] loading configuration from "/kind/kubeadm.conf"
[kubelet-check] The HTTP call equal to 'curl -sSL http://localhost:10248/healthz' failed with error: Get "http://localhost:10248/healthz": dial tcp [::1]:10248: connect: connection refused.
error execution phase wait-control-plane
k8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow.(*Runner).Run.func1
	cmd/kubeadm/app/cmd/phases/workflow/runner.go:260
runtime.goexit
	runtime/asm_amd64.s:1700
`)
    expect(failure.remedy).not.toBe('Start the container engine and run again.')
    expect(failure.message).toContain('wait-control-plane')
  })

  test('keeps kind’s own error as its cause', () => {
    const error = processError('ERROR: x')
    expect(explainCreateError(error, { name: 'c' }).failure.cause).toBe(error)
  })

  test.each([
    ['an error without output', new Error('spawn kind ENOENT'), 'spawn kind ENOENT'],
    ['an error whose output is empty', processError(''), 'kind create: exit code 1'],
    ['an error that only says ERROR', processError('x\nERROR: something else\n'), 'something else'],
  ])('by %s is told by what there is', (_, error, words) => {
    expect(explainCreateError(error, { name: 'c' }).failure.message).toBe(`kind could not create c: ${words}`)
  })

  test.each<[string, boolean, string]>([
    ['a node that did not boot', true, 'ERROR: failed to create cluster: could not find a log line that matches "Reached target"'],
    ['a registry that throttles', true, `${run('docker')}toomanyrequests: slow down`],
    ['a pull that was cut off', true, 'ERROR: failed to create cluster: failed to pull image "kindest/node:v9": unexpected EOF'],
    ['an engine that hiccups', true, 'ERROR: failed to create cluster: Cannot connect to the Docker daemon at unix:///var/run/docker.sock'],
    ['something nobody foresaw', true, 'ERROR: failed to create cluster: the moon is full'],
    ['a port taken', false, real['podman, a port taken']],
    ['an image that nobody has', false, `${run('docker')}manifest for kindest/node:v9 not found: manifest unknown`],
    ['a registry that does not exist', false, real['podman, an image that cannot be pulled']],
    ['a full disk', false, `${run('docker')}no space left on device`],
    ['a cluster of the same name', false, real['a cluster of the same name']],
    ['a configuration that kind refuses', false, 'ERROR: failed to create cluster: unknown apiVersion: kind.x-k8s.io/v0'],
  ])('because of %s is worth another try: %s', (_, passing, stderr) => {
    expect(explain(stderr).passing).toBe(passing)
  })

  test('because kubeadm failed inside a node names that node', () => {
    const { failure } = explain(
      'ERROR: failed to create cluster: failed to join node with kubeadm: command "docker exec --privileged mlops-test-cluster-worker2 kubeadm join --config /kind/kubeadm.conf" failed with error: exit status 1\nCommand Output: error execution phase kubelet-start: no answer',
    )
    expect(failure.message).toBe('kind could not create mlops-test-cluster: node mlops-test-cluster-worker2: error execution phase kubelet-start: no answer')
  })

  test('because the run was cancelled stays a cancel', () => {
    const cancelled = new Failure('cancelled by SIGINT', { kind: 'cancelled' })
    expect(explainCreateError(cancelled, { name: 'c' })).toEqual({ failure: cancelled, notOurs: false, passing: false })
  })
})
