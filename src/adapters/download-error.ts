/** An HTTP answer other than 200. */
export class HttpStatusError extends Error {
  override name = 'HttpStatusError'
  readonly status: number
  constructor(url: string, status: number) {
    super(`${url} answered ${status}`)
    this.status = status
  }
}

/** A redirect that is not followed. */
export class RedirectError extends Error {
  override name = 'RedirectError'
}

/** What the next try would meet again. */
const diskErrors = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE'])

/** Node's and OpenSSL's codes for a certificate that is not trusted: it will not be at the next try either. */
const certificateErrors = /^(CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$|PATH_LENGTH_EXCEEDED$)/

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code)

/**
 * Whether trying the same request again can help: no answer, a cut-off answer, 408, 429 and 5xx can; other answers,
 * refused redirects, certificates and our own disk are final.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof RedirectError || diskErrors.has(codeOf(error)) || certificateErrors.test(codeOf(error))) return false
  return !(error instanceof HttpStatusError) || error.status === 408 || error.status === 429 || error.status >= 500
}

/**
 * Whether a failed download says that its host was not reached, so that another source may do. That the host does not
 * know the file is an answer, a full disk is our own trouble.
 * @param error what `downloadFile` or `downloadText` threw
 */
export function isUnreachable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause === undefined || diskErrors.has(codeOf(cause))) return false
  return !(cause instanceof HttpStatusError) || ![404, 410].includes(cause.status)
}
