/** What GitHub (or a fault in its place) answers to one request. */
export interface Answer {
  status: number
  /** Text is sent as HTML, as GitHub's proxies do; anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
}

/** An answer given instead of the right one. */
export interface Fault {
  /** Default: any method. */
  method?: string
  /** Tested against the path without its query. Default: any path. */
  path?: RegExp
  /** `reset` closes the connection without an answer, `hang` never answers. */
  status: number | 'reset' | 'hang'
  /** Default: what GitHub says with that status. */
  body?: unknown
  headers?: Record<string, string>
  /** How many requests meet the fault. Default 1. */
  times?: number
  /** The change is made all the same and only its answer is lost. Default false. */
  applied?: boolean
}

export const NOT_ACCESSIBLE = 'Resource not accessible by integration'

/** GitHub's own shape of an error. */
export function problem(status: number, message: string, more: object = {}): Answer {
  return {
    status,
    body: { message, ...more, documentation_url: 'https://docs.github.com/rest', status: String(status) },
  }
}

/** Whether a fault is meant for this request. */
export function meets(fault: Fault, method: string, path: string): boolean {
  return (fault.method ?? method).toUpperCase() === method && (fault.path?.test(path) ?? true)
}

/** A fault as an answer: its own body and headers, or what GitHub says with that status. */
export function faultAnswer(status: number, { body, headers }: Fault): Answer {
  const usual = usualAnswer(status)
  return { status, body: body ?? usual.body, headers: headers ?? usual.headers ?? {} }
}

function usualAnswer(status: number): Answer {
  switch (status) {
    case 403:
      return problem(403, NOT_ACCESSIBLE)
    case 404:
      return problem(404, 'Not Found')
    case 422:
      return problem(422, 'Validation Failed')
    case 429:
      return {
        ...problem(429, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'),
        headers: { 'retry-after': '1' },
      }
    default:
      return status >= 500 ? { status, body: '<html><title>Unicorn! &middot; GitHub</title></html>' } : problem(status, 'Injected by a test')
  }
}
