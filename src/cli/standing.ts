import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Standing } from '../app/app.ts'
import type { Environment } from '../config/config.ts'
import type { RunRecord } from '../pipeline/record.ts'
import type { OwnedCluster } from '../stages/cluster/stage.ts'
import type { Ingress } from '../stages/ingress/ingress.ts'
import type { LocalProcess, Services } from '../stages/services/service.ts'

/** What stands, or may still stand, under a name: how to ask it, and how to take it away. */
export interface StandingRecord {
  readonly schemaVersion: 1
  readonly name: string
  readonly environment: Environment
  /** How to ask it; null while it is not whole. */
  readonly standing: Standing | null
  /** The cluster to delete; null on local processes. */
  readonly cluster: OwnedCluster | null
  /** The processes to end. */
  readonly processes: readonly LocalProcess[]
}

type Variables = Readonly<Record<string, string | undefined>>

/** Where this user's programs keep what outlives them. */
function stateFolder(env: Variables): string {
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'mlops-pipeline-action')
}

/** The folder of what stands under a name: its kubeconfig, its run record, and what we know of it. */
export function standingFolder(name: string, env: Variables): string {
  return join(stateFolder(env), 'standing', name)
}

const file = (folder: string) => join(folder, 'standing.json')

/** What stands under a name, or null. */
export function readStanding(name: string, env: Variables): StandingRecord | null {
  try {
    const found = JSON.parse(readFileSync(file(standingFolder(name, env)), 'utf8')) as StandingRecord
    return found.schemaVersion === 1 ? found : null
  } catch {
    return null
  }
}

/** Remembers what stands; replaced as a whole. */
export function writeStanding(standing: StandingRecord, env: Variables): void {
  const folder = standingFolder(standing.name, env)
  mkdirSync(folder, { recursive: true })
  const part = `${file(folder)}.part`
  writeFileSync(part, JSON.stringify(standing, null, 2), { mode: 0o600 })
  renameSync(part, file(folder))
}

/** Forgets what stood, with every file of it. */
export function forgetStanding(name: string, env: Variables): void {
  rmSync(standingFolder(name, env), { recursive: true, force: true })
}

/** The processes that a session left running: the services' replicas and what routes to them. */
export function processesOf(record: RunRecord): readonly LocalProcess[] {
  const router = dataOf<Ingress>(record, 'ingress')?.process
  return [...(dataOf<Services>(record, 'services')?.processes ?? []), ...(router ? [router] : [])]
}

/** How to ask what a session put up; null when it never got as far as an ingress and its services. */
export function standingOf(record: RunRecord, cluster: OwnedCluster | null): Standing | null {
  const ingress = dataOf<Ingress>(record, 'ingress')
  const services = dataOf<Services>(record, 'services')
  if (!ingress || !services) return null
  return { baseUrl: ingress.baseUrl, services, kubeconfig: cluster?.kubeconfig ?? null, ingress: ingress.controller }
}

function dataOf<T>(record: RunRecord, stage: string): T | null {
  return (record.stages.find(({ name }) => name === stage)?.data ?? null) as T | null
}
