import type { InputName, InputValues } from './inputs.ts'

/** What is wrong with where the load is to run. */
export function placeProblems(
  { loadRunner, parallelism, cluster, ingress, baseUrl, vus, rate }: Partial<InputValues>,
  given: ReadonlySet<InputName>,
): string[] {
  const problems: string[] = []
  const inCluster = loadRunner === 'job' || loadRunner === 'distributed'
  if (given.has('parallelism') && loadRunner !== 'distributed') problems.push('parallelism: only load-runner: distributed has several pods; leave it out')
  if (inCluster && cluster === 'local') problems.push(`load-runner: ${loadRunner} needs a cluster, and cluster is local; use host`)
  if (inCluster && ingress === 'none' && baseUrl !== undefined && isLoopback(baseUrl)) {
    problems.push(`base-url: ${baseUrl} is this machine, which load-runner: ${loadRunner} does not reach; leave it out, or use host`)
  }
  // A rate has users of its own, as many as it takes.
  if (loadRunner === 'distributed' && rate === undefined && parallelism !== undefined && vus !== undefined && vus < parallelism) {
    problems.push(`parallelism: ${parallelism} pods cannot share ${vus} VUs; lower it, or raise vus`)
  }
  return problems
}

/** Whether an address is that of whatever machine asks. */
export function isLoopback(address: string): boolean {
  const { hostname } = new URL(address)
  return /^(127\.|\[::1\]$)/.test(hostname) || hostname === 'localhost' || hostname.endsWith('.localhost')
}
