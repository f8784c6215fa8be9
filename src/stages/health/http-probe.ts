import { messageOf } from '../../pipeline/failure.ts'
import type { CauseCode } from '../cause.ts'
import type { Service } from '../services/service.ts'
import { answerProblem, type HttpAnswer, type ProbeResult, wrongAnswerCode } from './probe.ts'

/** How HTTP probes reach the world. */
export interface ProbeAdapters {
  /** One GET on a connection of its own. Rejects when there is no answer in time. */
  readonly get: (url: string, options: { host?: string; timeoutMs: number; signal: AbortSignal }) => Promise<HttpAnswer>
  /** Calls until it resolves, at most `retries` more times, with a growing pause of at most 2 s. */
  readonly retry: <T>(attempt: () => Promise<T>, retries: number, signal: AbortSignal) => Promise<T>
}

export interface ProbeOptions {
  /** Failed probes of one target before it counts as unhealthy. */
  readonly retries: number
  /** Successes in a row that make a target healthy. */
  readonly streak: number
}

/** Longest wait for one answer, in milliseconds. A published port that nothing serves accepts and then hangs. */
export const probeTimeoutMs = 3000

/** Asks one target until it has answered right several times in a row, or too often wrong. Rejects only when aborted. */
export async function probeHttp(
  service: Service,
  services: readonly Service[],
  { kind, url }: { kind: 'node-port' | 'process' | 'ingress'; url: string },
  { retries, streak }: ProbeOptions,
  { get, retry }: ProbeAdapters,
  { signal, progress }: { signal: AbortSignal; progress: (message: string) => void },
): Promise<ProbeResult> {
  const target = kind === 'ingress' ? `${url} (Host: ${service.host})` : url
  let attempts = 0
  let seen = 'nothing yet'
  let durationMs: number | null = null
  let code: CauseCode = 'no-answer'
  const once = async () => {
    attempts += 1
    try {
      const answer = await get(url, { ...(kind === 'ingress' ? { host: service.host } : {}), timeoutMs: probeTimeoutMs, signal })
      durationMs = answer.durationMs
      const problem = answerProblem(service, answer, services, kind === 'ingress')
      seen = problem ?? `${answer.status}${service.expect.body === null ? '' : ' and the expected body'}`
      if (problem !== null) throw new WrongAnswer(problem, wrongAnswerCode(service, answer, kind === 'ingress'))
    } catch (error) {
      signal.throwIfAborted()
      seen = messageOf(error)
      code = error instanceof WrongAnswer ? error.code : noAnswerCode(error)
      progress(`${service.name}: ${target}: ${seen}`)
      throw error
    }
  }
  // Ready is not yet routable: a controller's workers learn of endpoints one by one.
  const inARow = async () => {
    for (let count = 0; count < streak; count += 1) await once()
  }
  const result = (healthy: boolean): ProbeResult => ({ service: service.name, kind, target, healthy, attempts, durationMs, seen, ...(healthy ? {} : { code }) })
  try {
    await retry(inARow, retries, signal)
    return result(true)
  } catch {
    signal.throwIfAborted()
    return result(false)
  }
}

class WrongAnswer extends Error {
  override name = 'WrongAnswer'
  readonly code: CauseCode
  constructor(message: string, code: CauseCode) {
    super(message)
    this.code = code
  }
}

/** Why no answer came, by the code of the socket's error. */
function noAnswerCode(error: unknown): CauseCode {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EPIPE':
      return 'refused'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'dns'
    default:
      return 'no-answer'
  }
}
