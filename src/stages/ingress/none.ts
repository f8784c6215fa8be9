import type { Stage } from '../../pipeline/stage.ts'
import type { Results } from '../results.ts'

/**
 * Stands where an ingress would be installed.
 * @param baseUrl where somebody else's ingress answers; null when requests go straight to the NodePorts
 */
export function noIngressStage(baseUrl: string | null): Stage<Results, 'ingress', never> {
  const note = baseUrl === null ? 'No ingress: straight to NodePorts.' : `No ingress of ours: requests go to ${baseUrl} with each service’s Host header.`
  return {
    name: 'ingress',
    title: 'No ingress',
    needs: [],
    deadlineMs: 60_000,
    run: async () => ({ controller: 'none', image: null, className: null, baseUrl, note, process: null }),
    data: (ingress) => ingress,
  }
}
