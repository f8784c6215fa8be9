import { createHash } from 'node:crypto'
import type { StageContext } from '../../pipeline/stage.ts'
import type { Platform, Tool, ToolName, ToolOrigin } from './tool.ts'

/** Installed programs, kept from run to run. An entry that is there is whole at every moment. */
export interface ToolCache {
  /** Path of the cached executable, or null. It may have come to harm meanwhile. */
  readonly find: (name: ToolName, version: string) => Promise<string | null>
  /** Copies a file, or one entry of an archive, into the cache, executable; what is there of that version is replaced. */
  readonly store: (name: ToolName, version: string, file: string, archiveEntry: string | null) => Promise<string>
  /** The version taken in place of one that could not be had, noted under a key less than a week ago; else null. */
  readonly substitute: (key: string) => Promise<string | null>
  readonly noteSubstitute: (key: string, version: string) => Promise<void>
}

/** GitHub's cache, which outlives the job's machine. Its troubles are never the run's. */
export interface GitHubCache {
  /** A file kept under that key, with its SHA-256; null when there is none or it does not come. */
  readonly restore: (key: string, signal: AbortSignal) => Promise<{ file: string; sha256: string } | null>
  /** Takes the file over; the upload goes on while the run does. */
  readonly keep: (key: string, file: string) => Promise<void>
}

/** A Go toolchain that compiles what cannot be downloaded. */
export interface GoToolchain {
  readonly isThere: () => Promise<boolean>
  /** Versions that the module proxy lists; none when it does not tell. */
  readonly versions: (module: string, signal: AbortSignal) => Promise<readonly string[]>
  /** Whether that version of the module could be fetched. Throws when nobody answers. */
  readonly fetch: (module: string, version: string, signal: AbortSignal) => Promise<boolean>
  /** Compiles a module's program into a new file and returns its path; tells how many packages are done. */
  readonly install: (module: string, version: string, signal: AbortSignal, onPackages: (count: number) => void) => Promise<string>
}

export interface ToolsAdapters {
  readonly platform: Platform
  /** The program of that name that a shell would start, or null. */
  readonly onPath: (name: ToolName) => Promise<string | null>
  /** What a program says its version is, without `v`; null when it does not run or says nothing readable. */
  readonly askVersion: (name: ToolName, file: string, signal: AbortSignal) => Promise<string | null>
  readonly cache: ToolCache
  /** Null where the job has none. */
  readonly gitHubCache: GitHubCache | null
  /** Downloads into a new file; returns its path and SHA-256. `retries` are the attempts after the first. */
  readonly download: (url: string, signal: AbortSignal, retries?: number) => Promise<{ file: string; sha256: string }>
  readonly downloadText: (url: string, signal: AbortSignal, retries?: number) => Promise<string>
  /** Whether a download failed because its host was not reached, so that another way may do; a 404 is an answer. */
  readonly isUnreachable: (error: unknown) => boolean
  /** Null where nothing may be compiled. */
  readonly go: GoToolchain | null
  /** Removes a file that one of these made. */
  readonly discard: (file: string) => Promise<void>
  /** Makes the program at that path available to later steps of the workflow. */
  readonly expose: (file: string) => void
}

/** Which program is wanted, and all that is needed to get it. */
export interface ToolRequest extends StageContext {
  readonly name: ToolName
  readonly version: string
  readonly mirror: string | undefined
  readonly adapters: ToolsAdapters
}

/** One way to get a program. */
export interface ToolProvider {
  /** What people call it. */
  readonly title: string
  /** The program, or why it is not to be had this way. Throws what no other way may hide. */
  readonly find: (request: ToolRequest) => Promise<Tool | string>
}

/** A name for exactly this program: another mirror may hold another build. */
export function toolKey({ name, version, mirror, adapters: { platform } }: ToolRequest): string {
  const parts = ['mlops-pipeline-action', name, version, platform.os, platform.arch]
  return [...parts, ...(mirror === undefined ? [] : [createHash('sha256').update(mirror).digest('hex').slice(0, 8)])].join('-')
}

/** A program that is the version asked for, or one in its place, which the note then says. */
export function toolOf(request: ToolRequest, path: string, from: ToolOrigin, version = request.version): Tool {
  const { name } = request
  const note = { note: `${name} ${version} instead of ${request.version}: the nearest that could be had` }
  return { name, version, path, from, ...(version === request.version ? {} : note) }
}
