import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { ApiException, BatchV1Api, CustomObjectsApi, KubeConfig, type V1Job } from '@kubernetes/client-node'

/** What the stand-in reads of a TestRun. */
interface TestRun {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly spec: {
    readonly parallelism: number
    readonly script: { readonly configMap: { readonly name: string; readonly file: string } }
    readonly arguments?: string
    readonly runner: {
      readonly image: string
      readonly env?: object[]
      readonly resources?: object
      readonly securityContext?: object
      readonly containerSecurityContext?: object
    }
  }
  readonly status?: { readonly stage?: string }
}

const type = { group: 'k6.io', version: 'v1alpha1', plural: 'testruns' }

/**
 * Stands in for the k6-operator on a real cluster: follows its TestRuns from this machine and makes the Jobs it would,
 * each with its segment of the load and its labels, and tells its stages. Unlike the real one its runners do not wait for
 * each other, so that neither a starter nor its image is needed.
 * @returns what ends it
 */
export function startOperatorStandIn(kubeconfig: string): () => Promise<void> {
  const config = new KubeConfig()
  config.loadFromString(readFileSync(kubeconfig, 'utf8'))
  const [custom, batch] = [config.makeApiClient(CustomObjectsApi), config.makeApiClient(BatchV1Api)]
  const stop = new AbortController()

  async function tell({ metadata: { name, namespace } }: TestRun, stage: string): Promise<void> {
    const body = [{ op: 'add', path: '/status', value: { stage } }]
    await custom.patchNamespacedCustomObjectStatus({ ...type, name, namespace, body })
  }

  async function look(run: TestRun): Promise<void> {
    const { name, namespace } = run.metadata
    switch (run.status?.stage) {
      case undefined:
        for (let index = 1; index <= run.spec.parallelism; index += 1) {
          await batch.createNamespacedJob({ namespace, body: runnerJob(run, index) }).catch(unlessThere)
        }
        return await tell(run, 'started')
      case 'started': {
        const { items } = await batch.listNamespacedJob({ namespace, labelSelector: `k6_cr=${name}` })
        const ended = items.filter(({ status }) => (status?.succeeded ?? 0) + (status?.failed ?? 0) > 0)
        if (ended.length === run.spec.parallelism) await tell(run, 'finished')
      }
    }
  }

  async function follow(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        const { items } = (await custom.listCustomObjectForAllNamespaces({ ...type, resourcePlural: type.plural })) as { items: TestRun[] }
        for (const run of items) await look(run)
      } catch (error) {
        // Deleted in between, or its type is not there yet; the next look sees.
        if (!(error instanceof ApiException)) throw error
      }
      await setTimeout(200)
    }
  }
  const following = follow()
  following.catch(() => {})
  return async () => {
    stop.abort()
    await following
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof ApiException) || error.code !== 409) throw error
}

/** The Job of one runner, as the operator makes it, but for its waiting for the others. */
function runnerJob({ metadata, spec }: TestRun, index: number): V1Job {
  const { parallelism, runner, script } = spec
  const name = `${metadata.name}-${index}`
  const share = (part: number) => (part === 0 ? '0' : part === parallelism ? '1' : `${part}/${parallelism}`)
  const sequence = Array.from({ length: parallelism + 1 }, (_, part) => share(part)).join(',')
  const labels = { app: 'k6', k6_cr: metadata.name, runner: 'true' }
  const command = [
    ...['k6', 'run', '--quiet', `--execution-segment=${share(index - 1)}:${share(index)}`, `--execution-segment-sequence=${sequence}`],
    ...(spec.arguments ?? '').split(' ').filter(Boolean),
    ...[`/test/${script.configMap.file}`, '--address=0.0.0.0:6565', '--tag', `instance_id=${index}`],
  ]
  return {
    metadata: {
      name,
      namespace: metadata.namespace,
      labels,
      ownerReferences: [{ apiVersion: 'k6.io/v1alpha1', kind: 'TestRun', name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          hostname: name,
          securityContext: runner.securityContext ?? {},
          containers: [
            {
              name: 'k6',
              image: runner.image,
              imagePullPolicy: 'IfNotPresent',
              command,
              env: (runner.env ?? []) as never,
              resources: runner.resources ?? {},
              securityContext: runner.containerSecurityContext ?? {},
              volumeMounts: [{ name: 'k6-test-volume', mountPath: '/test' }],
            },
          ],
          volumes: [{ name: 'k6-test-volume', configMap: { name: script.configMap.name } }],
        },
      },
    },
  }
}
