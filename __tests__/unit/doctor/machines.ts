import type { EngineFacts, MachineFacts, ProgramFacts } from '../../../src/doctor/facts.ts'

export const engine: EngineFacts = {
  name: 'docker',
  version: '29.4.0',
  rootless: false,
  cgroupVersion: 2,
  missingControllers: [],
  storageFolder: '/var/lib/docker',
  memoryBytes: 16e9,
  cpus: 4,
  remoteHost: null,
}

export const noEngine = { failure: 'no container engine answers (docker: not on PATH; podman: not on PATH)', remedy: 'Start Docker or podman.' }

export const absent: ProgramFacts = { path: null, version: null, cached: false }
export const onPath = (path: string, version: string | null): ProgramFacts => ({ path, version, cached: false })
export const cached: ProgramFacts = { path: null, version: null, cached: true }

export const offered = (host: string) => ({ host, status: 200, trouble: null })
export const unreachable = (host: string, trouble: string | null = 'no DNS answer') => ({ host, status: null, trouble })

/** A machine with nothing to complain about, with what a test changes. */
export function machineOf(more: Partial<MachineFacts> = {}): MachineFacts {
  return {
    platform: { os: 'linux', arch: 'x64', release: '6.18.4' },
    nodeVersion: '24.21.0',
    provider: null,
    engine,
    programs: { kind: absent, kubectl: absent, k6: absent, go: absent },
    toolCache: { folder: '/home/me/.cache/mlops-pipeline-action', trouble: null },
    downloads: { kind: offered('kind.sigs.k8s.io'), kubectl: offered('dl.k8s.io'), k6: offered('github.com') },
    takenPorts: [],
    unprivilegedPortStart: 1024,
    disks: [
      { use: 'temporary files', folder: '/tmp', freeBytes: 40e9 },
      { use: 'tool cache', folder: '/home/me/.cache/mlops-pipeline-action', freeBytes: 60e9 },
      { use: 'home', folder: '/home/me', freeBytes: 60e9 },
      { use: 'engine', folder: '/var/lib/docker', freeBytes: 50e9 },
    ],
    memory: { totalBytes: 16e9, availableBytes: 12e9 },
    cpus: 4,
    inotify: { watches: 524_288, instances: 512 },
    cgroupVersion: 2,
    proxy: { hosts: {}, noProxy: [] },
    clusters: [],
    surroundings: { wsl: false, container: false },
    ...more,
  }
}

/** What each check says where nothing can be found out. */
export const nothingKnown: MachineFacts = machineOf({
  engine: null,
  toolCache: null,
  downloads: { kind: null, kubectl: null, k6: null },
  takenPorts: null,
  unprivilegedPortStart: null,
  disks: [],
  inotify: null,
  cgroupVersion: null,
  clusters: null,
})

/** A laptop on which nothing is installed, far from any network. */
export const bareLaptop: MachineFacts = machineOf({
  engine: noEngine,
  clusters: null,
  disks: machineOf().disks.filter(({ use }) => use !== 'engine'),
  downloads: { kind: unreachable('kind.sigs.k8s.io'), kubectl: unreachable('dl.k8s.io'), k6: unreachable('github.com') },
})
