/**
 * The one hook for an offline kit: runs a command with real tools and images from a folder on this
 * machine in place of the internet.
 *
 *     MLOPS_KIT=<folder> node scripts/kit.ts COMMAND [ARG…]
 *
 * The folder holds `up.sh BIN_DIR` (makes the machine ready, can be run again) and `mirror.sh DIR
 * PROGRAM_DIR` (lays kind, kubectl and k6 out under their upstream download paths). The command gets a
 * download mirror on 127.0.0.1 and the inputs that name what the kit has; its exit code is passed
 * through. Without MLOPS_KIT the command runs just as it is, so npm scripts can always come by here.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, homedir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

type Environment = Record<string, string | undefined>

const versionNames = ['kubernetes', 'kind', 'k6', 'http-echo', 'ingress-nginx', 'traefik', 'busybox'] as const
/** What the kit holds, without a leading `v`. */
type KitVersions = Record<(typeof versionNames)[number], string>

/** Reads the kit's versions.json. Throws with every name that is missing. */
export function parseVersions(json: string): KitVersions {
  const found: Record<string, unknown> = JSON.parse(json)
  const missing = versionNames.filter((name) => typeof found[name] !== 'string')
  if (missing.length > 0) {
    throw new Error(`the kit's versions.json has no ${missing.join(', ')}: build the kit anew, or unset MLOPS_KIT`)
  }
  return Object.fromEntries(versionNames.map((name) => [name, String(found[name]).replace(/^v/, '')])) as KitVersions
}

/** The variables that make the pipeline use the kit: its inputs, by their environment names. */
export function kitEnvironment(versions: KitVersions, mirrorUrl: string, binDir: string): Record<string, string> {
  return {
    KIND_EXPERIMENTAL_PROVIDER: 'podman',
    MLOPS_DOWNLOAD_MIRROR: mirrorUrl,
    MLOPS_NODE_IMAGE: `kindest/node:v${versions.kubernetes}`,
    MLOPS_KIND_VERSION: versions.kind,
    MLOPS_KUBECTL_VERSION: versions.kubernetes,
    MLOPS_K6_VERSION: versions.k6,
    MLOPS_IMAGE_OVERRIDES: [
      `ingress-nginx=registry.k8s.io/ingress-nginx/controller:v${versions['ingress-nginx']}`,
      `traefik=traefik:v${versions.traefik}`,
      `k6=grafana/k6:${versions.k6}`,
      `dns-probe=busybox:${versions.busybox}`,
      `http-echo=hashicorp/http-echo:${versions['http-echo']}`,
    ].join('\n'),
    // For tests and the bench only. Not on PATH: the action's own download is what is to be tried.
    MLOPS_KIT_BIN: binDir,
  }
}

/** Adds `defaults` to `env`; what the user has set stays, and empty means unset, as for the action's inputs. */
export function withDefaults(env: Environment, defaults: Record<string, string>): Environment {
  const unset = Object.entries(defaults).filter(([name]) => !env[name])
  return { ...env, ...Object.fromEntries(unset) }
}

