import { describe, expect, test } from '@jest/globals'
import type { PodObject } from '../../../src/stages/kubernetes.ts'
import { describePod, isPodReady, losePatience, type PodProblem, podProblem } from '../../../src/stages/pods.ts'
import { containerOf, crashingPod, pendingPod, podOf, readyPod, waitingPod } from './objects.ts'

const name = 'foo-6d5-abc'
const image = 'docker.io/hashicorp/http-echo:1.0.0'
/** What containerd says before it comes to the point, and what the kubelet puts before that. */
const containerd = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": `
const kubelet = `Back-off pulling image "${image}": ErrImagePull: `

describe('an image that cannot be pulled', () => {
  const cases: readonly (readonly [string, string, string, PodProblem['code'], string])[] = [
    ['not found', 'ErrImagePull', `${containerd}${image}: not found`, 'image-missing', `${image}: not found`],
    ['not found, later', 'ImagePullBackOff', `${kubelet}${containerd}${image}: not found`, 'image-missing', `${image}: not found`],
    [
      'denied by Docker Hub, where it may not exist',
      'ErrImagePull',
      `${containerd}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
      'image-denied',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ],
    [
      'refused by ghcr.io, where it is private or does not exist',
      'ErrImagePull',
      `${containerd}failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Ao%2Fx%3Apull&service=ghcr.io: 403 Forbidden`,
      'image-denied',
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Ao%2Fx%3Apull&service=ghcr.io: 403 Forbidden',
    ],
    [
      'without credentials',
      'ErrImagePull',
      `${containerd}unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 401 Unauthorized`,
      'image-denied',
      'unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 401 Unauthorized',
    ],
    [
      'not for this machine',
      'ErrImagePull',
      `${containerd}no match for platform in manifest: not found`,
      'image-missing',
      'no match for platform in manifest: not found',
    ],
    [
      'throttled',
      'ErrImagePull',
      `${containerd}unexpected status from HEAD request to https://registry-1.docker.io/v2/x/manifests/1: 429 Too Many Requests`,
      'image-throttled',
      'unexpected status from HEAD request to https://registry-1.docker.io/v2/x/manifests/1: 429 Too Many Requests',
    ],
    [
      'throttled, in Docker Hub’s words',
      'ImagePullBackOff',
      `${kubelet}toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit`,
      'image-throttled',
      'toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
    ],
    [
      'no name server',
      'ErrImagePull',
      `${containerd}failed to do request: Head "https://registry-1.docker.io/v2/x/manifests/1": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host`,
      'image-unreachable',
      'failed to do request: Head "https://registry-1.docker.io/v2/x/manifests/1": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host',
    ],
    [
      'no answer',
      'ErrImagePull',
      `${containerd}failed to do request: Head "https://reg.example/v2/": dial tcp 10.0.0.9:443: i/o timeout`,
      'image-unreachable',
      'failed to do request: Head "https://reg.example/v2/": dial tcp 10.0.0.9:443: i/o timeout',
    ],
    [
      'a broken registry',
      'ErrImagePull',
      `${containerd}unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 503 Service Unavailable`,
      'image-unreachable',
      'unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 503 Service Unavailable',
    ],
    [
      'no such name',
      'InvalidImageName',
      'Failed to apply default image tag "Foo:x": couldn\'t parse image name "Foo:x": invalid reference format: repository name (library/Foo) must be lowercase',
      'image-missing',
      'Failed to apply default image tag "Foo:x": couldn\'t parse image name "Foo:x": invalid reference format: repository name (library/Foo) must be lowercase',
    ],
    [
      'never to be pulled',
      'ErrImageNeverPull',
      `Container image "${image}" is not present with pull policy of Never`,
      'image-missing',
      `Container image "${image}" is not present with pull policy of Never`,
    ],
  ]

  test.each(cases)('%s (%s)', (_, reason, message, code, words) => {
    // Whoever is refused has asked for the wrong thing; who is not reached, or throttles, is nobody's workload.
    const kind = code === 'image-missing' || code === 'image-denied' ? 'workload' : 'infrastructure'
    expect(podProblem(waitingPod(name, reason, message))).toEqual({
      code,
      message: `pod ${name}: image ${image} cannot be pulled (${reason}: ${words})`,
      remedy: expect.any(String),
      kind,
      settled: kind === 'workload',
      container: null,
      previousLog: false,
    })
  })

  test('says only its reason when the kubelet says no more', () => {
    expect(podProblem(waitingPod(name, 'ImagePullBackOff', `Back-off pulling image "${image}"`))?.message).toBe(
      `pod ${name}: image ${image} cannot be pulled (ImagePullBackOff)`,
    )
    expect(podProblem(waitingPod(name, 'ErrImagePull'))?.message).toBe(`pod ${name}: image ${image} cannot be pulled (ErrImagePull)`)
  })

  test.each([
    ['a build number that looks like a status', 'docker.io/me/app:build-4291', 'not found', 'workload'],
    ['a digest that does', `docker.io/me/app@sha256:${'429a'.repeat(16)}`, 'not found', 'workload'],
    ['a name that sounds like a refusal', 'docker.io/me/denied-requests:1', 'i/o timeout', 'infrastructure'],
  ])('is judged by what the registry said, not by %s', (_, reference, said, kind) => {
    const message = `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: ${said}`
    const pod = podOf(name, {
      phase: 'Pending',
      containerStatuses: [containerOf({ image: reference, state: { waiting: { reason: 'ErrImagePull', message } } })],
    })
    expect(podProblem(pod)?.kind).toBe(kind)
  })

  test('has another remedy when it is throttled, refused, or not reached', () => {
    const remedies = ['429 Too Many Requests', 'not found', 'i/o timeout'].map((message) => podProblem(waitingPod(name, 'ErrImagePull', message))?.remedy)
    expect(remedies).toEqual([expect.stringContaining('throttles'), expect.stringContaining('name and tag'), expect.stringContaining('reach')])
  })

  test('is told in a few hundred characters, beginning and end', () => {
    const message = podProblem(waitingPod(name, 'ErrImagePull', `begins ${'x'.repeat(5000)} ends`))?.message ?? ''
    expect(message).toMatch(/begins x+ … x+ ends\)$/)
    expect(message.length).toBeLessThan(500)
  })
})

