import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { inputs, outputs } from '../../src/config/inputs.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, string>>
}
interface Job {
  readonly uses?: string
  readonly steps?: readonly Step[]
  readonly permissions?: Readonly<Record<string, string>>
  readonly outputs?: Readonly<Record<string, string>>
  readonly if?: string
  readonly needs?: string
  readonly 'timeout-minutes'?: number | string
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': boolean }
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = join(import.meta.dirname, '../../.github/workflows')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const files = readdirSync(folder)
const workflow = (file: string) => parse(read(file)) as Workflow
const expression = (text: string) => `\${{ ${text} }}`
const own = 'org/mlops-pipeline-action'

describe.each(files)('the workflow %s', (file) => {
  const { permissions, concurrency, jobs, on } = workflow(file)

  test('grants nothing to all jobs, and to each job what it names', () => {
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) expect(job.permissions).toBeDefined()
  })

  test('has a concurrency group, and a time limit on every job that has steps', () => {
    expect(concurrency.group).not.toBe('')
    for (const job of Object.values(jobs)) if (job.steps) expect(job['timeout-minutes']).toBeDefined()
  })

  test('never runs for a pull request with the base’s token', () => {
    expect(Object.keys(on)).not.toContain('pull_request_target')
    expect(Object.keys(on)).not.toContain('workflow_run')
  })

  test('uses nobody’s actions but GitHub’s own, by commit, with the version beside it, and this one', () => {
    const uses = [...read(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, text]) => text)
    expect(uses).not.toEqual([])
    for (const text of uses) {
      expect(text).toMatch(
        /^(actions\/(checkout|setup-node)@[0-9a-f]{40} # v\d+\.\d+\.\d+$|\.\/ |org\/mlops-pipeline-action(\/\.github\/workflows\/pipeline\.yml)?@v1( |$))/,
      )
    }
  })

  test('gives scripts what comes from outside by environment, never in their text', () => {
    const scripts = Object.values(jobs).flatMap(({ steps = [] }) => steps.flatMap(({ run }) => run ?? []))
    for (const script of scripts) expect(script).not.toContain('${{')
  })

  test('leaves no token behind in the checkout', () => {
    const checkouts = Object.values(jobs).flatMap(({ steps = [] }) => steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false })
  })
})

describe('the examples', () => {
  const examples = join(import.meta.dirname, '../../examples')
  const text = (file: string) => readFileSync(join(examples, file), 'utf8')
  const example = (file: string) => parse(text(file)) as Workflow
  const run = example('pull-request.yml')
  const publish = example('publish.yml')
  const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps = [] }) => steps)

  test.each(readdirSync(examples))('%s gives the action inputs that it has, and pins all others as our own workflows do', (file) => {
    const steps = stepsOf(example(file))
    const ours = steps.filter(({ uses }) => uses?.startsWith(`${own}@`))
    expect(ours).not.toEqual([])
    for (const step of ours) expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})))
    const pinned = new Set(files.flatMap((each) => [...read(each).matchAll(/uses: (actions\/.*)$/gm)].map(([, uses]) => uses)))
    for (const [, uses] of text(file).matchAll(/uses: (.*)$/gm)) if (!uses?.startsWith(own)) expect([...pinned]).toContain(uses)
  })

  test.each(readdirSync(examples))('%s grants nothing to all jobs, and has a group and a time limit', (file) => {
    const { permissions, concurrency, jobs } = example(file)
    expect(permissions).toEqual({})
    expect(concurrency.group).not.toBe('')
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeDefined()
  })

  test('are two halves: one runs the code and may be read-only, the other may comment and runs nothing', () => {
    expect(Object.keys(run.on)).toEqual(['pull_request'])
    expect(publish.on).toEqual({ workflow_run: { workflows: [(run as { name?: string }).name], types: ['completed'] } })
    expect(Object.values(publish.jobs).map(({ permissions }) => permissions)).toEqual([{ actions: 'read', 'pull-requests': 'write' }])
    expect(stepsOf(publish)).toEqual([{ uses: `${own}@v1`, with: { mode: 'publish' } }])
  })
})

test('all actions of one name are one version', () => {
  const uses = files.flatMap((file) => [...read(file).matchAll(/uses: (actions\/.*)$/gm)].map(([, text]) => text))
  expect(new Set(uses).size).toBe(2)
})

describe('the release workflow', () => {
  const { jobs, concurrency, on } = workflow('release.yml')

  test('runs for full version tags and by hand, and is never broken off', () => {
    expect(on).toMatchObject({ push: { tags: ['v*.*.*'] }, workflow_dispatch: { inputs: { version: { required: true } } } })
    expect(concurrency['cancel-in-progress']).toBe(false)
  })

  test('writes in one job alone, which comes after all checks and installs nothing', () => {
    const writing = Object.entries(jobs).filter(([, job]) => Object.values(job.permissions ?? {}).includes('write'))
    expect(writing.map(([name]) => name)).toEqual(['publish'])
    expect(jobs.publish).toMatchObject({ needs: 'verify', permissions: { contents: 'write' } })
    expect(jobs.publish?.steps?.map(({ run }) => run ?? '').join('\n')).not.toMatch(/npm|npx/)
    const checks = jobs.verify?.steps?.flatMap(({ run }) => run ?? [])
    expect(checks).toEqual(['node scripts/release.ts "$VERSION"', 'npm ci', 'npm run check', 'npm run pins:check'])
  })

  test('never runs on forks', () => {
    expect(jobs.verify?.if).toBe(expression('!github.event.repository.fork'))
  })
})

describe('the reusable workflow', () => {
  const { on, jobs, concurrency } = workflow('pipeline.yml')
  const call = on.workflow_call as {
    readonly inputs: Readonly<Record<string, { readonly type: string; readonly default: unknown }>>
    readonly outputs: Readonly<Record<string, { readonly value: string }>>
  }
  const { 'runs-on': runner, 'timeout-minutes': limit, ...passed } = call.inputs
  const step = jobs.pipeline?.steps?.find(({ uses }) => uses?.startsWith(`${own}@`))

  test('takes inputs of the action by their names, each optional and unset by default', () => {
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(passed)))
    for (const input of Object.values(passed)) expect(input).toMatchObject({ type: 'string', default: '' })
    expect([runner?.default, limit?.default]).toEqual(['ubuntu-latest', 20])
  })

  test('hands every one of them over', () => {
    expect(step?.with).toEqual(Object.fromEntries(Object.keys(passed).map((name) => [name, expression(`inputs.${name}`)])))
  })

  test('gives outputs of the action back by their names', () => {
    const names = Object.keys(call.outputs)
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(names))
    expect(names).toEqual(expect.arrayContaining(['verdict', 'p95-ms', 'error-rate', 'rps', 'artifact-url']))
    expect(Object.fromEntries(Object.entries(call.outputs).map(([name, { value }]) => [name, value]))).toEqual(
      Object.fromEntries(names.map((name) => [name, expression(`jobs.pipeline.outputs.${name}`)])),
    )
    expect(jobs.pipeline?.outputs).toEqual(Object.fromEntries(names.map((name) => [name, expression(`steps.pipeline.outputs.${name}`)])))
  })

  test('may read the code and write the comment, and ends an older run of the same ref', () => {
    expect(jobs.pipeline?.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' })
    expect(concurrency.group).toContain(expression('github.ref'))
    expect(concurrency['cancel-in-progress']).toBe(true)
  })
})
