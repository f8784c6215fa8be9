import type { CauseCode } from '../cause.ts'
import type { Service } from '../services/service.ts'

/** What an HTTP request came to. */
export interface HttpAnswer {
  readonly status: number
  /** The first 64 KiB. */
  readonly body: string
  readonly durationMs: number
}

/** Something that was asked and how it answered. */
export interface ProbeResult {
  readonly service: string
  /**
   * `endpoints` in the API, `node-port` past the ingress, `process` a local replica itself, `ingress` all the way,
   * `after-load` the same once more.
   */
  readonly kind: 'endpoints' | 'node-port' | 'process' | 'ingress' | 'after-load'
  readonly target: string
  readonly healthy: boolean
  /** Requests or looks it took. */
  readonly attempts: number
  /** Latency of the last answer in milliseconds, or null. */
  readonly durationMs: number | null
  /** What was seen last. */
  readonly seen: string
  /** What it is that was seen; missing when healthy. */
  readonly code?: CauseCode
}

/** Every probe, all healthy. */
export interface Health {
  readonly probes: readonly ProbeResult[]
}

/** What an answer is that is not the one expected. */
export function wrongAnswerCode({ expect }: Service, { status }: HttpAnswer, throughIngress: boolean): CauseCode {
  if (!throughIngress || status === expect.status) return 'wrong-answer'
  if (status === 404) return 'ingress-no-rule'
  return status === 502 || status === 503 || status === 504 ? 'ingress-no-backend' : 'wrong-answer'
}

/**
 * What is wrong with an answer, or null when it is the one expected.
 * @param throughIngress whether an ingress may have given it
 */
export function answerProblem(service: Service, answer: HttpAnswer, services: readonly Service[], throughIngress = true): string | null {
  const { expect, host } = service
  const replica = service.image === null ? 'process' : 'pod'
  if (answer.status !== expect.status) {
    const status = `${answer.status} instead of ${expect.status}`
    if (!throughIngress) return status
    if (answer.status === 404) return `${status}: the ingress has no rule for ${host}, or the service does not know the path`
    if (answer.status === 502) return `${status}: the ingress cannot reach a ${replica} of ${service.name}`
    if (answer.status === 503) return `${status}: the ingress knows no ready ${replica} of ${service.name}`
    return status
  }
  if (expect.body === null || answer.body.trim() === expect.body) return null
  const other = services.find((candidate) => candidate !== service && candidate.expect.body === answer.body.trim())
  if (other) return `${other.name} answered for ${service.name}`
  return `the body is ${JSON.stringify(answer.body.trim().slice(0, 80))} instead of ${JSON.stringify(expect.body)}`
}
