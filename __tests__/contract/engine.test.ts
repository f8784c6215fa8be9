import '../fakes/realm.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { findEngine, publishedPorts, takenPorts } from '../../src/adapters/engine.ts'
import { runProcess } from '../../src/adapters/process.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { hurried } from '../fakes/hurry.ts'
import { callsOf, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'))
})
afterEach(async () => {
  for (const name of ['docker', 'podman']) await endProgram(join(folder, name))
  await rm(folder, { recursive: true })
})

/** What the real clients do, as fixtures: `docker version` with its daemon and without, `podman info`. */
const docker = {
  answers: `say(JSON.stringify({ Platform: { Name: 'Docker Engine - Community' }, Version: '29.4.0', ApiVersion: '1.54', Os: 'linux' }) + '\\n')`,
  withoutDaemon: `say('null\\n'); complain('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\\n'); process.exit(1)`,
  // Docker Desktop's and podman-docker's wrappers have been seen to exit 0 all the same.
  withoutDaemonButFine: `say('null\\n')`,
}
const podman = {
  answers: `say(JSON.stringify({ host: { arch: 'amd64' }, version: { Version: '5.7.0', APIVersion: '5.7.0' } }, null, 2) + '\\n')`,
  broken: `complain('Error: cannot re-exec process to join the existing user namespace\\n'); process.exit(125)`,
}

async function find(programs: Partial<Record<'docker' | 'podman', string>>, env: Record<string, string> = {}, signal = new AbortController().signal) {
  for (const [name, script] of Object.entries(programs)) await writeProgram(folder, name, script)
  return await findEngine(runProcess, { PATH: folder, ...env }, signal)
}

describe('the engine', () => {
  test('is docker when both answer, as kind itself would choose', async () => {
    expect(await find({ docker: docker.answers, podman: podman.answers })).toEqual({ engine: 'docker', version: '29.4.0' })
  })

  test.each([
    ['there is no docker', {}],
    ['docker has no daemon', { docker: docker.withoutDaemon }],
    ['docker has no daemon and exits 0', { docker: docker.withoutDaemonButFine }],
    ['docker says something else', { docker: `say('Docker version 29.4.0, build 1\\n')` }],
  ])('is podman when %s', async (_, others) => {
    expect(await find({ ...others, podman: podman.answers })).toEqual({ engine: 'podman', version: '5.7.0' })
  })

  test('is asked without inputs and credentials, with what finds it', async () => {
    await find({ podman: podman.answers }, { GITHUB_TOKEN: 'ghs_1', INPUT_VUS: '3', CONTAINER_HOST: 'unix:///x.sock' })
    expect(callsOf(join(folder, 'podman'))).toMatchObject([{ args: ['info', '--format', 'json'], env: { CONTAINER_HOST: 'unix:///x.sock', PATH: folder } }])
    expect(Object.keys(callsOf(join(folder, 'podman'))[0]?.env ?? {}).sort()).toEqual(['CONTAINER_HOST', 'PATH'])
  })
})

describe('no engine', () => {
  test('names both and what they said', async () => {
    const failure = await failureOf(find({ docker: docker.withoutDaemon, podman: podman.broken }))
    expect(failure.message).toMatch(/^no container engine answers \(docker: .*Cannot connect to the Docker daemon.*; podman: .*cannot re-exec process/)
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringContaining('Start Docker or podman') })
  })

  test('says so, too, when neither is installed', async () => {
    expect((await failureOf(find({}))).message).toMatch(/^no container engine answers \(docker: .*ENOENT.*; podman: .*ENOENT/)
  })

  test('says that a client alone does not count', async () => {
    expect((await failureOf(find({ docker: docker.withoutDaemonButFine }))).message).toContain('docker: the client answers, its daemon does not')
  })
})

