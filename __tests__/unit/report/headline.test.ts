import { describe, expect, test } from '@jest/globals'
import { headlineText, verdictWords } from '../../../src/report/headline.ts'
import { renderMarkdown } from '../../../src/report/markdown.ts'
import { renderTerminal } from '../../../src/report/terminal.ts'
import { recordOf, reportOf, reports } from '../runs.ts'

const verdicts = ['passed', 'failed', 'invalid', 'inconclusive', 'cancelled'] as const

describe('the verdict in words', () => {
  test.each(verdicts)('%s', (verdict) => {
    expect(verdictWords({ verdict, environment: 'kind' })).toBe(verdict)
    expect(verdictWords({ verdict, environment: 'local' })).toBe(`${verdict} on local processes, no Kubernetes`)
  })
})

describe('a run on local processes', () => {
  const leftOut = { status: 'skipped' as const, startedAfterMs: null, durationMs: null, data: null }
  const processes = [{ service: 'foo', pid: 1, startTime: '1', url: 'http://127.0.0.1:1' }]
  const report = reportOf(
    recordOf({
      kind: { ...leftOut, leftOut: 'local processes need no cluster' },
      kubectl: { ...leftOut, leftOut: 'local processes need no cluster' },
      cluster: { ...leftOut, leftOut: 'nothing about Kubernetes | was tried' },
      nodes: { ...leftOut, leftOut: 'there is no cluster' },
      ingress: {
        data: { controller: 'reverse proxy (httpxy)', image: null, className: null, baseUrl: 'http://127.0.0.1:1', note: null, process: processes[0] },
      },
      services: { data: { namespace: null, routes: reports.passed.services.map((service) => ({ ...service, image: null, nodePort: null })), processes } },
    }),
    { environment: 'local' },
  )
  const page = renderMarkdown(report, { artifact: null })

  test('passes, and its headline claims no Kubernetes', () => {
    expect(report.verdict).toBe('passed')
    expect(page.split('\n')[0]).toBe('### ✅ Pipeline passed on local processes, no Kubernetes')
    expect(headlineText(report)).toMatch(/^passed on local processes, no Kubernetes: all \d gates held/)
    expect(renderTerminal(report)).toContain('passed on local processes, no Kubernetes: ')
  })

  test('shows what it left out as skipped, with the reason and no mark of success', () => {
    const rows = page.split('\n').filter((line) => line.includes('<br>skipped: '))
    expect(rows).toEqual([
      '| – | Install kind 0.33.0<br>skipped: local processes need no cluster |  |  |',
      '| – | Install kubectl 1.37.0<br>skipped: local processes need no cluster |  |  |',
      '| – | Boot the cluster<br>skipped: nothing about Kubernetes \\| was tried |  |  |',
      '| – | Nodes, system pods and DNS<br>skipped: there is no cluster |  |  |',
    ])
  })

  test('has processes and a proxy for infrastructure, and nothing of a cluster', () => {
    const infrastructure = page.slice(page.indexOf('<summary>Infrastructure'), page.indexOf('<summary>Stages'))
    expect(infrastructure).toContain('- **Environment:** local processes; nothing about Kubernetes was tried\n')
    expect(infrastructure).toContain('- **Ingress:** reverse proxy (httpxy)\n')
    expect(infrastructure).toContain('- **Services:** foo: 2 × a local process<br>bar: 2 × a local process\n')
    expect(infrastructure).not.toMatch(/\*\*(Cluster|Kubernetes|Nodes?|Node image|System pods|DNS):/)
    expect(report.cluster).toBeNull()
  })
})
