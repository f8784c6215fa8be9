import type { Cluster } from './cluster/cluster.ts'
import type { Nodes } from './cluster/nodes.ts'
import type { Health } from './health/probe.ts'
import type { Ingress } from './ingress/ingress.ts'
import type { LoadResult } from './load/result.ts'
import type { ScriptFacts } from './load/wrapper.ts'
import type { Services } from './services/service.ts'
import type { Tool } from './tools/tool.ts'

/** What each stage hands to those that need it. */
export interface Results {
  kind: Tool
  kubectl: Tool
  k6: Tool
  cluster: Cluster
  nodes: Nodes
  ingress: Ingress
  services: Services
  health: Health
  /** There only with a script of the user's. */
  script: ScriptFacts
  load: LoadResult
}
