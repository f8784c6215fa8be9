import type { Check, CheckResult } from './check.ts'
import { clusterCheck, engineCheck, providerCheck, remoteEngineCheck, rootlessCheck } from './engine.ts'
import type { DoctorConfig, MachineFacts } from './facts.ts'
import { cgroupCheck, containerCheck, cpuCheck, diskCheck, engineDiskCheck, inotifyCheck, memoryCheck, nodeCheck, platformCheck } from './machine.ts'
import { downloadCheck, lowPortCheck, portCheck, proxyCheck } from './network.ts'
import { goCheck, k6Check, kindCheck, kubectlCheck, toolCacheCheck } from './programs.ts'

/** The table of checks, in the order they are reported. */
export const checks: readonly Check[] = [
  platformCheck,
  nodeCheck,
  containerCheck,
  providerCheck,
  engineCheck,
  remoteEngineCheck,
  rootlessCheck,
  cgroupCheck,
  inotifyCheck,
  memoryCheck,
  cpuCheck,
  diskCheck,
  engineDiskCheck,
  kindCheck,
  kubectlCheck,
  k6Check,
  goCheck,
  toolCacheCheck,
  downloadCheck,
  proxyCheck,
  portCheck,
  lowPortCheck,
  clusterCheck,
]

/** Every check's finding, in the table's order. */
export function diagnose(facts: MachineFacts, config: DoctorConfig): readonly CheckResult[] {
  return checks.map(({ look, ...check }) => ({ ...check, ...look(facts, config) }))
}

/** What a run can be here: on a kind cluster, on local processes alone, or nothing. */
export type Readiness = 'kind' | 'local' | 'none'

/** Problems decide: a warning, or what could not be found out, rules nothing out. */
export function readiness(results: readonly CheckResult[]): Readiness {
  const blockers = blockersOf(results)
  if (blockers.length === 0) return 'kind'
  return blockers.some(({ rulesOut }) => rulesOut === 'every run') ? 'none' : 'local'
}

/** What keeps a run on a cluster from starting. Of an engine that did not answer in time nobody can say that it is ready. */
export function blockersOf(results: readonly CheckResult[]): readonly CheckResult[] {
  const problems = results.filter(({ status }) => status === 'problem')
  return problems.length > 0 ? problems : results.filter(({ name, status }) => name === 'engine' && status === 'unknown')
}

/** 0 when a run is possible, on a cluster or on local processes; else 2, as an invalid run's. */
export function doctorExitCode(results: readonly CheckResult[]): 0 | 2 {
  return readiness(results) === 'none' ? 2 : 0
}
