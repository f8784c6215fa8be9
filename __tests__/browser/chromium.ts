import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Debian's chromium, or what CHROMIUM names. */
export const executable = process.env.CHROMIUM || '/usr/bin/chromium'

/** No sandbox, for a container's root has none; nothing that talks to anybody by itself. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the browser of this machine. */
export async function startChromium(): Promise<Browser> {
  if (!existsSync(executable)) {
    throw new Error(`${executable} is not there; install chromium (Debian: apt-get install chromium), or name another in CHROMIUM`)
  }
  return chromium.launch({ executablePath: executable, args })
}
