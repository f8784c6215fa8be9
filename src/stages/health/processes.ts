import type { Inside } from './stage.ts'

/** Services that are processes of this machine, each replica asked by itself; of services anywhere else it knows nothing. */
export const insideProcesses: Inside = {
  readyMs: 0,
  // A process that answers is there: nobody else needs to be asked.
  ready: async () => null,
  direct: ({ name, path }, { processes }) =>
    (processes ?? []).filter(({ service }) => service === name).map(({ url }) => ({ kind: 'process', url: `${url}${path}` })),
}
