import type { Failure } from '../../pipeline/failure.ts'
import type { Stage, StageContext } from '../../pipeline/stage.ts'
import { stageFailure } from '../cause.ts'
import { entranceOf } from '../ingress/entrance.ts'
import type { Results } from '../results.ts'
import type { Service, Services } from '../services/service.ts'
import { type ProbeAdapters, probeHttp, probeTimeoutMs } from './http-probe.ts'
import type { Health, ProbeResult } from './probe.ts'

/** What an environment knows about a service behind the ingress. */
export interface Inside {
  /** Longest that `ready` may take, in milliseconds. */
  readonly readyMs: number
  /** Whether every replica is there, as the environment itself knows it; null where it cannot be asked. */
  readonly ready: (service: Service, services: Services, context: StageContext) => Promise<ProbeResult | null>
  /** Addresses past the ingress. */
  readonly direct: (service: Service, services: Services) => readonly { kind: 'node-port' | 'process'; url: string }[]
  /** What the environment itself says of services that do not answer. */
  readonly diagnose?: (failure: Failure, needs: Pick<Results, 'ingress' | 'services'>, signal: AbortSignal) => Promise<Failure>
}

export interface HealthOptions {
  /** Failed probes of one target before it counts as unhealthy. */
  readonly retries: number
}

/** Successes in a row that make a target healthy. */
const streak = 5

/** Proves that requests reach each service: its replicas are there, they answer, and so they do all the way through the ingress. */
export function healthStage({ retries }: HealthOptions, inside: Inside, adapters: ProbeAdapters): Stage<Results, 'health', 'ingress' | 'services'> {
  const { diagnose } = inside
  return {
    name: 'health',
    title: 'Health',
    needs: ['ingress', 'services'],
    // Every probe may use all its tries at their slowest: the timeout, then the longest pause.
    deadlineMs: inside.readyMs + 60_000 + retries * (probeTimeoutMs + 2000),
    run: async ({ ingress, services }, context) => {
      const probes: ProbeResult[] = []
      const probeService = async (service: Service): Promise<void> => {
        const ready = await inside.ready(service, services, context)
        if (ready) probes.push(ready)
        if (ready && !ready.healthy) return
        const direct = inside.direct(service, services)
        const entrance = entranceOf(service, ingress)
        // Without an ingress the way in is one of the direct ones.
        const targets = entrance.kind === 'ingress' ? [...direct, entrance] : direct
        probes.push(...(await Promise.all(targets.map((target) => probeHttp(service, services.routes, target, { retries, streak }, adapters, context)))))
      }
      await Promise.all(services.routes.map(probeService))
      const unhealthy = probes.filter(({ healthy }) => !healthy)
      if (unhealthy.length > 0) throw unhealthyFailure(unhealthy, { probes }, ingress.baseUrl !== null)
      return { probes }
    },
    ...(diagnose && { diagnose }),
    data: (health) => health,
  }
}

/** One failure that names every service that did not answer as it should, by its last unhealthy probe: the one all the way through. */
function unhealthyFailure(unhealthy: readonly ProbeResult[], health: Health, throughIngress: boolean): Failure {
  const names = [...new Set(unhealthy.map(({ service }) => service))]
  const last = names.map((name) => unhealthy.findLast(({ service }) => service === name) as ProbeResult)
  return stageFailure(last[0]?.code ?? 'not-ready', last.map(describeProbe).join('; '), {
    kind: 'workload',
    remedy: remedyOf(new Set(unhealthy.map(({ kind }) => kind)), throughIngress),
    evidence: [...unhealthy, ...health.probes.filter(({ healthy }) => healthy)].map(
      ({ service, kind, target, seen }) => `probe ${service} ${kind} ${target}: ${seen}`,
    ),
    data: health,
  })
}

/** A probe in a sentence. */
export function describeProbe({ service, target, seen, kind, attempts }: ProbeResult): string {
  return `${service}: ${target}: ${seen}${kind === 'endpoints' ? '' : ` (${attempts} requests)`}`
}

function remedyOf(kinds: ReadonlySet<ProbeResult['kind']>, throughIngress: boolean): string {
  if (kinds.has('endpoints')) return 'Compare the Service’s selector with the pods’ labels, and look at the pods’ readiness.'
  if (kinds.has('process')) return 'The service’s own process does not answer as expected; look at its log beside the report.'
  if (kinds.has('ingress')) return 'Compare the Host rule of the Ingress, its Service’s port, and base-url.'
  const what = throughIngress ? 'The ingress reaches it but the NodePort does not' : 'The NodePort does not lead to it'
  return `${what}: compare the Service’s nodePort with the ports of the cluster.`
}
