import { describe, expect, test } from '@jest/globals'
import { drivesItself, wrapScript } from '../../../../src/stages/load/wrapper.ts'

interface Script {
  readonly options?: Readonly<Record<string, unknown>>
  readonly handleSummary?: (data: object) => object
}

/** What the wrapper exports for a script, without k6. */
function wrapped(script: Script) {
  const text = wrapScript({
    script: '/repo/it’s "mine"/load.ts',
    summaryFile: '/run/summary.json',
    frame: null,
    options: { scenarios: { mlops_load: { vus: 10 } }, summaryTrendStats: ['count', 'p(95)'], thresholds: { 'http_reqs{service:foo}': ['count>=0'] } },
  })
  const body = text
    .split('\n')
    .filter((line) => !/^(import|export (\*|default))/.test(line))
    .join('\n')
    .replaceAll(/^export /gm, '')
  const run = new Function('script', 'console', `${body}\nreturn { options, handleSummary };`)
  const said: string[] = []
  const exports = run(script, { error: (line: string) => said.push(line) }) as { options: Record<string, unknown>; handleSummary: (data: object) => object }
  return { ...exports, text, said }
}

describe('the wrapper of a script', () => {
  test('imports it by its path, whatever that holds, and hands on all it exports', () => {
    expect(wrapped({}).text.split('\n').slice(0, 3)).toEqual([
      'import * as script from "/repo/it’s \\"mine\\"/load.ts";',
      'export * from "/repo/it’s \\"mine\\"/load.ts";',
      'export default script.default;',
    ])
  })

  test.each<[string, Script['options'], object]>([
    ['nothing of its own: ours drive it', undefined, { scenarios: { mlops_load: { vus: 10 } } }],
    ['options that say nothing of its drive', { userAgent: 'me' }, { userAgent: 'me', scenarios: { mlops_load: { vus: 10 } } }],
    ['scenarios of its own', { scenarios: { mine: {} } }, { scenarios: { mine: {} } }],
    ['users of its own', { vus: 3, duration: '5s' }, { vus: 3, duration: '5s' }],
    ['iterations alone: one user', { iterations: 5 }, { iterations: 5, vus: 1 }],
    ['stages alone: from one user', { stages: [] }, { stages: [], vus: 1 }],
  ])('drives a script with %s', (_, options, expected) => {
    const { summaryTrendStats, thresholds, ...drive } = wrapped(options ? { options } : {}).options
    expect(drive).toEqual(expected)
    expect(summaryTrendStats).toEqual(['count', 'p(95)'])
    expect(thresholds).toEqual({ 'http_reqs{service:foo}': ['count>=0'] })
  })

  test('adds to its thresholds and statistics, and takes none away', () => {
    const abort = { threshold: 'p(95)<500', abortOnFail: true }
    const { options } = wrapped({
      options: { thresholds: { http_req_duration: [abort], 'http_reqs{service:foo}': 'count>5' }, summaryTrendStats: ['p(99.9)', 'count'] },
    })
    expect(options).toMatchObject({
      thresholds: { http_req_duration: [abort], 'http_reqs{service:foo}': ['count>5', 'count>=0'] },
      summaryTrendStats: ['p(99.9)', 'count', 'p(95)'],
    })
  })

  test('keeps the files of its summary, and ours wins', () => {
    const { handleSummary } = wrapped({ handleSummary: () => ({ 'mine.json': 'mine', stdout: 'hello', '/run/summary.json': 'not ours' }) })
    expect(handleSummary({ metrics: {} })).toEqual({ 'mine.json': 'mine', stdout: 'hello', '/run/summary.json': '{"metrics":{}}' })
  })

  test('writes ours although its own throws, or changes the data', () => {
    const failing = wrapped({
      handleSummary: (data) => {
        Object.assign(data, { metrics: null })
        throw new Error('no')
      },
    })
    expect(failing.handleSummary({ metrics: {} })).toEqual({ '/run/summary.json': '{"metrics":{}}' })
    expect(failing.said).toEqual(['handleSummary of the load script: Error: no'])
  })

  test('is seen in what k6 says of its scenarios', () => {
    expect([drivesItself(['mlops_load']), drivesItself(['mine']), drivesItself([])]).toEqual([false, true, true])
  })
})
