import type { KubernetesObject } from '../stages/kubernetes.ts'
import type { LoadRunner } from '../stages/load/runner.ts'
import { archiveConfigMaps, archiveScript, mostParts } from './k6-archive.ts'
import { collectMs, dnsAnswers, type K6InCluster, loadNames, loadNamespace, readOutcome, removeAll, runnersEnded, startMs } from './k6-pods.ts'

export interface JobOptions extends K6InCluster {
  /** Image with a shell, for an archive that is larger than a ConfigMap. */
  readonly shellImage: string
}

/**
 * Runs k6 as a Kubernetes Job. What it reads comes as an archive by ConfigMap; an archive above 900 KiB comes in several,
 * put together by an init container. What it measured comes back in its log.
 */
export function k6AsJob(options: JobOptions): LoadRunner {
  const { output, baseUrl, ownUrl, image, memoryLimit, shellImage } = options
  return {
    name: 'job',
    runners: 1,
    baseUrl,
    ownUrl,
    overheadMs: startMs + collectMs,
    run: async ({ k6, plan }, context) => {
      const { signal, warn } = context
      const { name, marker } = loadNames()
      const kubernetes = await options.connect()
      const archive = await archiveScript(options, k6.path, { ...plan, summaryFile: 'stdout', frame: marker }, signal)
      const parts = archiveConfigMaps(archive, loadNamespace, name, mostParts)
      const values = { name, namespace: loadNamespace, image, memoryLimit, deadlineSeconds: Math.ceil((plan.longestMs + startMs) / 1000) }
      const [space, job] = (await (parts.length === 1
        ? options.manifest('job.yaml', values)
        : options.manifest('job-large.yaml', { ...values, shellImage }))) as [KubernetesObject, KubernetesObject]
      await dnsAnswers(kubernetes, context)
      try {
        await kubernetes.apply([space, ...parts, job], signal)
        const pods = { name, labelSelector: `app.kubernetes.io/name=${name}`, count: 1, longestMs: plan.longestMs }
        const ended = await runnersEnded(kubernetes, pods, context)
        return await Promise.all(ended.map((end) => readOutcome(kubernetes, end, { name: '', logFile: 'k6.log', marker, output }, signal)))
      } finally {
        await removeAll(kubernetes, [job, ...parts], warn)
      }
    },
  }
}
