import { describe, expect, test } from '@jest/globals'
import { judgeAudit } from '../../scripts/audit.ts'

const report = (vulnerabilities: Record<string, unknown>) =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: { vulnerabilities: { total: Object.keys(vulnerabilities).length } } })
const found = (severity: string, fixAvailable: unknown = true) => ({ name: 'x', severity, isDirect: false, via: [], range: '<2', fixAvailable })

describe('an audit', () => {
  test('without findings is clean', () => {
    expect(judgeAudit(report({}))).toEqual({ exitCode: 0, lines: ['no known vulnerability'] })
  })

  test.each([
    ['info', 0],
    ['low', 0],
    ['moderate', 0],
    ['high', 1],
    ['critical', 1],
  ])('with a finding that is %s ends with %i, and says it', (severity, exitCode) => {
    expect(judgeAudit(report({ ws: found(severity) }))).toEqual({ exitCode, lines: [`${severity}: ws <2`] })
  })

  test('shows the worst first, and what has no fix', () => {
    const { exitCode, lines } = judgeAudit(report({ a: found('low'), b: found('critical', false), c: found('moderate', { name: 'c', version: '2.0.0' }) }))
    expect(lines).toEqual(['critical: b <2, no fix yet', 'moderate: c <2', 'low: a <2'])
    expect(exitCode).toBe(1)
  })

  test.each([
    ['no such endpoint', { message: '405 Method Not Allowed - POST …', method: 'POST', statusCode: 405, body: '', error: { summary: '', detail: '' } }],
    ['no registry', { message: 'request to … failed', error: { summary: '', detail: '' } }],
  ])('that met %s says so and fails nothing', (_, answer) => {
    expect(judgeAudit(JSON.stringify(answer))).toEqual({ exitCode: 0, lines: [`not audited, the registry gives no advisories: ${answer.message}`] })
  })

  test.each(['', 'npm error', '{}', '[]', 'null', '{"auditReportVersion":3,"vulnerabilities":{}}', report({ ws: { severity: 'unheard of' } })])(
    'that printed %j cannot be read',
    (output) => {
      expect(judgeAudit(output).exitCode).toBe(2)
      expect(judgeAudit(output).lines).toHaveLength(1)
    },
  )
})
