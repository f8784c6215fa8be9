import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { actionYaml, inputsTable, outputsTable, replaceBetween, reportSchemaFile } from '../../scripts/generate.ts'
import { inputs, outputs } from '../../src/config/inputs.ts'

const root = join(import.meta.dirname, '../..')
/** An expression that the runner evaluates. */
const expression = (text: string) => `\${{ ${text} }}`
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Action {
  inputs: Record<string, { description: string; required: boolean; default?: string }>
  outputs: Record<string, { description: string }>
  runs: Record<string, string>
}

describe('action.yml', () => {
  const action = parse(read('action.yml')) as Action

  test('is what the tables make it; else run: npm run generate', () => {
    expect(read('action.yml')).toBe(actionYaml())
  })

  test('has a default for github-token and matrix alone: the runner would fill others in and hide environment variables', () => {
    const defaults = Object.entries(action.inputs).flatMap(([name, row]) => ('default' in row ? [[name, row.default]] : []))
    expect(defaults).toEqual([
      ['github-token', expression('github.token')],
      ['matrix', expression('toJSON(matrix)')],
    ])
  })

  test('has every input of the issue, none of them required', () => {
    expect(Object.keys(action.inputs)).toEqual(Object.keys(inputs))
    expect(Object.values(action.inputs).every(({ required }) => required === false)).toBe(true)
    expect(Object.keys(inputs).sort()).toEqual(
      [
        'cluster',
        'github-token',
        'load-runner',
        'parallelism',
        'matrix',
        'cluster-name',
        'kubernetes-version',
        'node-image',
        'workers',
        'node-ready-timeout',
        'http-port',
        'https-port',
        'kind-config',
        'cleanup',
        'kind-version',
        'kubectl-version',
        'k6-version',
        'download-mirror',
        'image-overrides',
        'ingress',
        'base-url',
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
        'health-check-retries',
        'mode',
        'comment',
        'comment-key',
        'artifact-name',
      ].sort(),
    )
  })

  test('has every output of the issue', () => {
    expect(Object.keys(action.outputs)).toEqual(Object.keys(outputs))
    expect(Object.keys(outputs)).toEqual([
      'verdict',
      'reason',
      'report',
      'junit',
      'p95-ms',
      'error-rate',
      'rps',
      'metrics',
      'comment-url',
      'artifact-url',
      'kubeconfig',
      'base-url',
    ])
  })

  test('tells the default of each input that has one', () => {
    for (const [name, row] of Object.entries(inputs)) {
      if (row.default !== undefined) expect(action.inputs[name]?.description).toContain(`Default: \`${row.default}\`.`)
    }
  })

  test('runs one bundle on Node 24, after the job too, whatever became of it', () => {
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js', 'post-if': 'always()' })
  })
})

test('the published schema is what ours makes it; else run: npm run generate', () => {
  expect(read('schemas/report.schema.json')).toBe(reportSchemaFile())
})

describe('the README', () => {
  test.each([
    ['inputs', inputsTable()],
    ['outputs', outputsTable()],
  ])('has the table of %s; else run: npm run generate', (name, table) => {
    expect(read('README.md')).toBe(replaceBetween(read('README.md'), name, table))
  })

  test('shows every input but the hidden one, and the variables that set it', () => {
    const shown = inputsTable()
      .split('\n')
      .slice(2)
      .map((line) => /^\| `([a-z0-9-]+)` \|/.exec(line)?.[1])
    expect(shown).toEqual(Object.keys(inputs).filter((name) => name !== 'matrix'))
    expect(inputsTable()).toContain('Environment: `LOAD_TEST_DURATION`, `DURATION`.')
  })

  test('has tables whose rows all have as many cells as their head', () => {
    for (const table of [inputsTable(), outputsTable()]) {
      const cells = table.split('\n').map((line) => line.replaceAll('\\|', '').split('|').length)
      expect(new Set(cells).size).toBe(1)
    }
  })
})

describe('replacing what stands between two marks', () => {
  const page = 'a\n<!-- x -->\nold\nlines\n<!-- /x -->\nb\n<!-- y -->\nkept\n<!-- /y -->\n'

  test('leaves all else, and takes the new text as it is', () => {
    expect(replaceBetween(page, 'x', 'new $& $1')).toBe('a\n<!-- x -->\nnew $& $1\n<!-- /x -->\nb\n<!-- y -->\nkept\n<!-- /y -->\n')
  })

  test('without them fails, naming them', () => {
    expect(() => replaceBetween(page, 'z', '')).toThrow('expected the marks <!-- z --> and <!-- /z -->')
  })
})
