import { describe, expect, test } from '@jest/globals'
import type { CheckResult } from '../../../src/doctor/check.ts'
import { checks, diagnose, doctorExitCode, readiness } from '../../../src/doctor/checks.ts'
import type { MachineFacts, ProxyFacts } from '../../../src/doctor/facts.ts'
import { configOf } from '../runs.ts'
import { absent, bareLaptop, cached, engine, machineOf, noEngine, nothingKnown, offered, onPath, unreachable } from './machines.ts'

const config = configOf()

function look(name: string, facts: Partial<MachineFacts>, inputs: Record<string, string> = {}): CheckResult {
  const found = diagnose(machineOf(facts), configOf(inputs)).find((result) => result.name === name)
  if (!found) throw new Error(`no check ${name}`)
  return found
}

type Row = [name: string, status: CheckResult['status'], seen: string | RegExp, facts: Partial<MachineFacts>, remedy?: string | RegExp]

const podman = { ...engine, name: 'podman' as const, version: '5.7.0' }
const rootless = { ...podman, rootless: true }
const linux = { os: 'linux', arch: 'x64', release: '6.18.4' }
const mac = { os: 'darwin', arch: 'arm64', release: '25.1.0' }
const programs = machineOf().programs
const downloads = machineOf().downloads
const disk = (freeBytes: number | null, use: 'temporary files' | 'engine' = 'temporary files') => [{ use, folder: '/there', freeBytes }]
const go = onPath('/usr/local/go/bin/go', '1.26.8')
const k6Unreachable = { ...downloads, k6: unreachable('github.com') }

