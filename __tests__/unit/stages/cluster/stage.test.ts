import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { PortMapping } from '../../../../src/config/ports.ts'
import { kindConfig } from '../../../../src/stages/cluster/cluster.ts'
import { type ClusterAdapters, type ClusterOptions, clusterStage, type Kind } from '../../../../src/stages/cluster/stage.ts'
import type { Kubernetes } from '../../../../src/stages/kubernetes.ts'
import type { Tool } from '../../../../src/stages/tools/tool.ts'

const ports = [
  { hostPort: 80, nodePort: 80, node: 'control-plane', input: 'http-port' },
  { hostPort: 443, nodePort: 443, node: 'control-plane', input: 'https-port' },
]
const options: ClusterOptions = {
  name: 'mine',
  nodeImage: 'kindest/node:v1.37.0',
  config: kindConfig({ workers: 2, image: 'kindest/node:v1.37.0', ports }),
  kubeconfig: '/tmp/run/kubeconfig',
  ports,
}
const kind: Tool = { name: 'kind', version: '0.33.0', path: '/cache/kind', from: 'download' }
const never = () => new Promise<never>(() => {})
const aborts: AbortController[] = []
afterEach(() => {
  for (const abort of aborts.splice(0)) abort.abort(new Error('the test is over'))
})
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A machine on which everything goes well; `more` says what does not. */
function machine(more: { kind?: Partial<Kind>; adapters?: Partial<ClusterAdapters>; answers?: Kubernetes['answers']; ports?: ClusterOptions['ports'] } = {}) {
  const journal: string[] = []
  const creation = Promise.withResolvers<void>()
  let creating: AbortSignal | undefined
  const program: Kind = {
    clusters: async () => ['another'],
    create: ({ name }, signal) => {
      journal.push(`create ${name}`)
      creating = signal
      return creation.promise
    },
    writeKubeconfig: async () => true,
    remove: async (name) => {
      journal.push(`remove ${name}`)
    },
    ...more.kind,
  }
  const adapters: ClusterAdapters = {
    findEngine: async () => ({ engine: 'podman', version: '5.7.0' }),
    kind: () => program,
    takenPorts: async () => [],
    publishedPorts: async (_, container) => {
      journal.push(`ports of ${container}`)
      return []
    },
    connect: async () => ({ answers: more.answers ?? (async () => true) }) as unknown as Kubernetes,
    claim: (cluster) => journal.push(cluster === null ? 'give up the claim' : `claim ${cluster.name}`),
    until: async (ask, signal) => {
      for (;;) {
        signal.throwIfAborted()
        const answer = await ask()
        if (answer !== false) return answer
        await settled()
      }
    },
    ...more.adapters,
  }
  const stage = clusterStage({ ...options, ...(more.ports && { ports: more.ports }) }, adapters)
  const abort = new AbortController()
  aborts.push(abort)
  const progress: string[] = []
  const boot = () => stage.run({ kind }, { signal: abort.signal, progress: (message) => progress.push(message) })
  const tearDown = () => stage.teardown?.(new AbortController().signal)
  return { journal, creation, boot, tearDown, abort, progress, stage, creating: () => creating }
}

