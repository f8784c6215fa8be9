import * as z from 'zod'
import type { KubernetesObject } from '../kubernetes.ts'

/** What a Deployment asks for, as far as processes of this machine can give it. */
export interface LocalWorkload {
  readonly replicas: number
  /** Arguments of its container. */
  readonly args: readonly string[]
  readonly readiness: { readonly path: string; readonly timeoutMs: number }
}

// Defaults are those of the Kubernetes API.
const deploymentSchema = z.object({
  spec: z.object({
    replicas: z.int().min(0).default(1),
    template: z.object({
      spec: z.object({
        containers: z.tuple([
          z.object({
            args: z.array(z.string()).default([]),
            readinessProbe: z.object({ httpGet: z.object({ path: z.string().default('/') }), timeoutSeconds: z.number().positive().default(1) }),
          }),
        ]),
      }),
    }),
  }),
})

/**
 * Reads the workload of a service's manifest. The probe's period is left out: `until` asks more often than Kubernetes
 * can be told to.
 * @throws Error when there is not exactly one Deployment with one container and an HTTP readiness probe
 */
export function readWorkload(objects: readonly KubernetesObject[]): LocalWorkload {
  const deployments = objects.filter(({ kind }) => kind === 'Deployment')
  const [deployment] = deployments
  if (!deployment || deployments.length > 1) throw new Error(`expected one Deployment for a local service, got ${deployments.length}`)
  const read = deploymentSchema.safeParse(deployment)
  if (!read.success) {
    throw new Error(`Deployment ${deployment.metadata.name} cannot be run as local processes: ${z.prettifyError(read.error)}`, { cause: read.error })
  }
  const { replicas, template } = read.data.spec
  const [{ args, readinessProbe }] = template.spec.containers
  return { replicas, args, readiness: { path: readinessProbe.httpGet.path, timeoutMs: readinessProbe.timeoutSeconds * 1000 } }
}