const rows: readonly Row[] = [
  ['platform', 'ok', 'linux x64 (6.18.4)', {}],
  ['platform', 'ok', 'darwin arm64 (25.1.0)', { platform: mac }],
  ['platform', 'ok', 'linux x64 (6.18.4, WSL)', { surroundings: { wsl: true, container: false } }],
  ['platform', 'problem', 'win32 x64 (10.0)', { platform: { os: 'win32', arch: 'x64', release: '10.0' } }, 'Run it inside WSL 2.'],
  ['platform', 'problem', /^linux riscv64/, { platform: { ...linux, arch: 'riscv64' } }, /Linux or macOS on x64 or arm64/],

  ['node', 'ok', '24.21.0', {}],
  ['node', 'ok', '22.19.0', { nodeVersion: '22.19.0' }],
  ['node', 'problem', '22.18.0, older than 22.19', { nodeVersion: '22.18.0' }, /Install Node 24/],
  ['node', 'problem', '20.20.1, older than 22.19', { nodeVersion: '20.20.1' }, /Install Node 24/],

  ['container', 'ok', 'not a container', {}],
  ['container', 'ok', 'WSL, not a container', { surroundings: { wsl: true, container: false } }],
  ['container', 'ok', 'a container', { surroundings: { wsl: false, container: true }, engine: podman }],
  ['container', 'ok', 'a container', { surroundings: { wsl: false, container: true }, engine: noEngine }],
  ['container', 'warning', /its ports open outside/, { surroundings: { wsl: false, container: true } }, /--network host/],

  ['provider', 'ok', 'not set: docker, else podman', {}],
  ['provider', 'ok', 'podman', { provider: 'podman' }],
  ['provider', 'problem', /^nerdctl, which/, { provider: 'nerdctl' }, 'Unset it, or set it to docker or podman.'],

  ['engine', 'ok', 'docker 29.4.0', {}],
  ['engine', 'ok', 'podman 5.7.0, rootless', { engine: rootless }],
  ['engine', 'ok', 'podman (version unknown)', { engine: { ...podman, version: null } }],
  ['engine', 'problem', noEngine.failure, { engine: noEngine }, 'Start Docker or podman.'],
  ['engine', 'problem', 'it broke', { engine: { failure: 'it broke', remedy: null } }, 'Start Docker or podman.'],
  ['engine', 'unknown', /did not say in time/, { engine: null }, /podman info/],
  ['engine', 'unknown', 'none is asked while KIND_EXPERIMENTAL_PROVIDER is nerdctl', { engine: noEngine, provider: 'nerdctl' }],

  ['engine-host', 'ok', 'yes', {}],
  ['engine-host', 'problem', /^no, on build\.example:/, { engine: { ...engine, remoteHost: 'build.example' } }, /^Unset DOCKER_HOST/],
  ['engine-host', 'problem', /^no, on build\.example:/, { engine: { ...podman, remoteHost: 'build.example' } }, /^Unset CONTAINER_HOST/],
  ['engine-host', 'unknown', 'no engine to ask', { engine: noEngine }],

  ['rootless', 'ok', 'no', {}],
  ['rootless', 'ok', /^yes, with cgroups version 2/, { engine: rootless }],
  ['rootless', 'warning', /does not tell what it may limit/, { engine: { ...rootless, missingControllers: null } }, /Delegate=yes/],
  ['rootless', 'problem', 'yes, without the cgroup controllers cpu, pids', { engine: { ...rootless, missingControllers: ['cpu', 'pids'] } }, /Delegate=yes/],
  ['rootless', 'problem', /cgroups version 1/, { engine: { ...rootless, cgroupVersion: 1 } }, /run podman as root/],
  ['rootless', 'unknown', 'docker does not say whether it is rootless', { engine: { ...engine, rootless: null } }],
  ['rootless', 'unknown', 'no engine to ask', { engine: noEngine }],

  ['cgroup', 'ok', 'version 2', {}],
  ['cgroup', 'ok', 'version 2', { cgroupVersion: 1 }], // the engine's counts
  ['cgroup', 'ok', 'only Linux has them', { platform: mac, engine: noEngine, cgroupVersion: null }],
  ['cgroup', 'warning', /^version 1/, { engine: noEngine, cgroupVersion: 1 }, /unified_cgroup_hierarchy/],
  ['cgroup', 'unknown', /could not be found out/, { engine: noEngine, cgroupVersion: null }],

  ['inotify', 'ok', 'max_user_watches 524288, max_user_instances 512', {}],
  ['inotify', 'ok', 'only Linux has them', { platform: mac, inotify: null }],
  ['inotify', 'warning', /too many open files/, { inotify: { watches: 524_287, instances: 512 } }, 'sudo sysctl -w fs.inotify.max_user_watches=524288'],
  ['inotify', 'warning', /too many open files/, { inotify: { watches: 524_288, instances: 128 } }, 'sudo sysctl -w fs.inotify.max_user_instances=512'],
  ['inotify', 'unknown', /could not be read/, { inotify: null }],

  ['memory', 'ok', '12 GB available of 16 GB', {}],
  ['memory', 'ok', '16 GB in all', { memory: { totalBytes: 16e9, availableBytes: null } }],
  ['memory', 'ok', /^4\.0 GB/, { memory: { totalBytes: 16e9, availableBytes: 4e9 } }],
  ['memory', 'warning', /^2\.0 GB/, { memory: { totalBytes: 16e9, availableBytes: 2e9 } }, /End what/],
  ['memory', 'warning', '3.9 GB available of 16 GB', { memory: { totalBytes: 16e9, availableBytes: 3.9e9 } }, /End what needs much/],
  ['memory', 'problem', '1.9 GB available of 16 GB', { memory: { totalBytes: 16e9, availableBytes: 1.9e9 } }, /End what needs much/],
  ['memory', 'ok', '12 GB available of 16 GB; the engine has 8.0 GB', { engine: { ...engine, memoryBytes: 8e9 } }],
  ['memory', 'warning', /the engine has 2\.1 GB/, { engine: { ...engine, memoryBytes: 2.1e9 } }, /virtual machine 4 GB/],

  ['cpus', 'ok', '4', {}],
  ['cpus', 'ok', '2', { cpus: 2 }],
  ['cpus', 'warning', '1', { cpus: 1 }, /2 or more/],
  ['cpus', 'warning', '4; the engine has 1', { engine: { ...engine, cpus: 1 } }, /Give the engine’s virtual machine/],

  ['disk', 'ok', '40 GB free in /tmp (temporary files)', {}],
  ['disk', 'ok', /^10 GB/, { disks: disk(10e9) }],
  ['disk', 'warning', /^2\.0 GB/, { disks: disk(2e9) }, /TMPDIR/],
  ['disk', 'warning', '9.9 GB free in /there (temporary files)', { disks: disk(9.9e9) }, /TMPDIR/],
  ['disk', 'problem', '1.9 GB free in /there (temporary files)', { disks: disk(1.9e9) }, /TMPDIR/],
  ['disk', 'ok', /^40 GB free in \/tmp/, { disks: [...machineOf().disks, ...disk(1e9, 'engine')] }],
  ['disk', 'unknown', /could not be found out/, { disks: disk(null) }],
  ['engine-disk', 'ok', '50 GB free in /var/lib/docker (engine)', {}],
  ['engine-disk', 'warning', '2.1 GB free in /there (engine)', { disks: disk(2.1e9, 'engine') }, /docker system prune/],
  ['engine-disk', 'problem', '0.5 GB free in /there (engine)', { disks: disk(0.5e9, 'engine') }, /docker system prune/],
  ['engine-disk', 'unknown', /where this machine cannot look/, { disks: disk(null, 'engine') }, /docker system df/],
  ['engine-disk', 'unknown', 'no engine to ask', { engine: noEngine }],

  ['kind', 'ok', '0.33.0 at /bin/kind', { programs: { ...programs, kind: onPath('/bin/kind', '0.33.0') } }],
  ['k6', 'ok', '2.3.0 in the tool cache', { programs: { ...programs, k6: cached } }],
  ['k6', 'ok', 'not on PATH; 2.3.0 will be downloaded from github.com', {}],
  ['k6', 'ok', '2.0.0 at /bin/k6, wanted is 2.3.0; 2.3.0 will be downloaded from github.com', { programs: { ...programs, k6: onPath('/bin/k6', '2.0.0') } }],
  ['k6', 'ok', /2\.3\.0, or the nearest to it, can be built by go install, since Go is here$/, { programs: { ...programs, go }, downloads: k6Unreachable }],
  [
    'k6',
    'problem',
    '2.0.0 at /bin/k6, wanted is 2.3.0, which cannot be downloaded',
    { programs: { ...programs, k6: onPath('/bin/k6', '2.0.0') }, downloads: k6Unreachable },
    '--k6-version 2.0.0 takes the one on PATH.',
  ],
  [
    'k6',
    'problem',
    'not on PATH, and it cannot be downloaded',
    { downloads: k6Unreachable },
    'Put k6 2.3.0 on PATH, install Go or set --download-mirror to a host this machine can reach.',
  ],
  ['k6', 'problem', /^not on PATH/, { downloads: { ...downloads, k6: { host: 'github.com', status: 404, trouble: null } } }, /download-mirror/],
  [
    'k6',
    'problem',
    /^an unknown version at \/bin\/k6/,
    { programs: { ...programs, k6: onPath('/bin/k6', null) }, downloads: k6Unreachable },
    /download-mirror/,
  ],
  ['k6', 'unknown', /could not be found out$/, { downloads: { ...downloads, k6: null } }, /Put k6/],
  [
    'k6',
    'problem',
    /^not on PATH/, // the host was reached, and go install is for hosts that are not
    { programs: { ...programs, go }, downloads: { ...downloads, k6: { host: 'github.com', status: 404, trouble: null } } },
    /download-mirror/,
  ],
  ['kubectl', 'ok', '1.36.4 at /bin/kubectl', { programs: { ...programs, kubectl: onPath('/bin/kubectl', '1.36.4') } }],
  ['kubectl', 'ok', '1.38.0 at /bin/kubectl', { programs: { ...programs, kubectl: onPath('/bin/kubectl', '1.38.0') } }],
  [
    'kubectl',
    'problem',
    /^1\.35\.0 at \/bin\/kubectl/,
    { programs: { ...programs, kubectl: onPath('/bin/kubectl', '1.35.0') }, downloads: { ...downloads, kubectl: unreachable('dl.k8s.io') } },
    /more than one minor away/,
  ],
  ['kubectl', 'problem', /^not on PATH/, { programs: { ...programs, go }, downloads: { ...downloads, kubectl: unreachable('dl.k8s.io') } }, /^Put kubectl/],
  ['go', 'ok', '1.26.8 at /usr/local/go/bin/go', { programs: { ...programs, go } }],
  ['go', 'ok', /^not on PATH/, {}],

  ['tool-cache', 'ok', '/home/me/.cache/mlops-pipeline-action', {}],
  [
    'tool-cache',
    'problem',
    '/c cannot be written to: no right; kind, kubectl, k6 would have to go there',
    { toolCache: { folder: '/c', trouble: 'no right' } },
    /rights/,
  ],
  [
    'tool-cache',
    'warning',
    '/c cannot be written to: no right',
    { toolCache: { folder: '/c', trouble: 'no right' }, programs: { kind: cached, kubectl: cached, k6: onPath('/bin/k6', '2.3.0'), go: absent } },
    /rights/,
  ],
  [
    'tool-cache',
    'problem',
    '/c cannot be written to: no right; k6 would have to go there',
    { toolCache: { folder: '/c', trouble: 'no right' }, programs: { ...programs, kind: cached, kubectl: cached } },
    /rights/,
  ],
  ['tool-cache', 'unknown', /could not be looked at/, { toolCache: null }],

  ['downloads', 'ok', 'kind.sigs.k8s.io, dl.k8s.io, github.com reachable', {}],
  ['downloads', 'ok', 'mirror:80 reachable', { downloads: { kind: offered('mirror:80'), kubectl: offered('mirror:80'), k6: offered('mirror:80') } }],
  ['downloads', 'ok', /reachable$/, { downloads: { ...downloads, k6: { host: 'github.com', status: 302, trouble: null } } }],
  ['downloads', 'warning', 'github.com not reachable (no DNS answer)', { downloads: k6Unreachable }, /^To download: set --download-mirror/],
  [
    'downloads',
    'warning',
    'kind.sigs.k8s.io, dl.k8s.io, github.com not reachable (no DNS answer)',
    { downloads: bareLaptop.downloads, programs: { ...programs, kind: cached, go } },
    'kind is here already. k6 can be built by go install, since Go is here. To download: set --download-mirror, or HTTPS_PROXY where there is a proxy.',
  ],
  ['downloads', 'warning', /./, { downloads: k6Unreachable, programs: { ...programs, k6: cached } }, 'k6 is here already.'],
  [
    'downloads',
    'warning',
    'github.com answers 404 for k6 2.3.0',
    { downloads: { ...downloads, k6: { host: 'github.com', status: 404, trouble: null } } },
    'Check the version.',
  ],
  ['downloads', 'unknown', /in time$/, { downloads: nothingKnown.downloads }],

  ['ports', 'ok', '80, 443, 30080, 30081 free', {}],
  [
    'ports',
    'problem',
    '80 (http-port) is taken by nginx (pid 42), 30081 (NodePort of a service) is taken',
    {
      takenPorts: [
        { port: 30_081, listener: null },
        { port: 80, listener: 'nginx (pid 42)' },
      ],
    },
    'End what listens there, or choose others with --http-port.',
  ],
  ['ports', 'problem', /30080/, { takenPorts: [{ port: 30_080, listener: null }] }, 'End what listens there.'],
  ['ports', 'unknown', /could not be found out/, { takenPorts: null }],

  ['low-ports', 'ok', 'the engine has them', {}],
  ['low-ports', 'ok', 'the engine has them', { platform: mac, engine: rootless, unprivilegedPortStart: null }],
  ['low-ports', 'ok', 'a rootless engine may open ports from 80 up', { engine: rootless, unprivilegedPortStart: 80 }],
  ['low-ports', 'problem', /from 1024 up, not 80 and 443$/, { engine: rootless }, /^--http-port 8080 --https-port 8443, or .*ip_unprivileged_port_start=80/],
  ['low-ports', 'problem', /from 100 up, not 80$/, { engine: rootless, unprivilegedPortStart: 100 }, /--http-port/],
  ['low-ports', 'unknown', /could not be read/, { engine: rootless, unprivilegedPortStart: null }],
  ['low-ports', 'unknown', 'no engine to ask', { engine: noEngine }],

  ['existing-cluster', 'ok', 'mlops-test-cluster is free', { clusters: ['another'] }],
  [
    'existing-cluster',
    'problem',
    /^a cluster mlops-test-cluster exists/,
    { clusters: ['mlops-test-cluster'] },
    /kind delete cluster --name mlops-test-cluster/,
  ],
  ['existing-cluster', 'unknown', 'kind is not here to ask', { clusters: null }],
  ['existing-cluster', 'unknown', 'no engine to ask', { clusters: null, engine: noEngine }],

  ['proxy', 'ok', 'none', {}],
]

