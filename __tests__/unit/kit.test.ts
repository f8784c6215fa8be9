import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { exitCode, kitEnvironment, parseVersions, requestedFile, serve, withDefaults } from '../../scripts/kit.ts'

const versionsJson = JSON.stringify({
  kubernetes: 'v1.34.4',
  kind: 'v0.33.0',
  k6: '2.0.0',
  etcd: '3.6.5',
  'http-echo': '1.0.0',
  'ingress-nginx': 'v1.11.0',
  traefik: '3.7.15',
  busybox: '1.35.0',
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kit-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the environment a kit gives', () => {
  test('names every input by what the kit holds', () => {
    expect(kitEnvironment(parseVersions(versionsJson), 'http://127.0.0.1:1234', '/bin-dir')).toEqual({
      KIND_EXPERIMENTAL_PROVIDER: 'podman',
      MLOPS_DOWNLOAD_MIRROR: 'http://127.0.0.1:1234',
      MLOPS_NODE_IMAGE: 'kindest/node:v1.34.4',
      MLOPS_KIND_VERSION: '0.33.0',
      MLOPS_KUBECTL_VERSION: '1.34.4',
      MLOPS_K6_VERSION: '2.0.0',
      MLOPS_IMAGE_OVERRIDES: [
        'ingress-nginx=registry.k8s.io/ingress-nginx/controller:v1.11.0',
        'traefik=traefik:v3.7.15',
        'k6=grafana/k6:2.0.0',
        'dns-probe=busybox:1.35.0',
        'http-echo=hashicorp/http-echo:1.0.0',
      ].join('\n'),
      MLOPS_KIT_BIN: '/bin-dir',
    })
  })

  test('leaves what the user has set, and takes empty for unset', () => {
    const user = { HOME: '/home/me', MLOPS_K6_VERSION: '2.3.0', MLOPS_NODE_IMAGE: '' }
    const kit = { MLOPS_K6_VERSION: '2.0.0', MLOPS_NODE_IMAGE: 'kindest/node:v1.34.4' }
    expect(withDefaults(user, kit)).toEqual({
      HOME: '/home/me',
      MLOPS_K6_VERSION: '2.3.0',
      MLOPS_NODE_IMAGE: 'kindest/node:v1.34.4',
    })
  })

  test('cannot be made from versions.json with gaps: all are named', () => {
    expect(() => parseVersions('{"kind":"v0.33.0","k6":2}')).toThrow(
      "the kit's versions.json has no kubernetes, k6, http-echo, ingress-nginx, traefik, busybox",
    )
  })
})

describe('a request to the mirror', () => {
  test.each([
    ['/dl/v0.33.0/kind', '/mirror/dl/v0.33.0/kind'],
    ['/dl/v0.33.0/kind?x=1', '/mirror/dl/v0.33.0/kind'],
    ['/a%20b', '/mirror/a b'],
    ['/a/../b', '/mirror/b'],
    ['/..data/x', '/mirror/..data/x'],
  ])('%s is %s', (target, file) => {
    expect(requestedFile('/mirror', target)).toBe(file)
  })

  test.each([
    ['/../secret'],
    ['/..%2fsecret'],
    ['/%2e%2e/secret'],
    ['/../mirror-of-others/secret'],
    ['/a/../../secret'],
    ['/'],
    ['/%00'],
    ['/%zz'],
    ['*'],
    [''],
    ['http://elsewhere/secret'],
  ])('%s is no file', (target) => {
    expect(requestedFile('/mirror', target)).toBeUndefined()
  })
})

describe('the mirror', () => {
  let mirror: Awaited<ReturnType<typeof serve>>
  beforeEach(async () => {
    await mkdir(join(folder, 'root', 'dl'), { recursive: true })
    await writeFile(join(folder, 'root', 'dl', 'kind'), 'a program')
    await writeFile(join(folder, 'secret'), 'not for you')
    mirror = await serve(join(folder, 'root'))
  })
  afterEach(() => mirror.close())

  // Not fetch: it tidies the path up before it asks.
  async function ask(path: string, method = 'GET') {
    const { hostname, port } = new URL(mirror.url)
    const [response] = await once(request({ hostname, port, path, method }).end(), 'response')
    return { status: response.statusCode, length: response.headers['content-length'], body: await text(response) }
  }

  test('serves files, their size and nothing above its folder', async () => {
    expect(mirror.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await ask('/dl/kind')).toEqual({ status: 200, length: '9', body: 'a program' })
    expect(await ask('/dl/kind', 'HEAD')).toEqual({ status: 200, length: '9', body: '' })
    expect(await ask('/dl/kind', 'PUT')).toMatchObject({ status: 405 })
    expect(await ask('/dl')).toMatchObject({ status: 404 })
    expect(await ask('/dl/other')).toMatchObject({ status: 404 })
    expect(await ask('/../secret')).toMatchObject({ status: 404, body: '' })
  })
})

describe('an exit code', () => {
  test('is the program’s own, or 128 + the signal that ended it', () => {
    expect([exitCode(0, null), exitCode(7, null), exitCode(null, 'SIGINT'), exitCode(null, 'SIGTERM')]).toEqual([0, 7, 130, 143])
  })
})