describe('a container that does not stay up', () => {
  const terminated = (exitCode: number, more: object = {}) => ({ terminated: { exitCode, reason: 'Error', ...more } })
  const backOff = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } }
  const of = (status: Parameters<typeof containerOf>[0], memory?: string) =>
    podProblem(podOf(name, { phase: 'Running', containerStatuses: [containerOf(status)] }, memory))

  test.each<[string, ReturnType<typeof of>, Partial<PodProblem>]>([
    [
      'crashed once, and is down',
      of({ state: terminated(2) }),
      { message: `pod ${name} crashed with exit code 2`, code: 'crash-loop', settled: false, container: 'echo', previousLog: false },
    ],
    [
      'crashed once, and is up again',
      of({ restartCount: 1, state: { running: {} }, lastState: terminated(2) }),
      { message: `pod ${name} crashed with exit code 2, 1 restart`, code: 'crash-loop', settled: false, container: 'echo', previousLog: true },
    ],
    [
      'crashed again and again',
      of({ restartCount: 3, state: backOff, lastState: terminated(137) }),
      { message: `pod ${name} crashed with exit code 137, 3 restarts`, code: 'crash-loop', settled: true, container: 'echo', previousLog: true },
    ],
    [
      'has said why',
      of({ restartCount: 2, state: terminated(1, { message: ' no model at /models\n' }) }),
      { message: `pod ${name} crashed with exit code 1, 2 restarts: no model at /models`, settled: true, previousLog: false },
    ],
    [
      'ends well, again and again, though it should stay',
      of({ restartCount: 2, state: backOff, lastState: terminated(0, { reason: 'Completed' }) }),
      { message: `pod ${name} crashed with exit code 0 (Completed), 2 restarts`, code: 'crash-loop', settled: true },
    ],
    [
      'was killed for its memory',
      of({ restartCount: 1, state: backOff, lastState: terminated(137, { reason: 'OOMKilled' }) }, '64Mi'),
      {
        message: `pod ${name} was OOMKilled (memory limit 64Mi)`,
        code: 'out-of-memory',
        remedy: 'Raise the memory limit, or make the service use less.',
        settled: true,
      },
    ],
    [
      'was killed for memory without a limit of its own',
      of({ state: terminated(137, { reason: 'OOMKilled' }) }),
      { message: `pod ${name} was OOMKilled`, settled: false, previousLog: false },
    ],
    [
      'cannot be started',
      of({ state: { waiting: { reason: 'RunContainerError', message: 'exec: "nope": executable file not found in $PATH' } } }),
      {
        message: `pod ${name}: RunContainerError: exec: "nope": executable file not found in $PATH`,
        code: 'container-error',
        settled: true,
        container: 'echo',
      },
    ],
    [
      'cannot be configured',
      of({ state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "key" not found' } } }),
      { message: `pod ${name}: CreateContainerConfigError: secret "key" not found`, code: 'config-error', settled: true },
    ],
  ])('%s', (_, problem, expected) => {
    expect(problem).toMatchObject({ kind: 'workload', ...expected })
  })
})

