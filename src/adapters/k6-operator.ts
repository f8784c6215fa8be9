import type { StageContext } from '../pipeline/stage.ts'
import type { Kubernetes, KubernetesObject } from '../stages/kubernetes.ts'
import type { LoadRunner } from '../stages/load/runner.ts'
import type { EndedPod } from '../stages/load/runner-pods.ts'
import { asInfrastructure, rolledOut } from '../stages/rollout.ts'
import { archiveConfigMaps, archiveScript } from './k6-archive.ts'
import { collectMs, dnsAnswers, type K6InCluster, loadNames, loadNamespace, readOutcome, removeAll, runnersEnded, startMs } from './k6-pods.ts'

export interface OperatorOptions extends K6InCluster {
  /** Over how many pods the load is spread. */
  readonly parallelism: number
  /** Image of the operator, where it is not there yet. */
  readonly operatorImage: string
  /** Image with `sh` and `curl` that starts the runners. */
  readonly starterImage: string
}

const operatorNamespace = 'k6-operator-system'

/** Its type tells whether an operator is there. */
const testRunType = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'testruns.k6.io' } }

/** Time that the operator has between its pods being ready and its test having begun, and its resync, in milliseconds. */
const operatorMs = 60_000

/**
 * Runs k6 in several pods at once, each with its share of the load, by the k6-operator; installs it where it is missing.
 * The operator neither merges nor judges, and it stops without a word when a pod does not come up: pods are watched and
 * read here, and deadlines are our own.
 */
export function k6ByOperator(options: OperatorOptions): LoadRunner {
  const { output, baseUrl, ownUrl, image, memoryLimit, parallelism, starterImage } = options
  return {
    name: 'distributed',
    runners: parallelism,
    baseUrl,
    ownUrl,
    overheadMs: 2 * startMs + operatorMs + collectMs,
    run: async ({ k6, plan }, context) => {
      const { signal, warn } = context
      const { name, marker } = loadNames()
      const kubernetes = await options.connect()
      const archive = await archiveScript(options, k6.path, { ...plan, summaryFile: 'stdout', frame: marker }, signal)
      const parts = archiveConfigMaps(archive, loadNamespace, name, 1)
      await dnsAnswers(kubernetes, context)
      await installOperator(kubernetes, options, context)
      const values = { name, namespace: loadNamespace, image, memoryLimit, parallelism, starterImage }
      const [space, testRun] = (await options.manifest('testrun.yaml', values)) as [KubernetesObject, KubernetesObject]
      try {
        await kubernetes.apply([space, ...parts, testRun], signal)
        const hint = async (own: AbortSignal) => stageOf(await kubernetes.read(testRun, own))
        const pods = { name, labelSelector: `k6_cr=${name},runner=true`, count: parallelism, longestMs: plan.longestMs + operatorMs, hint }
        const ended = await runnersEnded(kubernetes, pods, context)
        const read = (end: EndedPod) => {
          const number = numberOf(end, name)
          return readOutcome(kubernetes, end, { name: `runner ${number}`, logFile: `k6-${number}.log`, marker, output }, signal)
        }
        return await Promise.all(ended.toSorted((a, b) => numberOf(a, name) - numberOf(b, name)).map(read))
      } finally {
        await removeAll(kubernetes, [testRun, ...parts], warn)
      }
    },
  }
}

async function installOperator(kubernetes: Kubernetes, { manifest, operatorImage }: OperatorOptions, context: StageContext): Promise<void> {
  if ((await kubernetes.read(testRunType, context.signal)) !== null) return
  context.progress('installing the k6-operator')
  try {
    await kubernetes.apply(await manifest('operator.yaml', { namespace: operatorNamespace, image: operatorImage }), context.signal)
    await rolledOut(kubernetes, { namespace: operatorNamespace, deployments: ['k6-operator'] }, Promise.resolve(), context)
  } catch (error) {
    throw asInfrastructure(error)
  }
}

/** Which of the runners a pod is: its name is that of its Job, which ends in its number, and some letters. */
function numberOf({ pod }: EndedPod, name: string): number {
  return Number(new RegExp(`^${name}-(\\d+)-`).exec(pod.metadata.name)?.[1] ?? 0)
}

function stageOf(testRun: KubernetesObject | null): string {
  const { stage } = (testRun?.status ?? {}) as { stage?: unknown }
  return typeof stage === 'string' ? `the operator’s TestRun is at ${stage}` : 'no operator has looked at the TestRun'
}