describe('KIND_EXPERIMENTAL_PROVIDER', () => {
  test('settles it, and the other one is not even asked', async () => {
    expect(await find({ docker: docker.answers, podman: podman.answers }, { KIND_EXPERIMENTAL_PROVIDER: 'podman' })).toMatchObject({ engine: 'podman' })
    expect(callsOf(join(folder, 'docker'))).toEqual([])
  })

  test('is no reason to take another one when that one does not answer', async () => {
    const failure = await failureOf(find({ docker: docker.withoutDaemon, podman: podman.answers }, { KIND_EXPERIMENTAL_PROVIDER: 'docker' }))
    expect(failure.message).toMatch(/^no container engine answers \(docker: /)
    expect(failure.message).not.toContain('podman')
  })

  test('that we do not know is a config failure, before anything is asked', async () => {
    const failure = await failureOf(find({ docker: docker.answers }, { KIND_EXPERIMENTAL_PROVIDER: 'nerdctl' }))
    expect(failure).toMatchObject({ kind: 'config', message: expect.stringContaining('nerdctl'), remedy: expect.any(String) })
    expect(callsOf(join(folder, 'docker'))).toEqual([])
  })

  test('that is empty counts as not set', async () => {
    expect(await find({ docker: docker.answers }, { KIND_EXPERIMENTAL_PROVIDER: '' })).toMatchObject({ engine: 'docker' })
  })
})

describe('an engine that hangs', () => {
  const started = (name: string) => eventually(`${name} runs`, () => callsOf(join(folder, name))[0])

  test('is given up after its deadline and ended, and the other one taken', async () => {
    expect(await hurried(() => find({ docker: 'forever()', podman: podman.answers }))).toMatchObject({ engine: 'podman' })
    const { pid } = await started('docker')
    await eventually('docker is gone', async () => !(await isAlive(pid)))
  })

  test('and is alone says so', async () => {
    const { message } = await hurried(() => failureOf(find({ docker: 'forever()' })))
    expect(message).toContain('docker: no answer within 15 s')
  })

  test('does not outlive an abort', async () => {
    const controller = new AbortController()
    const reason = new Error('the run is over')
    const finding = find({ docker: 'forever()' }, {}, controller.signal)
    finding.catch(() => {})
    const { pid } = await started('docker')
    controller.abort(reason)
    await expect(finding).rejects.toBe(reason)
    await eventually('docker is gone', async () => !(await isAlive(pid)))
  })
})

describe('taken ports', () => {
  const servers: Server[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  })
  async function listen(host: string): Promise<number> {
    const server = createServer()
    servers.push(server)
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
    return (server.address() as { port: number }).port
  }
  async function freePort(): Promise<number> {
    const port = await listen('127.0.0.1')
    await new Promise((resolve) => servers.pop()?.close(resolve))
    return port
  }

  test('are those that something listens on, in the order asked', async () => {
    const [free, first, second] = [await freePort(), await listen('127.0.0.1'), await listen('127.0.0.1')]
    expect(await takenPorts([second, free, first])).toEqual([second, first])
  })

  test('are also those of a program that listens everywhere', async () => {
    const port = await listen('0.0.0.0')
    expect(await takenPorts([port])).toEqual([port])
  })

  test('are free again afterwards: asking takes none', async () => {
    const port = await freePort()
    expect(await takenPorts([port])).toEqual([])
    expect(await takenPorts([port])).toEqual([])
  })

  test('can be none at all', async () => {
    expect(await takenPorts([])).toEqual([])
  })
})

describe('the ports of a container', () => {
  /** What both real clients print, the parts that matter. */
  const inspected = {
    '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }],
    '443/tcp': [
      { HostIp: '::', HostPort: '8444' },
      { HostIp: '0.0.0.0', HostPort: '8443' },
    ],
    '30080/tcp': [{ HostIp: '', HostPort: '30080' }],
    // Not for us: another protocol, another address, not published at all.
    '53/udp': [{ HostIp: '127.0.0.1', HostPort: '5353' }],
    '9000/tcp': [{ HostIp: '192.0.2.1', HostPort: '9000' }],
    '9001/tcp': null,
  }
  const printing = (ports: unknown) => `say(JSON.stringify([{ Id: 'f00', NetworkSettings: { Networks: {}, Ports: ${JSON.stringify(ports)} } }], null, 4))`
  const never = new AbortController().signal
  const before = process.env.PATH
  beforeEach(() => {
    process.env.PATH = folder
  })
  afterEach(() => {
    process.env.PATH = before
  })

  test.each(['docker', 'podman'] as const)('are read from %s’s own JSON, those that 127.0.0.1 leads to', async (engine) => {
    await writeProgram(folder, engine, printing(inspected))
    expect(await publishedPorts(runProcess, engine, 'mine-control-plane', never)).toEqual([
      { hostPort: 32768, nodePort: 80 },
      { hostPort: 8443, nodePort: 443 },
      { hostPort: 30080, nodePort: 30080 },
    ])
    expect(callsOf(join(folder, engine)).map(({ args }) => args)).toEqual([['container', 'inspect', 'mine-control-plane']])
  })

  test.each([
    ['none', {}],
    ['null', null],
  ])('are none when there are %s', async (_, ports) => {
    await writeProgram(folder, 'podman', printing(ports))
    expect(await publishedPorts(runProcess, 'podman', 'mine-control-plane', never)).toEqual([])
  })

  test('of a container that is not there are an error in the engine’s words', async () => {
    await writeProgram(folder, 'docker', `say('[]\\n'); complain('Error response from daemon: No such container: mine-worker\\n'); process.exit(1)`)
    await expect(publishedPorts(runProcess, 'docker', 'mine-worker', never)).rejects.toMatchObject({ stderr: expect.stringContaining('No such container') })
  })
})
