import fc from 'fast-check'
import type { Report } from '../../../src/report/report.ts'
import type { Service } from '../../../src/stages/services/service.ts'
import { context, failureOf, fullLoadOf, metricsOf, probesOf, recordOf, reportOf, resourcesOf, services, useOf } from '../runs.ts'

/** Text made to break out: markup, mentions and links amid anything. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<img src=x onerror=alert(1)>',
        '</details>',
        '<!--',
        '-->',
        '@octocat',
        '@octo/team',
        '#1',
        'octo/app#2',
        'GH-3',
        'me@evil.example',
        'www.evil.example',
        'https://evil.example/a',
        '[click](https://evil.example)',
        '![x](//evil.example/x.png)',
        '`',
        '```',
        '````',
        '|',
        '\\|',
        '\\',
        '**',
        '__',
        '~~',
        '\n',
        '\r\n',
        '\n\n# ',
        '\u2028',
        '\u202e',
        '\u2066',
        '$',
        ':octocat:',
        '\u0000',
        '\u001b[31m',
        '&#64;',
        '&lt;b&gt;',
      ),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join(' '))

/** A report with the text in every place that something outside of us writes. */
export function reportWith(text: string): Report {
  const named: Service[] = services.map((service) => ({ ...service, image: `${text}:1`, host: text }))
  const record = recordOf(
    {
      cluster: { data: { name: 'c', engine: 'docker', engineVersion: text, nodeImage: text, nodeCount: 1, ports: [] } },
      nodes: {
        data: { kubernetesVersion: text, nodes: [{ name: text, kubelet: text, runtime: text, architecture: text }], systemPods: 1, dnsName: text },
      },
      ingress: { data: { controller: 'nginx', image: text, className: 'nginx', baseUrl: text, note: text, process: null } },
      services: { data: { namespace: 'n', routes: named } },
      health: { data: { probes: probesOf().map((probe) => ({ ...probe, target: text, seen: text })) } },
      load: {
        status: 'failed',
        progress: text,
        data: fullLoadOf({
          services: { foo: metricsOf(), [text]: metricsOf() },
          resources: resourcesOf({ services: [{ name: text, containers: [useOf({ pod: text, container: text })] }], note: text }),
          notes: [text],
        }),
        failure: failureOf(text, { remedy: text, causes: [text, `${text}\n${text}`] }),
      },
    },
    { failedStage: 'load', warnings: [text] },
  )
  return reportOf(record, { context: { ...context, matrix: { key: text } }, warnings: [text] })
}

/** The same with a distribution of that name, for charts, and a diagnosis that quotes it. */
export function chartedWith(text: string): Report {
  const { load, diagnosis, ...report } = reportWith(text)
  return {
    ...report,
    files: [text],
    load: load && { ...load, services: { ...load.services, [text]: load.total } },
    diagnosis: diagnosis && { ...diagnosis, code: text, evidence: [text, `${text}\n${text}`] },
  }
}