/** The file below `root` that an HTTP request names, or undefined where it names none or would leave `root`. */
export function requestedFile(root: string, target: string): string | undefined {
  const encoded = target.split(/[?#]/, 1)[0] ?? ''
  if (!encoded.startsWith('/')) return undefined
  try {
    const file = resolve(root, `.${decodeURIComponent(encoded)}`)
    return file.startsWith(resolve(root) + sep) && !file.includes('\0') ? file : undefined
  } catch {
    return undefined // not valid percent-encoding
  }
}

/** The exit code a shell would report: a process that a signal ended counts as 128 + its number. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal ? constants.signals[signal] : 0)
}

type Stdio = 'ignore' | 'inherit' | 2

/** Runs a program to its end with our signals passed on to it; resolves to its exit code. */
function run(argv: readonly string[], env: Environment, stdio: Stdio[]): Promise<number> {
  const [program = '', ...args] = argv
  return new Promise((done, fail) => {
    const child = spawn(program, args, { env, stdio })
    const forward = (signal: NodeJS.Signals) => {
      // Ctrl-C in a terminal reaches the whole process group: a second one would read as "give up at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
    const settle = () => {
      for (const signal of signals) process.off(signal, forward)
    }
    for (const signal of signals) process.on(signal, forward)
    child.once('error', (cause) => {
      settle()
      fail(new Error(`cannot run ${program} (${cause.message}): is it installed and on PATH?`, { cause }))
    })
    child.once('exit', (code, signal) => {
      settle()
      done(exitCode(code, signal))
    })
  })
}

/** Runs one of the kit's scripts; whatever it prints goes to stderr, so that stdout stays the command's own. */
async function runScript(argv: readonly string[], env: Environment, stdout: Stdio): Promise<void> {
  const code = await run(argv, env, ['ignore', stdout, 2])
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with exit code ${code}: its last lines above say why`)
}

type Kit = { folder: string; home: string; cache: string }

/** Where the kit is, where it unpacks itself (up.sh's own default) and where we keep what we make of it. */
function locate(folder: string, env: Environment): Kit {
  for (const script of ['up.sh', 'mirror.sh']) {
    if (existsSync(join(folder, script))) continue
    throw new Error(
      `MLOPS_KIT is to be a folder with up.sh and mirror.sh, but ${join(folder, script)} does not exist: correct it, or unset it to use the internet`,
    )
  }
  const caches = env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return { folder, home: env.KIT_HOME || '/var/lib/kit', cache: join(caches, 'mlops-pipeline-action', 'kit') }
}

/** The folder that mirror.sh lays out, made once for each content of the kit. */
async function layOutMirror(kit: Kit, env: Environment): Promise<string> {
  const script = join(kit.folder, 'mirror.sh')
  const hash = createHash('sha256')
  for (const file of [join(kit.home, 'stamp'), script]) hash.update(await readFile(file))
  const mirror = join(kit.cache, `mirror-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(mirror)) return mirror

  say(`laying out the download mirror in ${mirror}`)
  // Made aside and renamed: an interrupted or a simultaneous run must not leave half a mirror under that name.
  const staging = await mkdtemp(join(kit.cache, 'staging-'))
  try {
    await runScript([script, staging, join(kit.home, 'host')], env, 'ignore')
    await rename(staging, mirror).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY') throw error
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return mirror
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', 'content-length': 0 }).end()
    return
  }
  const file = requestedFile(root, request.url ?? '')
  const stats = file === undefined ? undefined : await stat(file).catch(() => undefined)
  if (file === undefined || !stats?.isFile()) {
    response.writeHead(404, { 'content-length': 0 }).end()
    return
  }
  response.writeHead(200, { 'content-length': stats.size, 'content-type': 'application/octet-stream' })
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(file), response)
}

/** Serves the files below `root` on a free port of 127.0.0.1 until `close` is called. */
export async function serve(root: string): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    // A client that hangs up or a file that vanishes costs that one connection only.
    answer(root, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((listening, fail) => {
    server.once('error', fail).listen(0, '127.0.0.1', listening)
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

async function runWithKit(argv: readonly string[], folder: string, env: Environment): Promise<number> {
  const kit = locate(folder, env)
  const binDir = join(kit.cache, 'bin')
  await mkdir(kit.cache, { recursive: true })
  say(`bringing up the offline kit in ${folder}`)
  await runScript([join(folder, 'up.sh'), binDir], { ...env, KIT_HOME: kit.home }, 2)
  const versions = parseVersions(await readFile(join(kit.home, 'host', 'versions.json'), 'utf8'))
  const mirror = await serve(await layOutMirror(kit, env))
  try {
    say(`serving its downloads on ${mirror.url}; now: ${argv.join(' ')}`)
    // Absolute from here on, as the command may change its working folder.
    const absolute = { ...env, MLOPS_KIT: folder }
    return await run(argv, withDefaults(absolute, kitEnvironment(versions, mirror.url, binDir)), inherited)
  } finally {
    mirror.close()
  }
}

const inherited: Stdio[] = ['inherit', 'inherit', 'inherit']

function say(line: string): void {
  process.stderr.write(`[kit] ${line}\n`)
}

async function main(argv: readonly string[], env: Environment): Promise<number> {
  if (argv.length === 0) {
    say('usage: [MLOPS_KIT=<folder>] node scripts/kit.ts COMMAND [ARG…]')
    return 2
  }
  // MLOPS_KIT_BIN: we run under ourselves (a test that runs an npm script), and the kit is in place already.
  if (!env.MLOPS_KIT || env.MLOPS_KIT_BIN) return await run(argv, env, inherited)
  return await runWithKit(argv, resolve(env.MLOPS_KIT), env)
}

if (import.meta.main) {
  process.exitCode = 1
  try {
    process.exitCode = await main(process.argv.slice(2), process.env)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
  }
}