describe('each check', () => {
  const matching = (words: string | RegExp | null) => (words instanceof RegExp ? expect.stringMatching(words) : words)

  // jest would hand a callback to a test that takes more than its row has.
  test.each(rows.map(([name, status, seen, facts, remedy = null]) => ({ name, status, seen, facts, remedy })))(
    '$name is $status: $seen',
    ({ name, status, seen, facts, remedy }) => {
      expect(look(name, facts)).toMatchObject({ name, status, seen: matching(seen), remedy: matching(remedy) })
    },
  )

  test('has a name of its own and is tried above', () => {
    const names = checks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => !rows.some((row) => row[0] === name))).toEqual([])
  })

  test('looks at the versions, ports and name that were asked for', () => {
    expect(look('k6', { programs: { ...programs, k6: onPath('/bin/k6', '1.8.1') } }, { 'k6-version': '1.8.1' }).seen).toBe('1.8.1 at /bin/k6')
    expect(look('kubectl', { programs: { ...programs, kubectl: onPath('/bin/kubectl', '1.34.0') } }, { 'kubernetes-version': '1.35' }).status).toBe('ok')
    expect(look('low-ports', { engine: rootless }, { 'http-port': '8080', 'https-port': '8443' }).status).toBe('ok')
    expect(look('low-ports', { engine: rootless, unprivilegedPortStart: null }, { 'http-port': '8080', 'https-port': '8443' }).status).toBe('ok')
    expect(look('ports', {}, { 'http-port': '8080' }).seen).toBe('8080, 443, 30080, 30081 free')
    expect(look('ports', {}, { ingress: 'none' }).seen).toBe('30080, 30081 free')
    expect(look('ports', {}, { 'http-port': '0' })).toMatchObject({ status: 'ok', seen: 'free ones will be taken' })
    expect(look('low-ports', { engine: rootless }, { 'http-port': '0' }).status).toBe('ok')
    const missing = { kind: { host: 'mirror', status: 404, trouble: null }, kubectl: offered('mirror'), k6: offered('mirror') }
    expect(look('downloads', { downloads: missing }, { 'download-mirror': 'http://mirror' }).remedy).toBe(
      'Check the version and what the download mirror holds.',
    )
    expect(look('existing-cluster', { clusters: ['mine'] }, { 'cluster-name': 'mine' }).status).toBe('problem')
  })
})