describe('booting the cluster', () => {
  test('passes as soon as the API server answers, while workers still join', async () => {
    const { boot, creation, journal } = machine()
    const cluster = await boot()
    expect(cluster).toMatchObject({
      name: 'mine',
      engine: 'podman',
      engineVersion: '5.7.0',
      kubeconfig: '/tmp/run/kubeconfig',
      nodeImage: 'kindest/node:v1.37.0',
      nodeCount: 3,
      ports: [
        { hostPort: 80, nodePort: 80 },
        { hostPort: 443, nodePort: 443 },
      ],
    })
    expect(journal).toEqual(['claim mine', 'create mine'])
    creation.resolve()
    await expect(cluster.created).resolves.toBeUndefined()
  })

  test('claims the cluster before it exists, so that post finds it whatever happens', async () => {
    const { boot, journal } = machine({
      kind: {
        create: async () => {
          throw new Error('killed')
        },
      },
    })
    await expect(boot()).rejects.toThrow('killed')
    expect(journal).toEqual(['claim mine'])
  })

  test('waits for a kubeconfig and an answer', async () => {
    const journal: string[] = []
    let asked = 0
    const later = (what: string) => async () => {
      journal.push(what)
      asked += 1
      return asked % 3 === 0
    }
    const { boot } = machine({ kind: { writeKubeconfig: later('kubeconfig') }, answers: later('answers') })
    await boot()
    expect(journal).toEqual(['kubeconfig', 'kubeconfig', 'kubeconfig', 'answers', 'answers', 'answers'])
  })

  test('fails with kind, in the engine’s words, though nothing answers yet', async () => {
    const { boot, creation } = machine({ kind: { writeKubeconfig: async () => false } })
    const booted = boot()
    await settled()
    creation.reject(
      Object.assign(new Error('exit code 1'), {
        stderr: 'ERROR: failed to create cluster: exit status 126\n\nCommand Output: Error: listen tcp4 127.0.0.1:80: bind: address already in use',
      }),
    )
    await expect(booted).rejects.toMatchObject({ kind: 'infrastructure', message: expect.stringContaining('address already in use') })
  })

  test('does not take a kind that ends early for an API server that answers', async () => {
    const { boot, creation } = machine({ kind: { writeKubeconfig: async () => false } })
    let ended = false
    boot().then(
      () => {
        ended = true
      },
      () => {},
    )
    creation.resolve()
    await settled()
    expect(ended).toBe(false)
  })

  test('fails when nothing answers within a minute of kind’s end: the API server is somewhere else', async () => {
    jest.useFakeTimers()
    try {
      const { boot, creation } = machine({
        adapters: {
          until: never,
        },
      })
      const booted = boot()
      booted.catch(() => {})
      await jest.advanceTimersByTimeAsync(300_000)
      creation.resolve()
      await jest.advanceTimersByTimeAsync(60_000)
      await expect(booted).rejects.toMatchObject({
        kind: 'infrastructure',
        message: 'kind has created the cluster, but its API server does not answer on 127.0.0.1 within 60 s',
      })
    } finally {
      jest.useRealTimers()
    }
  })

  test('tells kind’s own steps', async () => {
    const { boot, progress } = machine({
      kind: {
        create: ({ onLine }) => {
          for (const line of [
            'Creating cluster "mine" ...',
            ' • Preparing nodes 📦 📦 📦   ...',
            ' ✓ Preparing nodes 📦 📦 📦',
            '',
            'Thanks for using kind! 😊',
          ])
            onLine(line)
          return never()
        },
      },
    })
    await boot()
    expect(progress).toEqual(['looking for a container engine', 'kind: Preparing nodes', 'kind: Preparing nodes'])
  })
})

describe('before anything exists', () => {
  test('a cluster of that name is an error with its remedy, and never ours to delete', async () => {
    const { boot, tearDown, journal } = machine({ kind: { clusters: async () => ['another', 'mine'] } })
    await expect(boot()).rejects.toMatchObject({
      kind: 'config',
      message: 'a kind cluster named mine exists already and was not created by this run, so it is left alone',
      remedy: 'Choose another cluster-name, or delete it: kind delete cluster --name mine',
    })
    await tearDown()
    expect(journal).toEqual([])
  })

  test('a taken port of the user’s own configuration is to be changed there', async () => {
    const { boot } = machine({
      ports: [{ hostPort: 8080, nodePort: 80, node: 'worker', input: 'kind-config' }],
      adapters: { takenPorts: async (given) => [...given] },
    })
    await expect(boot()).rejects.toMatchObject({
      message: 'port 8080 (kind-config) of this machine is already in use',
      remedy: 'Stop what listens there, or change hostPort in your kind-config; 0 takes a free one.',
    })
  })

  test('a port that the engine will choose cannot be taken', async () => {
    const asked: number[][] = []
    const takenPorts = async (given: readonly number[]) => {
      asked.push([...given])
      return []
    }
    const free = ports.map((port) => ({ ...port, hostPort: port.nodePort === 80 ? 0 : 443 }))
    const { boot } = machine({ ports: free, adapters: { takenPorts, publishedPorts: async () => [{ hostPort: 32768, nodePort: 80 }] } })
    await boot()
    expect(asked).toEqual([[443]])
  })

  test('a taken port is named with the input that moves it', async () => {
    const { boot, journal } = machine({ adapters: { takenPorts: async (ports) => [...ports] } })
    await expect(boot()).rejects.toMatchObject({
      kind: 'infrastructure',
      message: 'port 80 (http-port) and port 443 (https-port) of this machine is already in use',
      remedy: expect.stringContaining('http-port and https-port'),
    })
    expect(journal).toEqual([])
  })

  test('an engine that does not answer ends it', async () => {
    const { boot, journal } = machine({
      adapters: {
        findEngine: async () => {
          throw new Error('no container engine answers')
        },
      },
    })
    await expect(boot()).rejects.toThrow('no container engine answers')
    expect(journal).toEqual([])
  })
})

