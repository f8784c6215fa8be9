import XMLBuilder from 'fast-xml-builder'
import { describeGate, formatLimit } from '../gates/describe.ts'
import type { GateResult } from '../gates/evaluate.ts'
import { verdictWords } from './headline.ts'
import type { Report, ReportedStage } from './report.ts'

/** The report for whatever reads JUnit’s XML: the verdict, stages, probes and gates as test cases. It has no failure and no error only when the run passed. */
export function renderJunit(report: Report): string {
  const suites = [
    suite('Pipeline', [verdictCase(report)], report.durationMs, propertiesOf(report)),
    suite(
      'Stages',
      report.stages.map((stage) => stageCase(stage, report)),
      report.durationMs,
    ),
    suite(
      'Endpoints',
      report.services.flatMap(({ probes }) => probes.map(probeCase)),
    ),
    suite('Gates', report.gates.map(gateCase)),
  ].filter(({ testcase }) => testcase.length > 0)
  const timestamp = report.startedAt.replace(/(\.\d+)?Z$/, '')
  const document = {
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      '@name': 'mlops-pipeline',
      ...counts(suites.flatMap(({ testcase }) => testcase)),
      '@time': seconds(report.durationMs),
      testsuite: suites.map((each) => ({ ...each, '@timestamp': timestamp })),
    },
  }
  return builder.build(cleaned(document))
}

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressBooleanAttributes: false, suppressEmptyNode: true, format: true })

/** How a case that did not pass went: not the workload’s fault is an error, not done is skipped. */
interface Outcome {
  readonly as: 'failure' | 'error' | 'skipped'
  readonly message: string
  readonly type?: string
  readonly text?: string
}

interface Case {
  readonly '@classname': string
  readonly '@name': string
  readonly '@time': string
  readonly [child: string]: unknown
}

interface Suite {
  readonly testcase: readonly Case[]
  readonly [child: string]: unknown
}

function suite(name: string, cases: readonly Case[], durationMs: number | null = null, properties: readonly (readonly [string, string | null])[] = []): Suite {
  const own = cases.reduce((sum, each) => sum + Number(each['@time']), 0)
  const known = properties.filter(([, value]) => value !== null)
  return {
    '@name': name,
    ...counts(cases),
    '@time': durationMs === null ? own.toFixed(3) : seconds(durationMs),
    ...(known.length > 0 && { properties: { property: known.map(([key, value]) => ({ '@name': key, '@value': value })) } }),
    testcase: cases,
  }
}

function counts(cases: readonly Case[]): Record<string, string> {
  const number = (outcome: Outcome['as']) => String(cases.filter((each) => outcome in each).length)
  return { '@tests': String(cases.length), '@failures': number('failure'), '@errors': number('error'), '@skipped': number('skipped') }
}

function testCase(classname: string, name: string, durationMs: number | null, outcome: Outcome | null, output: readonly string[] = []): Case {
  return {
    '@classname': `mlops-pipeline.${classname}`,
    '@name': name,
    '@time': seconds(durationMs),
    ...(outcome && {
      [outcome.as]: { '@message': oneLine(outcome.message), ...(outcome.type && { '@type': outcome.type }), ...(outcome.text && { '#text': outcome.text }) },
    }),
    ...(output.length > 0 && { 'system-out': output.join('\n') }),
  }
}

/** Whatever else the cases say, a run that did not pass is not green. */
function verdictCase(report: Report): Case {
  const { verdict, reason, sentence, diagnosis } = report
  const output = diagnosis?.remedy ? [`What to do: ${diagnosis.remedy}`] : []
  const as = verdict === 'failed' ? 'failure' : 'error'
  return testCase('verdict', 'verdict', report.durationMs, verdict === 'passed' ? null : { as, message: sentence, type: reason ?? verdict }, output)
}

function stageCase({ name, title, status, durationMs, failure, leftOut }: ReportedStage, { diagnosis, verdict }: Report): Case {
  const outcome = (): Outcome | null => {
    switch (status) {
      case 'passed':
        return null
      case 'failed': {
        const as = failure?.kind === 'workload' ? 'failure' : 'error'
        const text = [failure?.message, failure?.remedy && `What to do: ${failure.remedy}`, ...(failure?.causes ?? [])].filter(Boolean).join('\n')
        return { as, message: failure?.message ?? 'failed', type: failure?.code ?? failure?.kind ?? 'failed', text }
      }
      case 'skipped':
        return { as: 'skipped', message: leftOut ?? 'an earlier stage did not pass' }
      default:
        // Another stage’s failure stopped it; without one it was the run itself that ended too early.
        return diagnosis && diagnosis.stage !== name
          ? { as: 'skipped', message: `stopped because ${diagnosis.title} failed` }
          : { as: 'error', message: status === 'cancelled' ? 'cancelled' : 'not finished', type: verdict }
    }
  }
  return testCase('stages', title, durationMs, outcome(), failure?.evidence)
}

function probeCase({ service, kind, target, healthy, durationMs, seen }: Report['services'][number]['probes'][number]): Case {
  return testCase(`endpoints.${service}`, `${kind} ${target}`, durationMs, healthy ? null : { as: 'failure', message: seen, type: kind }, healthy ? [seen] : [])
}

function gateCase(gate: GateResult): Case {
  const { service, metric, status } = gate
  const name = `${service === null ? '' : `${service}: `}${metric} ${formatLimit(gate)}`
  if (status === 'passed') return testCase('gates', name, null, null, [describeGate(gate)])
  return testCase('gates', name, null, { as: status === 'missing' ? 'error' : 'failure', message: describeGate(gate), type: status })
}

function propertiesOf(report: Report): (readonly [string, string | null])[] {
  const { context, cluster, tools, environment } = report
  return [
    ['verdict', verdictWords(report)],
    ['environment', environment],
    ['repository', context.repository],
    ['commit', context.sha],
    ['pull-request', context.pullRequest === null ? null : String(context.pullRequest)],
    ['run', context.runUrl],
    ['kubernetes', cluster?.kubernetesVersion ?? null],
    ['engine', cluster && [cluster.engine, cluster.engineVersion].filter(Boolean).join(' ')],
    ...tools.map(({ name, version }) => [name, version] as const),
  ]
}

/** JUnit’s times are seconds; what never ran took none. */
function seconds(ms: number | null): string {
  return ((ms ?? 0) / 1000).toFixed(3)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Takes out of every text what XML 1.0 cannot hold, escaped or not. */
function cleaned<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '') as T
  if (Array.isArray(value)) return value.map(cleaned) as T
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cleaned(part)])) as T
  return value
}
