import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { withDeadline } from '../pipeline/race.ts'
import { stageFailure } from '../stages/cause.ts'
import type { GoToolchain } from '../stages/tools/provider.ts'
import { childEnvironment, ProcessError, type RunProcess } from './process.ts'
import { findOnPath } from './program.ts'

export interface GoOptions {
  readonly run: RunProcess
  /** Folder for what is built and for the module it is built in. */
  readonly temporary: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long the module proxy may take for one answer, in milliseconds. Default 60 000. */
  readonly answerTimeoutMs?: number
}

/** Where modules come from and where Go keeps its own; nothing that would build for another machine. */
const passedOn = /^GO(PROXY|PRIVATE|NOPROXY|SUMDB|NOSUMDB|INSECURE|VCS|AUTH|ENV|ROOT|PATH|CACHE|MODCACHE|TMPDIR|TOOLCHAIN|MAXPROCS)$/

/** Packages between two words of progress. */
const packagesStep = 100

/** The Go toolchain on PATH. Its checksum database verifies modules, as always. */
export function goToolchain({ run, temporary, env, answerTimeoutMs = 60_000 }: GoOptions): GoToolchain {
  const own = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && passedOn.test(entry[0]))
  const environment = childEnvironment(env, { ...Object.fromEntries(own), CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'on' })

  /** Work in an empty folder: a go.mod of the user's must not have a say. */
  const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
    const folder = join(temporary, `go-${randomUUID()}`)
    await mkdir(folder, { recursive: true })
    try {
      return await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const ask = (args: readonly string[], signal: AbortSignal) =>
    inFolder((folder) =>
      withDeadline(
        answerTimeoutMs,
        signal,
        (bounded) => run('go', args, { signal: bounded, env: environment, cwd: folder }),
        () => stageFailure('download-failed', `the Go module proxy does not answer within ${answerTimeoutMs / 1000} s`, { kind: 'infrastructure' }),
      ),
    )

  return {
    isThere: async () => (await findOnPath('go', env)) !== null,
    versions: async (module, signal) => {
      try {
        const { stdout } = await ask(['list', '-m', '-versions', '-json', module], signal)
        return (JSON.parse(stdout) as { Versions?: string[] }).Versions ?? []
      } catch {
        signal.throwIfAborted()
        return []
      }
    },
    fetch: async (module, version, signal) => {
      try {
        await ask(['mod', 'download', '-json', `${module}@v${version}`], signal)
        return true
      } catch (error) {
        if (error instanceof ProcessError) return false
        throw error
      }
    },
    install: (module, version, signal, onPackages) =>
      inFolder(async (folder) => {
        // Not `go install module@version`, which also wants the proxy's list of versions, and that may be missing.
        await writeFile(join(folder, 'go.mod'), `module build\n\ngo 1.21\n\nrequire ${module} v${version}\n`)
        let packages = 0
        const bin = join(folder, 'bin')
        await run('go', ['install', '-mod=mod', '-trimpath', '-v', module], {
          signal,
          env: { ...environment, GOBIN: bin },
          cwd: folder,
          onLine: (line) => {
            // With -v each line is the path of a package that is being compiled; what go says itself begins with `go:`.
            if (/\s|^go:/.test(line)) return
            packages += 1
            if (packages % packagesStep === 0) onPackages(packages)
          },
        })
        const built = join(temporary, randomUUID())
        // Go names a program after the last part of its path that is no major version.
        await rename(join(bin, basename(module.replace(/\/v\d+$/, ''))), built)
        return built
      }),
  }
}
