type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether to write in colour. NO_COLOR (set to anything but nothing) beats FORCE_COLOR, since whoever asks for less has a reason;
 * FORCE_COLOR=0 or false means no, set to anything else yes; without either a terminal that can gets it.
 */
export function wantsColor(env: Environment, isTty: boolean): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return isTty && env.TERM !== 'dumb'
}

/** Whether lines may be drawn over: only where a person watches, not on a CI service, which may have a terminal all the same. */
export function wantsRedraw(env: Environment, isTty: boolean): boolean {
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== '0' && env.CI !== 'false'
  return isTty && env.TERM !== 'dumb' && !ci
}
