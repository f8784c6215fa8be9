import pRetry from 'p-retry'
import { HttpStatusError, isTransient } from '../../src/adapters/download-error.ts'
import { Failure, messageOf } from '../../src/pipeline/failure.ts'

/** One request to a publisher. */
export interface Question {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses that are an answer. Default 200 alone. */
  readonly expect?: readonly number[]
}

/** A publisher's whole answer. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** Empty for HEAD. */
  readonly body: string
}

/** A host that cannot be reached, or does not answer in time. */
export class NoAnswerError extends Failure {
  override name = 'NoAnswerError'
  readonly host: string
  constructor(url: string, cause: unknown) {
    // fetch says no more than "fetch failed"; why is in the cause.
    super(`${url} gave no answer: ${messageOf(cause instanceof Error && cause.cause !== undefined ? cause.cause : cause)}`, { kind: 'infrastructure', cause })
    this.host = new URL(url).host
  }
}

/**
 * Asks a publisher; the one way to the network for everything about pins.
 * @throws Failure of kind `infrastructure`, naming the address, when another answer came; NoAnswerError when none did
 */
export type Ask = (url: string, question?: Question) => Promise<Answer>

export interface AskOptions {
  /** Stands in for every publisher: `https://HOST/PATH` is asked for as `<standIn>/HOST/PATH`. */
  readonly standIn?: string | undefined
  /** Sent to api.github.com alone, which limits anonymous requests to 60 an hour. */
  readonly githubToken?: string | undefined
  /** Attempts after the first. Default 4. */
  readonly retries?: number
  /** First pause in milliseconds, doubled each time, with jitter, at most 8 s. Default 500. */
  readonly minPauseMs?: number
  /** How long one attempt may take, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number
}

/** Makes an `Ask`, which asks the same question once: all node images stand in the notes of one release. */
export function createAsk({ standIn, githubToken, retries = 4, minPauseMs = 500, timeoutMs = 30_000 }: AskOptions = {}): Ask {
  const known = new Map<string, Promise<Answer>>()

  async function attempt(url: string, { method = 'GET', headers = {}, expect = [200] }: Question): Promise<Answer> {
    const { host, pathname, search } = new URL(url)
    const authorization = host === 'api.github.com' && githubToken ? { authorization: `Bearer ${githubToken}` } : {}
    const response = await fetch(standIn === undefined ? url : `${standIn}/${host}${pathname}${search}`, {
      method,
      headers: { 'user-agent': 'mlops-pipeline-action', ...authorization, ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = await response.text()
    if (!expect.includes(response.status)) throw new HttpStatusError(url, response.status)
    return { status: response.status, headers: response.headers, body }
  }

  async function persist(url: string, question: Question): Promise<Answer> {
    try {
      const shouldRetry = ({ error }: { error: Error }) => isTransient(error)
      return await pRetry(() => attempt(url, question), { retries, minTimeout: minPauseMs, maxTimeout: 8000, randomize: true, shouldRetry })
    } catch (error) {
      if (error instanceof HttpStatusError) throw new Failure(error.message, { kind: 'infrastructure', cause: error })
      throw new NoAnswerError(url, error)
    }
  }

  return async (url, question = {}) => {
    const key = JSON.stringify([url, question])
    const answer = known.get(key) ?? persist(url, question)
    known.set(key, answer)
    return await answer
  }
}
