import { type Failure, messageOf } from '../../pipeline/failure.ts'
import type { Stage } from '../../pipeline/stage.ts'
import { stageFailure } from '../cause.ts'
import type { Results } from '../results.ts'
import type { Services } from '../services/service.ts'
import { describeEnd, type RunningProcess, type StartProcess } from './process.ts'
import { stopAll } from './stop.ts'

export interface LocalIngressOptions {
  /** Where probes and load go when the user said so, else null: where the proxy answers. */
  readonly baseUrl: string | null
}

export interface LocalIngressAdapters {
  readonly start: StartProcess
  /** Told when the proxy has ended, whenever that is. */
  readonly onLoss: (failure: Failure) => void
}

const controller = 'reverse proxy (httpxy)'
const log = 'ingress.log'

/** Starts the reverse proxy that routes to the services' replicas by Host header, on a free port of 127.0.0.1. */
export function localIngressStage({ baseUrl }: LocalIngressOptions, { start, onLoss }: LocalIngressAdapters): Stage<Results, 'ingress', 'services'> {
  const started: Promise<RunningProcess>[] = []
  const broken = (what: string, cause?: unknown) =>
    stageFailure('process-ended', `the reverse proxy ${what}`, { kind: 'infrastructure', remedy: `Look at services/${log} beside the report.`, cause })
  return {
    name: 'ingress',
    title: 'Ingress (reverse proxy)',
    needs: ['services'],
    deadlineMs: 60_000,
    run: async ({ services }, { signal }) => {
      const starting = start({ role: 'local-proxy', log, args: [`--routes=${JSON.stringify(hostRoutes(services))}`] }, signal)
      started.push(starting)
      const { pid, startTime, url, ended } = await starting.catch((error: unknown) => {
        signal.throwIfAborted()
        throw broken(messageOf(error), error)
      })
      ended.then((end) => onLoss(broken(describeEnd(end))))
      return { controller, image: null, className: null, baseUrl: baseUrl ?? url, note: null, process: { pid, startTime, url } }
    },
    teardown: async (signal) => await stopAll(started, signal),
    data: (ingress) => ingress,
  }
}

/** The replicas of each service by its host. */
function hostRoutes({ routes, processes }: Services): Record<string, readonly string[]> {
  return Object.fromEntries(routes.map(({ name, host }) => [host, (processes ?? []).filter(({ service }) => service === name).map(({ url }) => url)]))
}
