import type { ClusterAdapters, ClusterOptions, Kind } from './stage.ts'

/** The first answer of a cluster's API server, which may be deleted and made anew before it comes. */
export interface FirstAnswer {
  readonly wait: (signal: AbortSignal) => Promise<void>
  readonly came: () => boolean
  /** Forgets what there is of the cluster, and looks again when it is gone. */
  readonly startAgainAfter: (removal: Promise<void>) => void
}

/** Waits for the control plane's kubeconfig, which is there long before kind is done, and then for the server's answer. */
export function firstAnswer({ name, kubeconfig }: ClusterOptions, kind: Kind, adapters: ClusterAdapters): FirstAnswer {
  let attempt = new AbortController()
  let removal = Promise.resolve()
  let came = false
  return {
    came: () => came,
    startAgainAfter: (gone) => {
      removal = gone.catch(() => {})
      const before = attempt
      attempt = new AbortController()
      before.abort()
    },
    wait: async (signal) => {
      while (!came) {
        await removal
        const own = AbortSignal.any([signal, attempt.signal])
        try {
          await adapters.until(() => kind.writeKubeconfig(name, kubeconfig, own), own)
          const kubernetes = await adapters.connect(kubeconfig)
          await adapters.until(() => kubernetes.answers(own), own)
          came = !own.aborted
        } catch (error) {
          if (signal.aborted || !own.aborted) throw error
        }
      }
    },
  }
}