describe('an init container', () => {
  const starting = containerOf({ state: { waiting: { reason: 'PodInitializing' } } })
  const of = (status: Parameters<typeof containerOf>[0]) =>
    podProblem(podOf(name, { phase: 'Pending', initContainerStatuses: [containerOf({ name: 'fetch', ...status })], containerStatuses: [starting] }))

  test('that crashes is the pod’s problem, with its own log', () => {
    const problem = of({
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 7, reason: 'Error' } },
    })
    expect(problem).toMatchObject({ message: `pod ${name} crashed with exit code 7, 2 restarts`, container: 'fetch', previousLog: true, settled: true })
  })

  test('whose image cannot be pulled is', () => {
    expect(of({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } })).toMatchObject({ kind: 'workload', settled: true })
  })

  test.each([0, 1, 5])('that has done its work after %d restarts is none', (restartCount) => {
    expect(
      of({
        restartCount,
        state: { terminated: { exitCode: 0, reason: 'Completed' } },
        ...(restartCount > 0 && { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }),
      }),
    ).toBeUndefined()
  })
})

describe('a pod', () => {
  test.each<[string, PodObject, Partial<PodProblem>]>([
    [
      'without a place',
      pendingPod(name, '0/3 nodes are available: 3 Insufficient cpu.'),
      { message: `pod ${name} cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu.`, code: 'unschedulable', settled: false },
    ],
    [
      'without a place because of what a node suffers from',
      pendingPod(name, '0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }, 2 Insufficient cpu.'),
      {
        message: `pod ${name} cannot be scheduled: 0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }, 2 Insufficient cpu.`,
        code: 'node-pressure',
        kind: 'infrastructure',
      },
    ],
    [
      'without a place beside a control plane, which is no trouble of a node’s',
      pendingPod(name, '0/1 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }.'),
      { kind: 'workload' },
    ],
    [
      'that was thrown out',
      podOf(name, { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }),
      {
        message: `pod ${name} was ended by its node: Evicted: The node was low on resource: memory.`,
        code: 'evicted',
        // Its successor may find a better place.
        settled: false,
        kind: 'infrastructure',
      },
    ],
    [
      'that was thrown out for a limit of its own',
      podOf(name, { phase: 'Failed', reason: 'Evicted', message: 'Pod ephemeral local storage usage exceeds the total limit of containers 10Mi.' }),
      { message: `pod ${name} failed: Evicted: Pod ephemeral local storage usage exceeds the total limit of containers 10Mi.`, code: 'evicted', settled: true },
    ],
    [
      'whose node shuts down',
      podOf(name, { phase: 'Failed', reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' }),
      { message: `pod ${name} was ended by its node: Terminated: Pod was terminated in response to imminent node shutdown.`, kind: 'infrastructure' },
    ],
    [
      'that ended badly',
      podOf(name, { phase: 'Failed', containerStatuses: [containerOf({ state: { terminated: { exitCode: 1, reason: 'Error' } } })] }),
      { message: `pod ${name} crashed with exit code 1` },
    ],
  ])('%s has a problem', (_, pod, problem) => {
    expect(podProblem(pod)).toMatchObject({ kind: 'workload', ...problem })
  })

  test.each<[string, PodObject]>([
    ['that is ready', readyPod(name)],
    ['that nobody has looked at yet', { metadata: { name } }],
    ['whose containers are being made', waitingPod(name, 'ContainerCreating')],
    ['that runs and is not ready yet', podOf(name, { phase: 'Running', containerStatuses: [containerOf({ state: { running: {} } })] })],
    ['that is done', podOf(name, { phase: 'Succeeded', containerStatuses: [containerOf({ state: { terminated: { exitCode: 0, reason: 'Completed' } } })] })],
    ['that waits for its turn to be placed', podOf(name, { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] })],
  ])('%s has none', (_, pod) => {
    expect(podProblem(pod)).toBeUndefined()
  })

  test.each<[string, PodObject, boolean]>([
    ['ready', readyPod(name), true],
    ['done for good', podOf(name, { phase: 'Succeeded' }), true],
    ['not ready', podOf(name, { conditions: [{ type: 'Ready', status: 'False' }] }), false],
    ['unknown', podOf(name, { conditions: [{ type: 'Ready', status: 'Unknown' }] }), false],
    ['without status', { metadata: { name } }, false],
  ])('that is %s serves: %s', (_, pod, serves) => {
    expect(isPodReady(pod)).toBe(serves)
  })

  test.each<[PodObject, string]>([
    [waitingPod(name, 'ContainerCreating'), `pod ${name} is ContainerCreating`],
    [podOf(name, { phase: 'Running', containerStatuses: [containerOf({ state: { running: {} } })] }), `pod ${name} is running, but not ready`],
    [podOf(name, { phase: 'Pending' }), `pod ${name} is Pending`],
    [{ metadata: { name } }, `pod ${name} is unknown`],
    [pendingPod(name, 'no room'), `pod ${name} cannot be scheduled: no room`],
  ])('is described in one line', (pod, line) => {
    expect(describePod(pod)).toBe(line)
  })
})

describe('patience', () => {
  /** Patience of 45 s on a clock that the test turns. */
  function patience() {
    const clock = { now: 1000 }
    return { clock, hopeless: losePatience(45_000, () => clock.now) }
  }
  const stuck = pendingPod('stuck', 'no room')

  test('is lost at once with a problem that will not pass', () => {
    const pod = crashingPod('a', 2)
    expect(patience().hopeless([readyPod('b'), pod])).toMatchObject({ pod, problem: { settled: true } })
  })

  test('lasts its time with one that may pass', () => {
    const { clock, hopeless } = patience()
    const seen = [1000, 45_999, 46_000].map((now) => {
      clock.now = now
      return hopeless([stuck])?.pod.metadata.name
    })
    expect(seen).toEqual([undefined, undefined, 'stuck'])
  })

  test('begins anew when a problem has passed in between', () => {
    const { clock, hopeless } = patience()
    const times: readonly (readonly [number, PodObject])[] = [
      [1000, stuck],
      [40_000, readyPod('stuck')],
      [50_000, stuck],
      [94_999, stuck],
    ]
    for (const [now, pod] of times) {
      clock.now = now
      expect(hopeless([pod])).toBeUndefined()
    }
    clock.now = 95_000
    expect(hopeless([stuck])).toBeDefined()
  })

  test('is kept for each pod on its own', () => {
    const { clock, hopeless } = patience()
    hopeless([stuck])
    clock.now = 40_000
    hopeless([stuck, pendingPod('late', 'no room')])
    clock.now = 46_000
    expect(hopeless([pendingPod('late', 'no room'), stuck])?.pod).toBe(stuck)
  })

  test('goes on when one trouble turns into another', () => {
    const { clock, hopeless } = patience()
    hopeless([waitingPod('a', 'ErrImagePull', 'i/o timeout')])
    clock.now = 46_000
    expect(hopeless([waitingPod('a', 'ImagePullBackOff', 'i/o timeout')])).toMatchObject({ problem: { kind: 'infrastructure' } })
  })

  test('is not needed while pods are just not there yet', () => {
    const { clock, hopeless } = patience()
    hopeless([waitingPod('a', 'ContainerCreating')])
    clock.now = 10_000_000
    expect(hopeless([waitingPod('a', 'ContainerCreating'), readyPod('b')])).toBeUndefined()
    expect(hopeless([])).toBeUndefined()
  })
})
