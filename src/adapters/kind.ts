import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pRetry from 'p-retry'
import type { Engine } from '../stages/cluster/cluster.ts'
import type { Kind } from '../stages/cluster/stage.ts'
import { childEnvironment, ProcessError, type RunProcess } from './process.ts'

export interface KindProgram extends Kind {
  readonly exportLogs: (name: string, folder: string, signal: AbortSignal) => Promise<void>
  /** Deletes what the engine still has of a deleted cluster: a node that it was making when kind was killed, say. */
  readonly removeLeft: (name: string, signal: AbortSignal) => Promise<void>
}

/** How long an engine may take to finish the nodes that it makes for a kind that was told to end, in milliseconds. */
const nodeMs = 15_000

/** kind as a program, bound to one engine. */
export function kindProgram(run: RunProcess, path: string, engine: Engine): KindProgram {
  const env = childEnvironment(process.env, { KIND_EXPERIMENTAL_PROVIDER: engine })
  const removeLeft: KindProgram['removeLeft'] = async (name, signal) => {
    await removeNodes(run, engine, name, env, signal)
    if (engine === 'podman') await removeVolumes(run, name, env, signal)
  }
  return {
    clusters: async (signal) => {
      const { stdout } = await run(path, ['get', 'clusters', '--quiet'], { signal, env })
      return stdout
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
    },
    create: async ({ name, config, kubeconfig, onLine }, signal) => {
      const file = join(dirname(kubeconfig), 'kind.yaml')
      const { stringify } = await import('yaml')
      await writeFile(file, stringify(config))
      // --wait would look at the control plane alone and exit 0 when it is not ready; we watch all nodes ourselves.
      await run(path, ['create', 'cluster', '--name', name, '--config', file, '--kubeconfig', kubeconfig, '--retain'], { signal, env, onLine, graceMs: nodeMs })
    },
    writeKubeconfig: async (name, file, signal) => {
      try {
        const { stdout } = await run(path, ['get', 'kubeconfig', '--name', name, '--quiet'], { signal, env })
        if (!stdout.includes('apiVersion')) return false
        // `kind create` writes the same file at its end; a reader must never meet half of it.
        const part = `${file}.${randomUUID()}`
        await writeFile(part, stdout, { mode: 0o600 })
        await rename(part, file)
        return true
      } catch (error) {
        if (error instanceof ProcessError) return false // the control plane has none yet
        throw error
      }
    },
    remove: async (name, kubeconfig, signal) => {
      // A kind that was killed leaves its lock, at which the next one fails after having deleted the nodes.
      await rm(`${kubeconfig}.lock`, { force: true })
      const remove = () => run(path, ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfig], { signal, env })
      const deleted = pRetry(remove, {
        retries: 3,
        minTimeout: 500,
        maxTimeout: 4000,
        signal,
        shouldRetry: ({ error }) => error instanceof ProcessError && error.exitCode !== null,
      })
      const [outcome] = await Promise.allSettled([deleted])
      signal.throwIfAborted()
      await rm(kubeconfig, { force: true })
      try {
        // What kind could not delete, or was not there to delete, the engine can.
        await removeLeft(name, signal)
      } catch (error) {
        throw outcome.status === 'rejected' ? outcome.reason : error
      }
    },
    removeLeft,
    exportLogs: async (name, folder, signal) => {
      await run(path, ['export', 'logs', folder, '--name', name], { signal, env })
    },
  }
}

/** Removes the nodes that the engine has of a cluster; kind marks them with its name. */
async function removeNodes(run: RunProcess, engine: Engine, cluster: string, env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  const { stdout } = await run(engine, ['ps', '--all', '--quiet', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`], { signal, env })
  const nodes = stdout.split('\n').filter((line) => line.trim() !== '')
  if (nodes.length > 0) await run(engine, ['rm', '--force', '--volumes', ...nodes], { signal, env })
}

/**
 * kind looks for a node's volume only in the attempt that removes the node: when podman fails at one
 * node, those of the others stay. Their only mark is a label whose key is the node's name.
 */
async function removeVolumes(run: RunProcess, cluster: string, env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  const { stdout } = await run('podman', ['volume', 'ls', '--format', 'json'], { signal, env })
  const volumes = JSON.parse(stdout || '[]') as readonly { Name: string; Labels?: Readonly<Record<string, string>> | null }[] | null
  const node = /^-(control-plane|worker)\d*$/
  const ours = (volumes ?? []).filter(({ Labels }) =>
    Object.keys(Labels ?? {}).some((label) => label.startsWith(cluster) && node.test(label.slice(cluster.length))),
  )
  if (ours.length > 0) await run('podman', ['volume', 'rm', '--force', ...ours.map(({ Name }) => Name)], { signal, env })
}