describe('the proxy', () => {
  const proxied = (...noProxy: string[]): Partial<MachineFacts> => ({ proxy: { hosts: { HTTPS_PROXY: 'proxy:3128' }, noProxy } satisfies ProxyFacts })
  const complete = ['127.0.0.1', 'localhost', '10.96.0.0/12', '10.244.0.0/16', '.svc', '.cluster.local']

  test.each<[string, string[]]>([
    ['names each', complete],
    ['is everything', ['*']],
    ['holds wider ranges', ['127.0.0.0/8', 'LOCALHOST', '10.0.0.0/8', 'svc', '*.cluster.local']],
  ])('is fine when NO_PROXY %s', (_, noProxy) => {
    expect(look('proxy', proxied(...noProxy))).toMatchObject({ status: 'ok', seen: 'HTTPS_PROXY proxy:3128, with the NO_PROXY a cluster needs' })
  })

  test.each(complete)('needs %s in NO_PROXY', (entry) => {
    const rest = complete.filter((each) => each !== entry)
    expect(look('proxy', proxied(...rest))).toMatchObject({
      status: 'warning',
      seen: `HTTPS_PROXY proxy:3128; NO_PROXY lacks ${entry}`,
      remedy: `export NO_PROXY=${[...rest, entry].join(',')}`,
    })
  })

  test.each(['10.96.0.0/16', '10.96.0.1', '10.100.0.0/12x', '11.0.0.0/8'])('is not satisfied by %s for the services’ range', (entry) => {
    const rest = complete.filter((each) => each !== '10.96.0.0/12')
    expect(look('proxy', proxied(...rest, entry)).seen).toMatch(/lacks 10\.96\.0\.0\/12$/)
  })
})

