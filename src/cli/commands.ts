import { type InputOption, inputOptions, type OwnOptionName } from './options.ts'

/** A command as its users see it; what it does is in `cli.ts`. */
export interface Command {
  readonly summary: string
  /** More than the summary says, for its own help. */
  readonly details: string
  readonly inputs: readonly InputOption[]
  readonly own: readonly OwnOptionName[]
  /** Name of the one word it takes beside options, or null. */
  readonly operand: string | null
}

/** What shapes, judges and sends a load. */
const loadOnly: readonly InputOption[] = [
  'vus',
  'duration',
  'rate',
  'max-vus',
  'ramp',
  'warmup',
  'load-script',
  'on-invalid',
  'thresholds',
  'max-p95',
  'max-error-rate',
  'load-runner',
  'parallelism',
  'k6-version',
]
const load: readonly InputOption[] = [...loadOnly, 'download-mirror', 'image-overrides']
const asked: readonly InputOption[] = ['cluster-name', 'base-url', 'health-check-retries']
const withoutLoad = inputOptions.filter((name) => !loadOnly.includes(name))

/** The commands, in the order of the help. `run` is meant when none is named. */
export const commands = {
  run: {
    summary: 'The whole pipeline: boot, prove healthy, load, judge, report, clean up.',
    details: 'On a kind cluster where Docker or podman answers, else on local processes. The report goes to the folder report.',
    inputs: inputOptions,
    own: ['output'],
    operand: null,
  },
  up: {
    summary: 'Cluster, ingress and services, left standing.',
    details: 'Ask what stands with health and load, and take it away with down.',
    inputs: withoutLoad.filter((name) => !['cleanup', 'health-check-retries'].includes(name)),
    own: ['output'],
    operand: null,
  },
  health: {
    summary: 'Ask every service of what stands, or of any --base-url.',
    details: 'Several right answers in a row from each service, by every way that leads to it.',
    inputs: asked,
    own: ['output'],
    operand: null,
  },
  load: {
    summary: 'Load what stands, or any --base-url, and judge it by the gates.',
    details: 'Only load what is yours.',
    inputs: [...asked, ...load],
    own: ['output', 'watch'],
    operand: null,
  },
  down: {
    summary: 'Delete what up left standing, and nothing else.',
    details: 'Clusters that up, or run with cleanup never, did not make are left alone.',
    inputs: ['cluster-name'],
    own: [],
    operand: null,
  },
  validate: {
    summary: 'Check options, environment, load script and manifests; starts nothing.',
    details: 'Names every problem at once.',
    inputs: inputOptions,
    own: [],
    operand: null,
  },
  report: {
    summary: 'Render a report.json again.',
    details: 'Writes report.html, report.md and junit.xml beside it, or to --output, and shows the result.',
    inputs: [],
    own: ['output'],
    operand: 'FILE',
  },
  doctor: {
    summary: 'Look at this machine: what is wrong for a run, and how to mend it.',
    details: 'Engine, programs, ports, disk, memory, limits and proxies. Changes nothing.',
    inputs: inputOptions,
    own: [],
    operand: null,
  },
} as const satisfies Record<string, Command>
export type CommandName = keyof typeof commands
