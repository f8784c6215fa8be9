import type { ProxyFacts } from '../doctor/facts.ts'

type Environment = Readonly<Record<string, string | undefined>>

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY'] as const

/** A variable in small letters, which wins with most programs, else in capitals. */
function proxyVariable(env: Environment, name: string): string | undefined {
  return env[name.toLowerCase()] || env[name] || undefined
}

/** The proxies of an environment, without their logins. */
export function proxyFacts(env: Environment): ProxyFacts {
  const hosts = proxyVariables.flatMap((name) => {
    const value = proxyVariable(env, name)
    return value === undefined ? [] : [[name, hostOf(value)] as const]
  })
  const noProxy = (proxyVariable(env, 'NO_PROXY') ?? '').split(/[\s,]+/).filter(Boolean)
  return { hosts: Object.fromEntries(hosts), noProxy }
}

/** Of a proxy's address no more than host and port: the rest may be a password. */
function hostOf(address: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  // With a slash in the password, what reads as the host is the user.
  const misread = text.includes('@') && !url?.username && !url?.password
  return url && url.host !== '' && !misread ? url.host : 'an address that cannot be read'
}

/** User names and passwords of the proxies, in every spelling a program may repeat them in. */
export function secretsOf(env: Environment): readonly string[] {
  const values = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'FTP_PROXY'].flatMap((name) => [env[name], env[name.toLowerCase()]])
  const secrets = values.flatMap((value) => {
    const login = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(.*)@/i.exec(value ?? '')?.[1]
    if (!login) return []
    const password = login.slice(login.indexOf(':') + 1)
    return [...[login, password].flatMap((text) => [text, decoded(text)]), Buffer.from(decoded(login)).toString('base64')]
  })
  // Shorter ones are part of ordinary words; the whole login is hidden with them.
  return [...new Set(secrets)].filter((secret) => secret.length >= 4).sort((a, b) => b.length - a.length)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The same data with every secret in every text made unreadable, and the login of every address. */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  if (typeof value === 'string') {
    return secrets.reduce((text: string, secret) => text.replaceAll(secret, '***'), value).replace(/(\w:\/\/)[^/\s]*@/g, '$1***@') as T
  }
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(item, secrets)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, secrets)])) as T
}