describe('every check', () => {
  test.each([
    ['a good machine', machineOf()],
    ['a bare laptop', bareLaptop],
    ['a machine that tells nothing', nothingKnown],
  ])('is reported, in order: %s', (_, facts) => {
    expect(diagnose(facts, config).map(({ name }) => name)).toEqual(checks.map(({ name }) => name))
  })

  test('of a machine that tells nothing is never a problem', () => {
    expect(diagnose(nothingKnown, config).filter(({ status }) => status === 'problem' || status === 'warning')).toEqual([])
  })
})

describe('a run is possible', () => {
  test.each<[ReturnType<typeof readiness>, 0 | 2, string, MachineFacts]>([
    ['kind', 0, 'on a good machine', machineOf()],
    ['kind', 0, 'with a warning', machineOf({ cpus: 1 })],
    ['local', 0, 'without an engine', machineOf({ engine: noEngine, clusters: null })],
    ['local', 0, 'when no engine answered in time', nothingKnown],
    ['local', 0, 'with a taken port', machineOf({ takenPorts: [{ port: 80, listener: null }] })],
    ['none', 2, 'not without k6', bareLaptop],
    ['none', 2, 'not on an old Node', machineOf({ nodeVersion: '20.1.0' })],
  ])('%s, exit code %i: %s', (expected, exitCode, _, facts) => {
    const results = diagnose(facts, config)
    expect(readiness(results)).toBe(expected)
    expect(doctorExitCode(results)).toBe(exitCode)
  })
})
