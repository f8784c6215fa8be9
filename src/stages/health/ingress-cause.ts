import type { IngressObject } from '../kubernetes.ts'
import { type ServiceCause, type Sight, unhealthyProbe } from './sight.ts'

const compare = 'Compare the Ingress with the host, the path and the Service that requests go to.'

/** Why the way through the ingress fails while the service itself is well, as far as the cluster's Ingresses tell. */
export function ingressCause(sight: Sight): ServiceCause | undefined {
  const probe = unhealthyProbe(sight, 'ingress')
  const { baseUrl } = sight
  switch (probe?.code) {
    case 'refused':
      return {
        code: 'refused',
        words: `nothing takes the connection at ${baseUrl} (${probe.seen})`,
        remedy: 'Check base-url, and that the ingress controller still runs.',
      }
    case 'dns':
      return { code: 'dns', words: `the host of ${baseUrl} does not resolve (${probe.seen})`, remedy: 'Check base-url, and this machine’s name servers.' }
    case 'no-answer':
      return {
        code: 'no-answer',
        words: `the ingress at ${baseUrl} does not answer (${probe.seen})`,
        remedy: 'Look at the log of the ingress controller in the artifact.',
      }
    case 'ingress-no-rule':
      return routeCause(sight) ?? ownAnswer(sight) ?? unserved(sight)
    case 'ingress-no-backend':
      return (
        routeCause(sight) ?? {
          code: 'ingress-no-backend',
          words: `the ingress answers ${probe.seen.split(':')[0]}, although the rule for ${sight.service.host} leads to the Service ${sight.service.name}`,
          remedy: 'Look at the log of the ingress controller: it does not reach the pods.',
        }
      )
    case 'wrong-answer':
      return routeCause(sight)
    default:
      return undefined
  }
}

interface Route {
  readonly ingress: string
  readonly host: string | undefined
  readonly path: string
  readonly pathType: string
  readonly service: string | undefined
  readonly port: string | number | undefined
}

function routesOf({ metadata, spec }: IngressObject, namespace: string): Route[] {
  return (spec?.rules ?? []).flatMap(({ host, http }) =>
    (http?.paths ?? []).map(({ path = '/', pathType = 'Prefix', backend: { service } }) => ({
      ingress: `${namespace}/${metadata.name}`,
      host,
      path,
      pathType,
      service: service?.name,
      port: service?.port?.name ?? service?.port?.number,
    })),
  )
}

/** The first thing on the way from host to Service that leads nowhere, or elsewhere. */
function routeCause({ namespace, ingresses, service, services }: Sight): ServiceCause | undefined {
  const { host, path, name } = service
  const routes = ingresses.flatMap((ingress) => routesOf(ingress, namespace))
  const noRule = (words: string): ServiceCause => ({ code: 'ingress-no-rule', words, remedy: compare })
  const ofHost = routes.filter((route) => fitsHost(route.host, host))
  if (ofHost.length === 0) {
    const hosts = [...new Set(routes.flatMap((route) => route.host ?? []))].toSorted()
    return noRule(
      `no Ingress has a rule for the host ${host} (${hosts.length > 0 ? `there are rules for ${hosts.slice(0, 5).join(', ')}` : 'there is no rule at all'})`,
    )
  }
  const route = ofHost.filter((each) => fitsPath(each, path)).sort((a, b) => b.path.length - a.path.length)[0]
  if (!route) return noRule(`no path of the rules for ${host} fits ${path} (they have ${ofHost.map((each) => each.path).join(', ')})`)
  const target = services.find(({ metadata }) => metadata.name === route.service)
  const noBackend = (words: string): ServiceCause => ({ code: 'ingress-no-backend', words: `the Ingress ${route.ingress} leads to ${words}`, remedy: compare })
  if (!target) return noBackend(`the Service ${route.service ?? '(none)'}, which does not exist`)
  const ports = target.spec?.ports ?? []
  if (!ports.some((port) => port.name === route.port || port.port === route.port)) {
    return noBackend(
      `port ${route.port} of the Service ${route.service}, which has ${ports.map((port) => (port.name ? `${port.name} (${port.port})` : port.port)).join(', ')}`,
    )
  }
  if (route.service !== name)
    return { code: 'wrong-answer', words: `the Ingress ${route.ingress} leads the host ${host} to the Service ${route.service}`, remedy: compare }
  return undefined
}

/** A 404 that is the service's own: past the ingress it says the same. */
function ownAnswer(sight: Sight): ServiceCause | undefined {
  const direct = unhealthyProbe(sight, 'node-port')
  if (direct?.code !== 'wrong-answer') return undefined
  return {
    code: 'wrong-answer',
    words: `the service itself answers ${direct.seen}`,
    remedy: 'Check the path that is asked, and what the service answers there.',
  }
}

/** A rule that fits, and a controller that does not know it. */
function unserved({ service, ingresses }: Sight): ServiceCause {
  const ofHost = ingresses.filter(({ spec }) => (spec?.rules ?? []).some(({ host }) => fitsHost(host, service.host)))
  const classes = ofHost.map(({ spec }) => spec?.ingressClassName ?? 'none')
  return {
    code: 'ingress-no-rule',
    words: `the ingress answers 404 for ${service.host}, although there is a rule for it (class ${[...new Set(classes)].join(', ')})`,
    remedy: 'Check that the controller serves the class of the Ingress, and look at its log in the artifact.',
  }
}

/** As the Ingress API says: a wildcard stands for one label; no host means any. */
function fitsHost(rule: string | undefined, host: string): boolean {
  if (rule === undefined || rule === '' || rule === host) return true
  return rule.startsWith('*.') && host.slice(host.indexOf('.')) === rule.slice(1)
}

function fitsPath({ path, pathType }: Route, asked: string): boolean {
  const wanted = asked.split('?')[0] ?? ''
  if (pathType === 'Exact') return wanted === path
  const prefix = path.replace(/\/$/, '')
  return wanted === prefix || wanted.startsWith(`${prefix}/`)
}
