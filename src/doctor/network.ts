import { podSubnet, serviceSubnet } from '../stages/cluster/cluster.ts'
import type { ToolName } from '../stages/tools/tool.ts'
import { type Check, ok, problem, unknown, warning } from './check.ts'
import type { DoctorConfig, DownloadFacts } from './facts.ts'
import { canBeBuilt, isAtHand, isOffered, wantedVersion } from './programs.ts'

export const downloadCheck: Check = {
  name: 'downloads',
  title: 'Downloads',
  rulesOut: 'every run',
  look: (facts, config) => {
    const asked = (Object.entries(facts.downloads) as [ToolName, DownloadFacts | null][]).flatMap(([name, download]) => (download ? [{ name, download }] : []))
    if (asked.length === 0) return unknown('the hosts could not be asked in time')
    const withheld = asked.filter(({ download }) => !isOffered(download))
    if (withheld.length === 0) return ok(`${[...new Set(asked.map(({ download }) => download.host))].join(', ')} reachable`)

    const silent = Map.groupBy(
      withheld.filter(({ download }) => download.status === null),
      ({ download }) => download.trouble ?? 'no answer',
    )
    const words = [
      ...[...silent].map(([trouble, those]) => `${[...new Set(those.map(({ download }) => download.host))].join(', ')} not reachable (${trouble})`),
      ...withheld.flatMap(({ name, download: { host, status } }) =>
        status === null ? [] : [`${host} answers ${status} for ${name} ${wantedVersion(name, config)}`],
      ),
    ]
    const names = withheld.map(({ name }) => name)
    const here = names.filter((name) => isAtHand(name, facts, config))
    const built = names.filter((name) => !here.includes(name) && canBeBuilt(name, facts))
    const left = withheld.filter(({ name }) => !here.includes(name) && !built.includes(name))
    const remedy = [
      here.length > 0 ? `${list(here)} ${here.length > 1 ? 'are' : 'is'} here already.` : null,
      built.length > 0 ? `${list(built)} can be built by go install, since Go is here.` : null,
      silent.size > 0 && here.length < names.length ? 'To download: set --download-mirror, or HTTPS_PROXY where there is a proxy.' : null,
      left.some(({ download }) => download.status !== null) ? `Check the version${config.downloadMirror ? ' and what the download mirror holds' : ''}.` : null,
    ].filter((part) => part !== null)
    return warning(words.join('; '), remedy.join(' '))
  },
}

function list(names: readonly string[]): string {
  return names.join(', ').replace(/, ([^,]*)$/, ' and $1')
}

/** Every port of 127.0.0.1 that a cluster opens, with what it is for; not those the engine is to choose. */
export function wantedPorts({ ports }: Pick<DoctorConfig, 'ports'>): readonly { port: number; use: string }[] {
  return ports.filter(({ hostPort }) => hostPort !== 0).map(({ hostPort, input }) => ({ port: hostPort, use: input }))
}

export const portCheck: Check = {
  name: 'ports',
  title: 'Ports on 127.0.0.1',
  rulesOut: 'cluster',
  look: ({ takenPorts }, config) => {
    const wanted = wantedPorts(config)
    if (!takenPorts) return unknown('whether they are free could not be found out')
    const taken = wanted.flatMap(({ port, use }) => {
      const found = takenPorts.find((each) => each.port === port)
      return found ? [{ use, said: `${port} (${use}) is taken${found.listener === null ? '' : ` by ${found.listener}`}` }] : []
    })
    if (wanted.length === 0) return ok('free ones will be taken')
    if (taken.length === 0) return ok(`${wanted.map(({ port }) => port).join(', ')} free`)
    const options = taken.flatMap(({ use }) => (use.endsWith('-port') ? [`--${use}`] : []))
    const remedy = `End what listens there${options.length > 0 ? `, or choose others with ${options.join(' and ')}` : ''}.`
    return problem(taken.map(({ said }) => said).join(', '), remedy)
  },
}

export const lowPortCheck: Check = {
  name: 'low-ports',
  title: 'Rights to open ports',
  rulesOut: 'cluster',
  look: ({ engine, unprivilegedPortStart, platform }, config) => {
    if (!engine || 'failure' in engine) return unknown('no engine to ask')
    if (!engine.rootless || platform.os !== 'linux') return ok('the engine has them')
    const wanted = wantedPorts(config).map(({ port }) => port)
    const lowest = Math.min(...wanted, 65_535)
    if (unprivilegedPortStart === null) {
      // 1024 is the kernel's default.
      return lowest >= 1024 ? ok('every port is 1024 or higher') : unknown('net.ipv4.ip_unprivileged_port_start could not be read')
    }
    if (lowest >= unprivilegedPortStart) return ok(`a rootless engine may open ports from ${unprivilegedPortStart} up`)
    return problem(
      `a rootless engine may open ports from ${unprivilegedPortStart} up, not ${wanted.filter((port) => port < unprivilegedPortStart).join(' and ')}`,
      `--http-port 8080 --https-port 8443, or “sudo sysctl -w net.ipv4.ip_unprivileged_port_start=${lowest}”.`,
    )
  },
}

/** What must never go through a proxy: this machine, and the cluster's addresses and names. */
const direct = ['127.0.0.1', 'localhost', serviceSubnet, podSubnet, '.svc', '.cluster.local']

export const proxyCheck: Check = {
  name: 'proxy',
  title: 'Proxy',
  rulesOut: 'every run',
  look: ({ proxy: { hosts, noProxy } }) => {
    const set = Object.entries(hosts)
    if (set.length === 0) return ok('none')
    const seen = set.map(([name, host]) => `${name} ${host}`).join(', ')
    const missing = direct.filter((target) => !noProxy.some((entry) => exempts(entry, target)))
    if (missing.length === 0) return ok(`${seen}, with the NO_PROXY a cluster needs`)
    return warning(`${seen}; NO_PROXY lacks ${missing.join(', ')}`, `export NO_PROXY=${[...noProxy, ...missing].join(',')}`)
  },
}

/** Whether an entry of NO_PROXY covers an address, a range or a domain. */
function exempts(entry: string, target: string): boolean {
  if (entry === '*') return true
  const outer = range(entry)
  const inner = range(target)
  if (outer && inner) return outer.first <= inner.first && outer.last >= inner.last
  return entry.replace(/^\*?\./, '').toLowerCase() === target.replace(/^\./, '')
}

/** First and last address of `10.0.0.0/8` or of one address; undefined for a name. */
function range(text: string): { first: number; last: number } | undefined {
  const [, a, b, c, d, bits = '32'] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text) ?? []
  if (a === undefined) return undefined
  const size = 2 ** (32 - Number(bits))
  const address = [a, b, c, d].reduce((sum, byte) => sum * 256 + Number(byte), 0)
  const first = Math.floor(address / size) * size
  return { first, last: first + size - 1 }
}
