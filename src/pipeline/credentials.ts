/** Shorter ones are taken out of addresses alone: they could be part of any word. */
const shortest = 4

/**
 * Makes a function that takes the passwords of the environment's proxies out of text. kind hands those proxies to its
 * nodes, so that they stand in the engine's words, in the nodes' own files, and in manifests.
 * @param env the environment whose `HTTP_PROXY`, `https_proxy` and their like may hold passwords
 */
export function credentialRedactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const forms = proxySecrets(env).flatMap(formsOf)
  // The longest first: one may be part of another.
  const wanted = [...new Set(forms)].filter((form) => form !== '').sort((a, b) => b.length - a.length)
  if (wanted.length === 0) return (text) => text
  return (text) => wanted.reduce((rest, form) => (rest.includes(form) ? rest.replaceAll(form, masked(form)) : rest), text)
}

/** The passwords of the environment's proxies, as they are and percent-encoded, for whoever can mask words. */
export function proxyPasswords(env: Readonly<Record<string, string | undefined>>): string[] {
  const all = proxySecrets(env).flatMap(({ raw, password }) => [raw, password, encodeURIComponent(password)])
  return [...new Set(all)].filter((form) => form.length >= shortest)
}

interface ProxySecret {
  readonly rawUser: string
  readonly user: string
  /** As the address has it. */
  readonly raw: string
  readonly password: string
}

function proxySecrets(env: Readonly<Record<string, string | undefined>>): ProxySecret[] {
  const proxies = Object.entries(env).filter(([name]) => /^(?:https?|all|ftp)_proxy$/i.test(name))
  return proxies.flatMap(([, value]) => {
    // No URL parser: it would refuse, or change, what an engine takes as it is.
    const [, rawUser = '', raw = ''] = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^:@/]*):(.*)@[^@]*$/i.exec(value ?? '') ?? []
    return raw === '' ? [] : [{ rawUser, user: decoded(rawUser), raw, password: decoded(raw) }]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // It has a percent sign of its own.
  }
}

function formsOf({ rawUser, user, raw, password }: ProxySecret): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const plain = [raw, password, encodeURIComponent(password), JSON.stringify(password).slice(1, -1)]
  const pairs = [base64(`${user}:${password}`), base64(`${rawUser}:${raw}`)]
  const alone = plain.filter((form) => form.length >= shortest)
  const unpadded = [...pairs, ...alone.map(base64)].map((text) => text.replace(/=+$/, ''))
  return [...alone, ...unpadded, ...plain.map((form) => `:${form}@`)]
}

function masked(form: string): string {
  return form.startsWith(':') && form.endsWith('@') ? ':***@' : '***'
}
