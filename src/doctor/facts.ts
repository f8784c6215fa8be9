import type { Config } from '../config/config.ts'
import type { Engine } from '../stages/cluster/cluster.ts'
import type { ToolName } from '../stages/tools/tool.ts'

/** What the doctor needs to know of what was asked for. */
export type DoctorConfig = Pick<Config, 'clusterName' | 'ports' | 'kindVersion' | 'kubectlVersion' | 'k6Version' | 'downloadMirror'>

/** A program the doctor looks for on PATH. */
export type ProgramName = ToolName | 'go'

/** This machine as data, without a judgement. Null is what could not be found out. No password is ever part of it. */
export interface MachineFacts {
  /** In Node's words: `linux`, `x64`; `release` is the kernel's own version. */
  readonly platform: { readonly os: string; readonly arch: string; readonly release: string }
  /** Without `v`. */
  readonly nodeVersion: string
  /** `KIND_EXPERIMENTAL_PROVIDER`, null when unset. */
  readonly provider: string | null
  readonly engine: EngineFacts | NoEngine | null
  readonly programs: Readonly<Record<ProgramName, ProgramFacts>>
  readonly toolCache: ToolCacheFacts | null
  /** What the address of each tool's download said. */
  readonly downloads: Readonly<Record<ToolName, DownloadFacts | null>>
  /** Ports of 127.0.0.1 that a run wants and something listens at. */
  readonly takenPorts: readonly TakenPort[] | null
  /** Ports from this one up need no rights; null where the kernel has no such limit or does not tell. */
  readonly unprivilegedPortStart: number | null
  readonly disks: readonly DiskFacts[]
  readonly memory: { readonly totalBytes: number /** What programs can still have. */; readonly availableBytes: number | null }
  readonly cpus: number
  readonly inotify: { readonly watches: number; readonly instances: number } | null
  /** Of this machine; an engine’s own may differ. */
  readonly cgroupVersion: 1 | 2 | null
  readonly proxy: ProxyFacts
  /** Names of kind's clusters; null when kind or the engine was not there to ask. */
  readonly clusters: readonly string[] | null
  readonly surroundings: { readonly wsl: boolean; readonly container: boolean }
}

/** An engine that answers. */
export interface EngineFacts {
  readonly name: Engine
  readonly version: string | null
  readonly rootless: boolean | null
  readonly cgroupVersion: 1 | 2 | null
  /** Of `cpu`, `memory` and `pids`, those the engine cannot limit, such as when a user's session was not delegated them. */
  readonly missingControllers: readonly string[] | null
  /** Where its images are, in its own file system, which may be a virtual machine's. */
  readonly storageFolder: string | null
  readonly memoryBytes: number | null
  readonly cpus: number | null
  /** Host of an engine that is not on this machine, null for one that is. */
  readonly remoteHost: string | null
}

/** No engine answered: what was said, and what the search for it proposes. */
export interface NoEngine {
  readonly failure: string
  readonly remedy: string | null
}

export interface ProgramFacts {
  /** On PATH, null when it is not. */
  readonly path: string | null
  /** Of the one on PATH, without `v`. */
  readonly version: string | null
  /** Whether the wanted version is in the tool cache. */
  readonly cached: boolean
}

export interface ToolCacheFacts {
  readonly folder: string
  /** Why it cannot be written to, null when it can. */
  readonly trouble: string | null
}

export interface DownloadFacts {
  readonly host: string
  /** Status of the last answer, null when there was none. */
  readonly status: number | null
  /** Why there was no answer. */
  readonly trouble: string | null
}

export interface TakenPort {
  readonly port: number
  /** Name and id of who listens, where the kernel tells. */
  readonly listener: string | null
}

export interface DiskFacts {
  readonly use: 'temporary files' | 'tool cache' | 'home' | 'engine'
  readonly folder: string
  readonly freeBytes: number | null
}

export interface ProxyFacts {
  /** Host and port of each variable that is set, such as `proxy:3128`, by the variable's name in capitals. */
  readonly hosts: Readonly<Record<string, string>>
  readonly noProxy: readonly string[]
}