describe('node scripts/kit.ts', () => {
  const script = join(import.meta.dirname, '../../scripts/kit.ts')
  const printEnv = 'console.log(JSON.stringify(process.env))'

  function kit(command: string[], env: NodeJS.ProcessEnv = {}) {
    const clean = Object.entries(process.env).filter(([name]) => !/^(MLOPS_|KIND_|KIT_)/.test(name))
    return spawn(process.execPath, [script, ...command], { env: { ...Object.fromEntries(clean), ...env } })
  }

  async function outcome(child: ReturnType<typeof kit>) {
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code, stdout, stderr }
  }

  /** A kit that "unpacks" a versions.json and lays out one file, and notes each time it does. */
  async function fakeKit(): Promise<NodeJS.ProcessEnv> {
    const scripts = {
      'up.sh': `mkdir -p "$KIT_HOME/host" "$1"; echo stamp > "$KIT_HOME/stamp"
        echo '${versionsJson}' > "$KIT_HOME/host/versions.json"; echo up >> "$KIT_HOME/calls"; echo raising`,
      'mirror.sh': `echo from "$2" > "$1/file"; echo mirror >> "$KIT_HOME/calls"; echo a long list`,
    }
    for (const [name, body] of Object.entries(scripts)) {
      await writeFile(join(folder, name), `#!/bin/sh -e\n${body}\n`)
      await chmod(join(folder, name), 0o755)
    }
    return { MLOPS_KIT: folder, KIT_HOME: join(folder, 'home'), XDG_CACHE_HOME: join(folder, 'cache') }
  }

  test('without a kit only runs the command', async () => {
    const { code, stdout, stderr } = await outcome(kit([process.execPath, '-e', `${printEnv}; process.exitCode = 7`]))
    expect(code).toBe(7)
    expect(stderr).toBe('')
    expect(Object.keys(JSON.parse(stdout)).filter((name) => name.startsWith('MLOPS_'))).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('passes %s on to the command and takes its exit code', async (signal) => {
    const waiting = `process.once('${signal}', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')`
    const child = kit([process.execPath, '-e', waiting])
    child.stdout.once('data', () => child.kill(signal))
    expect(await outcome(child)).toMatchObject({ code: 3 })
  })

  test('reports a command that a signal ended as 128 + its number', async () => {
    expect(await outcome(kit([process.execPath, '-e', "process.kill(process.pid, 'SIGTERM')"]))).toMatchObject({
      code: 143,
    })
  })

  test('with a kit gives the command its environment and a mirror, made once', async () => {
    const env = await fakeKit()
    const command = [
      process.execPath,
      '-e',
      `fetch(process.env.MLOPS_DOWNLOAD_MIRROR + '/file').then((r) => r.text()).then((body) =>
        console.log(JSON.stringify({ body, bin: process.env.MLOPS_KIT_BIN, k6: process.env.MLOPS_K6_VERSION })))`,
    ]
    const first = await outcome(kit(command, env))
    const second = await outcome(kit(command, { ...env, MLOPS_K6_VERSION: '9.9.9' }))

    const cache = join(folder, 'cache', 'mlops-pipeline-action', 'kit')
    const seen = { body: `from ${join(folder, 'home', 'host')}\n`, bin: join(cache, 'bin') }
    expect(JSON.parse(first.stdout)).toEqual({ ...seen, k6: '2.0.0' })
    expect(JSON.parse(second.stdout)).toEqual({ ...seen, k6: '9.9.9' })
    expect([first.code, second.code]).toEqual([0, 0])
    expect(first.stderr).toContain('raising')
    expect(await readFile(join(folder, 'home', 'calls'), 'utf8')).toBe('up\nmirror\nup\n')
    expect((await readdir(cache)).map((name) => name.replace(/-.*/, '')).sort()).toEqual(['bin', 'mirror'])
  })

  test('under itself runs the command at once', async () => {
    const env = { ...(await fakeKit()), MLOPS_KIT_BIN: '/there' }
    expect(await outcome(kit([process.execPath, '-e', ''], env))).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test.each([
    ['no command', [], {}, 2, 'usage: '],
    ['an unknown command', ['no-such-program'], {}, 1, 'cannot run no-such-program'],
    ['a folder without a kit', ['true'], { MLOPS_KIT: '/no-such-kit' }, 1, '/no-such-kit/up.sh does not exist'],
  ])('says what is wrong with %s', async (_, command, env, code, message) => {
    const seen = await outcome(kit(command, env))
    expect(seen.code).toBe(code)
    expect(seen.stderr).toContain(message)
  })

  test('stops when the kit cannot be brought up', async () => {
    const env = await fakeKit()
    await writeFile(join(folder, 'up.sh'), '#!/bin/sh\necho no podman here >&2\nexit 9\n')
    const { code, stdout, stderr } = await outcome(kit([process.execPath, '-e', printEnv], env))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('no podman here')
    expect(stderr).toContain('up.sh')
    expect(stderr).toContain('exit code 9')
  })
})
