/**
 * Writes action.yml and the README's tables from the tables of inputs and outputs, and the JSON schema of report.json.
 * With `--check` it writes nothing and fails when a file is not up to date.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { environmentNames } from '../src/config/config.ts'
import { type Input, type InputName, inputs, outputs } from '../src/config/inputs.ts'
import { reportJsonSchema } from '../src/report/schema.ts'

const root = join(import.meta.dirname, '..')
const rows = Object.entries(inputs) as [InputName, Input<unknown>][]

/** The text of action.yml. */
export function actionYaml(): string {
  const action = {
    name: 'mlops-pipeline-action',
    description: 'A pull request in, a verdict on a running system out: kind cluster, ingress, services, health checks, k6 load test, gates.',
    author: 'The mlops-pipeline-action authors',
    branding: { icon: 'activity', color: 'purple' },
    inputs: Object.fromEntries(
      rows.map(([name, row]) => [
        name,
        // No defaults but expressions: the runner would fill them in and hide environment variables.
        {
          description: `${row.doc}${defaultText(row) ? ` Default: ${defaultText(row)}.` : ''}`,
          required: false,
          ...(row.actionDefault ? { default: row.actionDefault } : {}),
        },
      ]),
    ),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, description]) => [name, { description }])),
    runs: { using: 'node24', main: 'dist/index.js', post: 'dist/index.js', 'post-if': 'always()' },
  }
  return `# Generated from src/config/inputs.ts by \`npm run generate\`; edit that.\n${stringify(action, { lineWidth: 0 })}`
}

function defaultText(row: Input<unknown>): string {
  return row.defaultDoc ?? (row.default === undefined ? '' : `\`${row.default}\``)
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** The README's table of inputs. */
export function inputsTable(): string {
  const lines = rows
    .filter(([, row]) => !row.hidden)
    .map(([name, row]) => {
      const env = environmentNames(name).slice(1)
      return `| \`${name}\` | ${cell(defaultText(row))} | ${cell(row.doc)}${env.length > 0 ? ` Environment: ${env.map((variable) => `\`${variable}\``).join(', ')}.` : ''} |`
    })
  return ['| Input | Default | |', '| --- | --- | --- |', ...lines].join('\n')
}

/** The README's table of outputs. */
export function outputsTable(): string {
  return ['| Output | |', '| --- | --- |', ...Object.entries(outputs).map(([name, doc]) => `| \`${name}\` | ${cell(doc)} |`)].join('\n')
}

/** The text of schemas/report.schema.json. */
export function reportSchemaFile(): string {
  return `${JSON.stringify(reportJsonSchema(), null, 2)}\n`
}

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
export function replaceBetween(text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`)
  if (!pattern.test(text)) throw new Error(`expected the marks <!-- ${name} --> and <!-- /${name} -->`)
  return text.replace(pattern, (_, open: string, close: string) => `${open}${content}${close}`)
}

if (import.meta.main) {
  const readme = join(root, 'README.md')
  const files: Record<string, string> = {
    [join(root, 'action.yml')]: actionYaml(),
    [readme]: replaceBetween(replaceBetween(readFileSync(readme, 'utf8'), 'inputs', inputsTable()), 'outputs', outputsTable()),
    [join(root, 'schemas', 'report.schema.json')]: reportSchemaFile(),
  }
  const stale = Object.entries(files).filter(([path, content]) => read(path) !== content)
  if (process.argv.includes('--check')) {
    for (const [path] of stale) console.error(`${path} is not up to date; run: npm run generate`)
    process.exitCode = stale.length > 0 ? 1 : 0
  } else {
    for (const [path, content] of stale) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    }
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
