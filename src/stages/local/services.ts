import { type Failure, messageOf } from '../../pipeline/failure.ts'
import { withDeadline } from '../../pipeline/race.ts'
import type { Stage, StageContext } from '../../pipeline/stage.ts'
import { stageFailure } from '../cause.ts'
import type { HttpAnswer } from '../health/probe.ts'
import type { KubernetesObject } from '../kubernetes.ts'
import type { Results } from '../results.ts'
import type { LocalReplica, Service } from '../services/service.ts'
import { describeEnd, type LocalProgram, type RunningProcess, type StartProcess } from './process.ts'
import { stopAll } from './stop.ts'
import type { LocalWorkload } from './workload.ts'

export interface LocalServicesOptions {
  readonly services: readonly Service[]
  /** The objects a cluster would get for the service. */
  readonly objects: (service: Service) => Promise<readonly KubernetesObject[]>
  /** Longest wait for a replica's readiness, in milliseconds, once it listens. */
  readonly readyTimeoutMs: number
}

export interface LocalServicesAdapters {
  readonly start: StartProcess
  /** Told of every replica that has ended, whenever that is. */
  readonly onLoss: (failure: Failure) => void
  readonly get: (url: string, options: { timeoutMs: number; signal: AbortSignal }) => Promise<HttpAnswer>
  /** Resolves to the first answer that is not false, asking again with a growing pause until the signal aborts. */
  readonly until: <T>(ask: () => Promise<T | false>, signal: AbortSignal) => Promise<T>
}

/** Starts every replica of every service as a process and waits until each is ready, by the probe of its manifest. */
export function localServicesStage(
  { services, objects, readyTimeoutMs }: LocalServicesOptions,
  adapters: LocalServicesAdapters,
): Stage<Results, 'services', never> {
  const started: Promise<RunningProcess>[] = []

  const startReplica = async (service: Service, index: number, workload: LocalWorkload, context: StageContext): Promise<LocalReplica> => {
    const name = `${service.name}: replica ${index}`
    const log = `${service.name}-${index}.log`
    const broken = (what: string, cause?: unknown) =>
      stageFailure('process-ended', `${name} ${what}`, {
        kind: 'workload',
        remedy: `Look at services/${log} beside the report: it holds what the service said.`,
        cause,
      })
    // A pod's port is its own; here each replica takes one that is free.
    const args = workload.args.map((arg) => arg.replace(/^(--?listen=).*$/, '$1:0'))
    const running = await begin({ role: 'local-service', log, args }, context.signal).catch((error: unknown) => {
      context.signal.throwIfAborted()
      throw broken(messageOf(error), error)
    })
    const early = running.ended.then((end) => Promise.reject(broken(describeEnd(end))))
    early.catch(adapters.onLoss)
    await Promise.race([ready(name, running, workload, context, broken), early])
    const { pid, startTime, url } = running
    return { service: service.name, pid, startTime, url }
  }

  const begin = async (program: LocalProgram, signal: AbortSignal): Promise<RunningProcess> => {
    const starting = adapters.start(program, signal)
    started.push(starting)
    return await starting
  }

  const ready = async (
    name: string,
    { url }: RunningProcess,
    { readiness }: LocalWorkload,
    { signal, progress }: StageContext,
    broken: (what: string) => Failure,
  ): Promise<void> => {
    let seen = 'no answer yet'
    const ask = async (own: AbortSignal): Promise<boolean> => {
      try {
        const { status } = await adapters.get(`${url}${readiness.path}`, { timeoutMs: readiness.timeoutMs, signal: own })
        if (status >= 200 && status < 300) return true
        seen = `${status} instead of 2xx`
      } catch (error) {
        own.throwIfAborted()
        seen = messageOf(error)
      }
      progress(`${name}: ${readiness.path}: ${seen}`)
      return false
    }
    const late = () => broken(`is not ready after ${readyTimeoutMs / 1000} s: ${readiness.path}: ${seen}`)
    await withDeadline(readyTimeoutMs, signal, (own) => adapters.until(() => ask(own), own), late)
  }

  return {
    name: 'services',
    title: `Services (${services.map(({ name }) => name).join(', ')})`,
    needs: [],
    deadlineMs: readyTimeoutMs + 60_000,
    run: async (_needs, context) => {
      const { readWorkload } = await import('./workload.ts')
      const workloads = await Promise.all(services.map(async (service) => ({ service, workload: readWorkload(await objects(service)) })))
      const replicas = workloads.flatMap(({ service, workload }) =>
        Array.from({ length: workload.replicas }, (_, index) => startReplica(service, index + 1, workload, context)),
      )
      const processes = await Promise.all(replicas)
      const routes = workloads.map(({ service, workload }) => ({ ...service, replicas: workload.replicas }))
      context.progress(`ready: ${routes.map(({ name, replicas: count }) => `${name} ${count}/${count}`).join(', ')}`)
      return { namespace: null, routes, processes }
    },
    teardown: async (signal) => await stopAll(started, signal),
    data: (services) => services,
  }
}