describe('taking the cluster down', () => {
  test('ends a creation under way, waits for its end, then deletes', async () => {
    const { boot, tearDown, journal, creation, creating } = machine()
    await boot()
    const down = tearDown()
    expect(creating()?.aborted).toBe(true)
    await settled()
    expect(journal).toEqual(['claim mine', 'create mine'])
    creation.reject(new Error('aborted'))
    await down
    expect(journal).toEqual(['claim mine', 'create mine', 'remove mine', 'give up the claim'])
  })

  test('follows a creation that failed: its nodes were kept for their logs', async () => {
    const { boot, tearDown, journal, creation } = machine()
    creation.reject(new Error('exit code 1'))
    await expect(boot()).rejects.toThrow('exit code 1')
    await tearDown()
    expect(journal).toContain('remove mine')
  })

  test('leaves a cluster alone that another run made at the same moment', async () => {
    const { boot, tearDown, journal, creation } = machine({ kind: { writeKubeconfig: async () => false } })
    const booted = boot()
    creation.reject(
      Object.assign(new Error('exit code 1'), { stderr: 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "mine"' }),
    )
    await expect(booted).rejects.toThrow('already exist')
    await tearDown()
    expect(journal).toEqual(['claim mine', 'create mine', 'give up the claim'])
  })

  test('that fails keeps the claim, so that post tries again', async () => {
    const { boot, tearDown, journal, creation } = machine({
      kind: {
        remove: async () => {
          throw new Error('busy')
        },
      },
    })
    creation.resolve()
    await boot()
    await expect(tearDown()).rejects.toThrow('busy')
    expect(journal).not.toContain('give up the claim')
  })

  test('when the stage never got anywhere does nothing', async () => {
    const { tearDown, journal } = machine()
    await tearDown()
    expect(journal).toEqual([])
  })

  test('a run that ends aborts the creation, which outlives its stage', async () => {
    const { boot, abort, creating } = machine()
    await boot()
    expect(creating()?.aborted).toBe(false)
    abort.abort(new Error('another stage failed'))
    expect(creating()?.aborted).toBe(true)
  })
})

describe('free ports', () => {
  const free = [
    { hostPort: 0, nodePort: 80, node: 'worker2', input: 'kind-config' },
    { hostPort: 8443, nodePort: 443, node: 'worker2', input: 'kind-config' },
    { hostPort: 0, nodePort: 30080, node: 'control-plane', input: 'kind-config' },
  ]

  test('are read back from the engine, each from its own node, and only those', async () => {
    const published: Record<string, PortMapping[]> = {
      'mine-worker2': [
        { hostPort: 32768, nodePort: 80 },
        { hostPort: 8443, nodePort: 443 },
      ],
      'mine-control-plane': [{ hostPort: 32770, nodePort: 30080 }],
    }
    const asked: string[] = []
    const { boot } = machine({
      ports: free,
      adapters: {
        publishedPorts: async (engine, container) => {
          asked.push(`${engine} ${container}`)
          return published[container] ?? []
        },
      },
    })
    expect((await boot()).ports).toEqual([
      { hostPort: 32768, nodePort: 80 },
      { hostPort: 8443, nodePort: 443 },
      { hostPort: 32770, nodePort: 30080 },
    ])
    expect(asked.sort()).toEqual(['podman mine-control-plane', 'podman mine-worker2'])
  })

  test('without any nobody is asked', async () => {
    const { boot, journal } = machine()
    await boot()
    expect(journal).toEqual(['claim mine', 'create mine'])
  })

  test('that the engine does not tell are a failure that names port and node', async () => {
    const { boot } = machine({ ports: free })
    await expect(boot()).rejects.toMatchObject({
      kind: 'infrastructure',
      message: 'podman does not say which port of 127.0.0.1 leads to port 80 of mine-worker2',
    })
  })
})

describe('what the report is told of the cluster', () => {
  test('is not the promise of its nodes, which no JSON can hold', async () => {
    const { boot, stage } = machine()
    expect(stage.data?.(await boot())).toMatchObject({
      name: 'mine',
      engine: 'podman',
      engineVersion: '5.7.0',
      nodeImage: 'kindest/node:v1.37.0',
      nodeCount: 3,
    })
    expect(stage.data?.(await boot())).not.toHaveProperty('created')
  })
})
