import { type Check, formatGigabytes, ok, problem, unknown, warning } from './check.ts'
import type { DiskFacts, EngineFacts, MachineFacts } from './facts.ts'

const gigabyte = 1e9

export const platformCheck: Check = {
  name: 'platform',
  title: 'Platform',
  rulesOut: 'every run',
  look: ({ platform: { os, arch, release }, surroundings }) => {
    const seen = `${os} ${arch} (${release}${surroundings.wsl ? ', WSL' : ''})`
    if ((os === 'linux' || os === 'darwin') && (arch === 'x64' || arch === 'arm64')) return ok(seen)
    const remedy = os === 'win32' ? 'Run it inside WSL 2.' : 'Use Linux or macOS on x64 or arm64: kind, kubectl and k6 need it.'
    return problem(seen, remedy)
  },
}

const nodeVersionMin = '22.19'

export const nodeCheck: Check = {
  name: 'node',
  title: 'Node',
  rulesOut: 'every run',
  look: ({ nodeVersion }) => {
    const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
    if (major > 22 || (major === 22 && minor >= 19)) return ok(nodeVersion)
    return problem(`${nodeVersion}, older than ${nodeVersionMin}`, 'Install Node 24, which the action runs on.')
  },
}

export const containerCheck: Check = {
  name: 'container',
  title: 'Surroundings',
  rulesOut: 'cluster',
  look: ({ surroundings: { container, wsl }, engine }) => {
    if (!container) return ok(wsl ? 'WSL, not a container' : 'not a container')
    // A podman in a container is its own; a docker there is nearly always the socket of the machine around it.
    if (!engine || 'failure' in engine || engine.name === 'podman') return ok('a container')
    return warning(
      'a container: if docker’s socket comes from outside, its ports open outside, not on this 127.0.0.1',
      'Start the container with --network host, or run outside of it.',
    )
  },
}

export const diskCheck: Check = {
  name: 'disk',
  title: 'Disk space',
  rulesOut: 'every run',
  look: ({ disks }) => space(disks.filter(({ use }) => use !== 'engine')),
}

export const engineDiskCheck: Check = {
  name: 'engine-disk',
  title: 'Disk space for images',
  rulesOut: 'cluster',
  look: ({ disks, engine }) => {
    if (!engine || 'failure' in engine) return unknown('no engine to ask')
    const disk = disks.filter(({ use, freeBytes }) => use === 'engine' && freeBytes !== null)
    if (disk.length === 0) return unknown(`${engine.name} keeps its images where this machine cannot look`, `Ask it with “${engine.name} system df”.`)
    return space(disk, `Free some, for example with “${engine.name} system prune”.`)
  },
}

function space(disks: readonly DiskFacts[], remedy = 'Free some, or set TMPDIR and XDG_CACHE_HOME to where there is more.') {
  const known = disks.flatMap(({ freeBytes, ...disk }) => (freeBytes === null ? [] : [{ ...disk, freeBytes }])).sort((a, b) => a.freeBytes - b.freeBytes)
  const [least] = known
  if (!least) return unknown('free space could not be found out')
  // Folders of one disk are as full as each other: one figure says it.
  const low = known.filter(({ freeBytes }) => freeBytes < 10 * gigabyte)
  const shown = [...new Map((low.length > 0 ? low : [least]).map((disk) => [formatGigabytes(disk.freeBytes), disk])).values()]
  const seen = shown.map(({ freeBytes, folder, use }) => `${formatGigabytes(freeBytes)} free in ${folder} (${use})`).join(', ')
  if (least.freeBytes < 2 * gigabyte) return problem(seen, remedy)
  return least.freeBytes < 10 * gigabyte ? warning(seen, remedy) : ok(seen)
}

export const memoryCheck: Check = {
  name: 'memory',
  title: 'Memory',
  rulesOut: 'cluster',
  look: ({ memory, engine }) => {
    const available = memory.availableBytes ?? memory.totalBytes
    const own = `${formatGigabytes(available)} ${memory.availableBytes === null ? '' : 'available of '}${memory.availableBytes === null ? 'in all' : formatGigabytes(memory.totalBytes)}`
    // Docker Desktop's and podman's virtual machines have a share of this machine.
    const share = shareOf(engine, 'memoryBytes', memory.totalBytes)
    const least = Math.min(available, share ?? available)
    const seen = share === null ? own : `${own}; the engine has ${formatGigabytes(share)}`
    const remedy = share === least ? 'Give the engine’s virtual machine 4 GB or more.' : 'End what needs much of it: three nodes and their services want 4 GB.'
    if (least < 2 * gigabyte) return problem(seen, remedy)
    return least < 4 * gigabyte ? warning(seen, remedy) : ok(seen)
  },
}

export const cpuCheck: Check = {
  name: 'cpus',
  title: 'CPUs',
  rulesOut: 'cluster',
  look: ({ cpus, engine }) => {
    const share = shareOf(engine, 'cpus', cpus)
    const seen = share === null ? String(cpus) : `${cpus}; the engine has ${share}`
    if (Math.min(cpus, share ?? cpus) >= 2) return ok(seen)
    return warning(
      seen,
      share === null ? 'Use a machine with 2 or more: the boot will be slow and the latencies high.' : 'Give the engine’s virtual machine 2 or more.',
    )
  },
}

/** What a virtual machine of the engine has, null when the engine has all of this machine. */
function shareOf(engine: MachineFacts['engine'], what: keyof EngineFacts & ('memoryBytes' | 'cpus'), all: number): number | null {
  if (!engine || 'failure' in engine || engine.remoteHost !== null) return null
  const has = engine[what]
  // Two ways to read the same memory differ by a little.
  return has !== null && has < all * 0.95 ? has : null
}

const inotifyWanted = { watches: 524_288, instances: 512 } as const

export const inotifyCheck: Check = {
  name: 'inotify',
  title: 'inotify limits',
  rulesOut: 'cluster',
  look: ({ platform, inotify }) => {
    if (platform.os !== 'linux') return ok('only Linux has them')
    if (!inotify) return unknown('/proc/sys/fs/inotify could not be read')
    const seen = `max_user_watches ${inotify.watches}, max_user_instances ${inotify.instances}`
    const settings = [
      inotify.watches < inotifyWanted.watches ? `fs.inotify.max_user_watches=${inotifyWanted.watches}` : null,
      inotify.instances < inotifyWanted.instances ? `fs.inotify.max_user_instances=${inotifyWanted.instances}` : null,
    ].filter((setting) => setting !== null)
    if (settings.length === 0) return ok(seen)
    // https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files
    return warning(`${seen}: pods may end with “too many open files”`, `sudo sysctl -w ${settings.join(' ')}`)
  },
}

export const cgroupCheck: Check = {
  name: 'cgroup',
  title: 'cgroups',
  rulesOut: 'cluster',
  look: ({ platform, cgroupVersion, engine }) => {
    const version = (engine && !('failure' in engine) ? engine.cgroupVersion : null) ?? cgroupVersion
    if (version === 2) return ok('version 2')
    if (version === 1) return warning('version 1, which Kubernetes is giving up', 'Boot with systemd.unified_cgroup_hierarchy=1, or use a newer distribution.')
    return platform.os === 'linux' ? unknown('the version could not be found out') : ok('only Linux has them')
  },
}
