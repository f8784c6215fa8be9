import { describe, expect, test } from '@jest/globals'
import { outputs } from '../../src/config/inputs.ts'
import { outputsOf } from '../../src/outputs.ts'
import { fullLoadOf, metricsOf, recordOf, reportOf, reports, skipped } from './runs.ts'

const paths = { report: '/tmp/r/report.json', junit: '/tmp/r/junit.xml', kubeconfig: '/tmp/r/kubeconfig' }
const links = { artifact: 'https://github.com/a', comment: 'https://github.com/c' }

describe('the outputs', () => {
  test('of a passed run', () => {
    const { metrics, ...others } = outputsOf(reports.passed, paths, links)
    expect(others).toEqual({
      verdict: 'passed',
      reason: '',
      report: '/tmp/r/report.json',
      junit: '/tmp/r/junit.xml',
      'p95-ms': '12.34567',
      'error-rate': '0.02',
      rps: '1333.3333',
      'comment-url': 'https://github.com/c',
      'artifact-url': 'https://github.com/a',
      kubeconfig: '/tmp/r/kubeconfig',
      'base-url': 'http://127.0.0.1',
    })
    expect(JSON.parse(metrics)).toEqual({ total: fullLoadOf().total, services: fullLoadOf().services, gates: reports.passed.gates })
  })

  test('are the ones of action.yml, each of them always set', () => {
    for (const report of Object.values(reports)) expect(Object.keys(outputsOf(report, paths, links)).sort()).toEqual(Object.keys(outputs).sort())
  })

  test('are empty where something is missing', () => {
    const nothing = reportOf(recordOf(Object.fromEntries(recordOf().stages.map(({ name }) => [name, skipped])), { cancelled: true }))
    expect(outputsOf(nothing, paths, { artifact: null, comment: null })).toEqual({
      verdict: 'cancelled',
      reason: 'cancel',
      report: '/tmp/r/report.json',
      junit: '/tmp/r/junit.xml',
      'p95-ms': '',
      'error-rate': '',
      rps: '',
      metrics: '',
      'comment-url': '',
      'artifact-url': '',
      kubeconfig: '',
      'base-url': '',
    })
  })

  test('of a load without a request have no number, and no 0 for one', () => {
    expect(outputsOf(reports['no data'], paths, links)).toMatchObject({ verdict: 'invalid', 'p95-ms': '', 'error-rate': '', rps: '' })
  })

  test('tell a measured 0 from a missing number', () => {
    const flawless = reportOf(recordOf({ load: { data: fullLoadOf({ total: metricsOf({ errorRate: 0 }) }) } }))
    expect(outputsOf(flawless, paths, links)['error-rate']).toBe('0')
  })
})
