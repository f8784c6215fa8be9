import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const MAIN = join(import.meta.dirname, '..', '..', 'node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js')
const ACCOUNT = 'results'
const CONTAINER = 'artifacts'
const START_DEADLINE_MS = 15_000

/** A running blob store. */
export interface Azurite {
  /** A URL that may be read and written without any header, as GitHub signs them for an upload. */
  signedUrl(blob: string): string
  /** The bytes of a blob. Throws with the store's answer if there is none. */
  read(blob: string): Promise<Buffer>
  /** Ends the process by its pid; what was stored is gone. */
  close(): Promise<void>
}

/** Starts Azurite's blob service as a child process, in memory, on a free port of 127.0.0.1, with a key of its own. */
export async function startAzurite(): Promise<Azurite> {
  const key = randomBytes(32).toString('base64')
  const flags = ['--inMemoryPersistence', '--skipApiVersionCheck', '--disableTelemetry', '--silent']
  const child = spawn(process.execPath, [MAIN, ...flags, '--blobHost', '127.0.0.1', '--blobPort', '0'], {
    env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Should the test process end without close(), the child must not stay behind.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const close = async (): Promise<void> => {
    process.off('exit', kill)
    kill()
    await exited
  }

  try {
    const root = `${await listening(child)}/${ACCOUNT}`
    const signature = accountSignature(key)
    const created = await fetch(`${root}/${CONTAINER}?restype=container&${signature}`, { method: 'PUT' })
    if (!created.ok) throw new Error(`Azurite did not make a container: ${created.status} ${await created.text()}`)
    const signedUrl = (blob: string): string => `${root}/${CONTAINER}/${encodeURIComponent(blob)}?${signature}`
    const read = async (blob: string): Promise<Buffer> => {
      const response = await fetch(signedUrl(blob))
      if (!response.ok) throw new Error(`no blob ${blob}: ${response.status} ${await response.text()}`)
      return Buffer.from(await response.arrayBuffer())
    }
    return { signedUrl, read, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Waits for the line that names the port and returns the address; keeps reading, so that a full pipe never stops the store. */
function listening(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    const fail = (why: string): void => reject(new Error(`Azurite ${why}: ${said.join('\n')}`))
    const deadline = setTimeout(() => fail(`was not up after ${START_DEADLINE_MS} ms`), START_DEADLINE_MS)
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface(stream).on('line', (line) => {
        said.push(line)
        const address = /successfully listens on (http:\S+)/.exec(line)?.[1]
        if (!address) return
        clearTimeout(deadline)
        resolve(address)
      })
    }
    child.once('error', (error) => fail(`did not start (${error.message})`))
    child.once('close', () => {
      clearTimeout(deadline)
      fail('ended')
    })
  })
}

/**
 * Signs for everything in the account, by hand: the Azure SDK is no dependency of ours.
 * The lines are those of version 2019-12-12, https://learn.microsoft.com/rest/api/storageservices/create-account-sas
 */
function accountSignature(key: string): string {
  const fields = {
    sp: 'rwdlac',
    ss: 'b',
    srt: 'sco',
    st: '',
    se: '2099-01-01T00:00:00Z',
    sip: '',
    spr: '',
    sv: '2019-12-12',
  }
  const signed = [ACCOUNT, ...Object.values(fields), ''].join('\n')
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64')
  const { sp, ss, srt, se, sv } = fields
  return new URLSearchParams({ sp, ss, srt, se, sv, sig }).toString()
}
