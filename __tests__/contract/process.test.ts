import { existsSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { childEnvironment, ProcessError, type ProcessOptions, runProcess } from '../../src/adapters/process.ts'
import { eventually } from '../fakes/eventually.ts'
import { callsOf, endProcess, endProgram, isAlive, writeProgram } from '../fakes/programs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(await realpath(tmpdir()), 'process-'))
})
afterEach(async () => {
  // Whatever a test left running is ours: its fixture noted the process id.
  await endProgram(join(folder, 'program'))
  await rm(folder, { recursive: true, force: true })
})

const never = new AbortController().signal
const program = (script: string) => writeProgram(folder, 'program', script)
async function run(script: string, options: Partial<ProcessOptions> = {}, args: readonly string[] = []) {
  return await runProcess(await program(script), args, { signal: never, env: {}, ...options })
}

async function failure(promise: Promise<unknown>): Promise<ProcessError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ProcessError)
  return error as ProcessError
}

describe('what a program is given', () => {
  test('arguments arrive one for one, whatever a shell would make of them', async () => {
    const args = ['two words', `it's "quoted"`, '$(touch pwned) `id` $HOME', 'line\nbreak\ttab', '*', '', '--', '-x', '\\', '; exit 7', 'ünïcödé ☂']
    const { stdout } = await run('say(JSON.stringify(args))', {}, args)
    expect(JSON.parse(stdout)).toEqual(args)
  })

  test('the environment is the one given, and nothing of ours', async () => {
    process.env.OF_THE_TEST = 'leaked'
    try {
      await run('', { env: { ONLY: 'this', EMPTY: '' } })
      expect(callsOf(join(folder, 'program')).map(({ env }) => env)).toEqual([{ ONLY: 'this', EMPTY: '' }])
    } finally {
      delete process.env.OF_THE_TEST
    }
  })

  test('standard input is empty, so that nothing ever waits for an answer', async () => {
    const { stdout } = await run(`say(JSON.stringify(fs.readFileSync(0, 'utf8')))`)
    expect(stdout).toBe('""')
  })

  test('the working folder is the one asked for', async () => {
    await run('', { cwd: folder })
    expect(callsOf(join(folder, 'program'))[0]?.cwd).toBe(folder)
  })
})

describe('what a program says', () => {
  test('stdout and stderr come back apart', async () => {
    expect(await run(`say('out\\n'); complain('err\\n')`)).toEqual({ exitCode: 0, stdout: 'out', stderr: 'err' })
  })

  test('lines of both are told as they come, the last one without its newline too', async () => {
    const lines: string[] = []
    const waiting = join(folder, 'go')
    const running = run(
      `say('first\\nsec'); const timer = setInterval(() => { if (fs.existsSync(args[0])) { clearInterval(timer); complain('warning\\n'); say('ond') } }, 5)`,
      { onLine: (line) => lines.push(line) },
      [waiting],
    )
    await eventually('the first line', () => lines.length === 1)
    expect(lines).toEqual(['first'])
    await writeFile(waiting, '')
    await running
    expect(lines).toHaveLength(3)
    expect(lines).toEqual(expect.arrayContaining(['warning', 'second']))
  })

  test('every line has been told when the result is there', async () => {
    const lines: string[] = []
    await run(`say(Array.from({ length: 50_000 }, (_, index) => 'line ' + index).join('\\n') + '\\nlast words\\n')`, { onLine: (line) => lines.push(line) })
    expect(lines).toHaveLength(50_001)
    expect(lines.at(-1)).toBe('last words')
  })

  test('a character that is cut in two on its way stays whole', async () => {
    const { stdout } = await run(
      `for (let count = 0; count < 5000; count++) { const bytes = Buffer.from('☂'); fs.writeSync(1, bytes.subarray(0, 1)); fs.writeSync(1, bytes.subarray(1)) }`,
    )
    expect(stdout).toBe('☂'.repeat(5000))
  })

  test('megabytes of it do no harm', async () => {
    const { stdout } = await run(`say('x'.repeat(8 * 1024 * 1024))`)
    expect(stdout).toHaveLength(8 * 1024 * 1024)
  })

  test('no amount of it ends a program that is followed line by line', async () => {
    let lines = 0
    const line = 'x'.repeat(999)
    const running = run(`for (let count = 0; count < 20_000; count++) say('${line}\\n')`, {
      onLine: () => {
        lines += 1
      },
    })
    await expect(running).resolves.toMatchObject({ exitCode: 0 })
    expect(lines).toBe(20_000)
  })

  test('a listener that throws is no reason for the program to fail', async () => {
    const onLine = () => {
      throw new Error('a bad listener')
    }
    const script = `const timer = setInterval(() => say('line\\n'), 1); setTimeout(() => { clearInterval(timer); say('end') }, 100)`
    await expect(run(script, { onLine })).resolves.toMatchObject({ exitCode: 0 })
  })
})

describe('how a program ends', () => {
  test('an exit code asked for is a result', async () => {
    expect(await run(`say('some'); process.exit(99)`, { exitCodes: [0, 99] })).toMatchObject({ exitCode: 99, stdout: 'some' })
  })

  test('any other is an error with the code, the last words, and all that was said', async () => {
    const error = await failure(run(`say('out\\n'); complain('one\\ntwo\\nthree\\nERROR: no such cluster\\n'); process.exit(3)`, {}, ['create', 'cluster']))
    expect(error.message).toBe(`${join(folder, 'program')} create: exit code 3: two / three / ERROR: no such cluster`)
    expect(error).toMatchObject({ exitCode: 3, stdout: 'out', stderr: 'one\ntwo\nthree\nERROR: no such cluster' })
  })

  test('0 is an error, too, when it was not asked for', async () => {
    expect(await failure(run('', { exitCodes: [1] }))).toMatchObject({ exitCode: 0 })
  })

  test('without a word on stderr, stdout has the last ones', async () => {
    expect((await failure(run(`say('it went wrong\\n'); process.exit(1)`))).message).toMatch(/exit code 1: it went wrong$/)
  })

  test('endless last words are cut', async () => {
    const { message } = await failure(run(`complain('x'.repeat(100_000) + 'THE END'); process.exit(1)`))
    expect(message.length).toBeLessThan(1200)
    expect(message).toMatch(/THE END$/)
  })

  test('a signal of somebody else is named', async () => {
    const error = await failure(run(`process.kill(process.pid, 'SIGKILL'); forever()`))
    expect(error.message).toMatch(/: signal SIGKILL/)
    expect(error.exitCode).toBeNull()
  })

  test('a program that is not there is named, with the system’s reason', async () => {
    const error = await failure(runProcess(join(folder, 'no-such-program'), ['version'], { signal: never, env: {} }))
    expect(error.message).toContain('no-such-program')
    expect(error.message).toContain('ENOENT')
    expect(error.exitCode).toBeNull()
  })

  test('nor is one that may not be run', async () => {
    const file = join(folder, 'text')
    await writeFile(file, 'no program', { mode: 0o644 })
    expect((await failure(runProcess(file, [], { signal: never, env: {} }))).message).toContain('EACCES')
  })

  test('programs are looked for on the PATH they are given', async () => {
    await program(`say('found')`)
    expect(await runProcess('program', [], { signal: never, env: { PATH: folder } })).toMatchObject({ stdout: 'found' })
    expect((await failure(runProcess('program', [], { signal: never, env: { PATH: join(folder, 'elsewhere') } }))).message).toContain('ENOENT')
  })
})

/** Starts a child of its own that notes its process id; `stdio` and `onTerm` are the child's. */
const withChild = (onTerm: string, stdio = 'inherit') => `
const child = require('node:child_process').spawn(process.execPath, ['-e', \`
  process.on('SIGTERM', () => { ${onTerm} })
  require('node:fs').writeFileSync(process.argv[1], String(process.pid))
  setInterval(() => {}, 60_000)\`, args[0]], { stdio: '${stdio}' })
forever()
`

describe('an abort', () => {
  const reason = new Error('the run is over')
  let childPid: number | undefined
  afterEach(async () => {
    if (childPid !== undefined) await endProcess(childPid)
    childPid = undefined
  })

  async function start(script: string, options: Partial<ProcessOptions> = {}) {
    const controller = new AbortController()
    const started = join(folder, 'started')
    const running = run(script, { signal: controller.signal, ...options }, [started])
    running.catch(() => {})
    const text = await eventually('the program is up', async () => (await readFile(started, 'utf8').catch(() => '')) || null)
    childPid = Number(text)
    return { running, abort: () => controller.abort(reason), pid: callsOf(join(folder, 'program'))[0]?.pid as number, child: childPid }
  }

  test('that came before the start starts nothing', async () => {
    const path = await program('')
    await expect(runProcess(path, [], { signal: AbortSignal.abort(reason), env: {} })).rejects.toBe(reason)
    expect(callsOf(path)).toEqual([])
  })

  test('ends the program and its children, and rejects with the signal’s reason', async () => {
    const { running, abort, pid, child } = await start(withChild('process.exit()'), { graceMs: 500 })
    abort()
    await expect(running).rejects.toBe(reason)
    await eventually('both are gone', async () => !(await isAlive(pid)) && !(await isAlive(child)))
  })

  test('lets a program tidy up in its grace', async () => {
    const script = `process.on('SIGTERM', () => { fs.writeFileSync(args[0] + '.tidy', ''); process.exit() }); fs.writeFileSync(args[0], String(process.pid)); forever()`
    const { running, abort } = await start(script)
    abort()
    await expect(running).rejects.toBe(reason)
    expect(existsSync(join(folder, 'started.tidy'))).toBe(true)
  })

  test('kills a program that does not listen, after its grace', async () => {
    const script = `process.on('SIGTERM', () => {}); fs.writeFileSync(args[0], String(process.pid)); forever()`
    const { running, abort, pid } = await start(script, { graceMs: 50 })
    abort()
    await expect(running).rejects.toBe(reason)
    expect(await isAlive(pid)).toBe(false)
  })

  test('lets the program’s children tidy up in their grace, too, although the program is gone', async () => {
    const tidyUp = `require('node:fs').writeFileSync(process.argv[1] + '.tidy', ''); process.exit()`
    const { running, abort } = await start(withChild(tidyUp, 'ignore'), { graceMs: 1000 })
    abort()
    await expect(running).rejects.toBe(reason)
    // Nor does whoever waits meet one that is still at it: what it makes, the next program may have to delete.
    expect(existsSync(join(folder, 'started.tidy'))).toBe(true)
  })

  test('lets the program’s children finish what they are at, and tells them nothing before the grace is over', async () => {
    const child = `require('node:fs').writeFileSync(process.argv[1], String(process.pid)); process.on('SIGTERM', () => process.exit(1)); setTimeout(() => require('node:fs').writeFileSync(process.argv[1] + '.done', ''), 300)`
    const { running, abort } = await start(
      `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}, args[0]], { stdio: 'ignore' }); forever()`,
    )
    abort()
    await expect(running).rejects.toBe(reason)
    expect(existsSync(join(folder, 'started.done'))).toBe(true)
  }, 30_000)

  test('kills a child that does not listen, after the grace', async () => {
    const { running, abort, child } = await start(withChild(''), { graceMs: 50 })
    abort()
    await expect(running).rejects.toBe(reason)
    await eventually('the child is gone', async () => !(await isAlive(child)))
  })

  test('kills a child that does not listen and keeps none of the program’s pipes', async () => {
    const { running, abort, child } = await start(withChild('', 'ignore'), { graceMs: 50 })
    abort()
    await expect(running).rejects.toBe(reason)
    await eventually('the child is gone', async () => !(await isAlive(child)), 2000)
  })

  test('that comes after the end is no matter', async () => {
    const controller = new AbortController()
    await expect(run('', { signal: controller.signal })).resolves.toMatchObject({ exitCode: 0 })
    controller.abort(reason)
  })
})

describe('the environment for our programs', () => {
  const ours = {
    PATH: '/usr/bin',
    HOME: '/home/runner',
    DOCKER_HOST: 'unix:///run/docker.sock',
    CONTAINER_HOST: 'unix:///run/podman.sock',
    XDG_RUNTIME_DIR: '/run/user/1000',
    HTTP_PROXY: 'http://proxy.example:3128',
    https_proxy: 'http://proxy.example:3128',
    NO_PROXY: '127.0.0.1',
    SSL_CERT_FILE: '/etc/ssl/own.pem',
    RUNNER_TRACKING_ID: 'github_1',
    UNSET: undefined,
  }
  const secrets = {
    INPUT_VUS: '3',
    'INPUT_GITHUB-TOKEN': 'ghs_1',
    GITHUB_TOKEN: 'ghs_1',
    GH_TOKEN: 'ghs_1',
    ACTIONS_RUNTIME_TOKEN: 'ey',
    ACTIONS_RUNTIME_URL: 'https://pipelines.example',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ACCESS_KEY_ID: 'x',
    npm_config_password: 'x',
    OPENAI_API_KEY: 'x',
    DEPLOY_PRIVATE_KEY: 'x',
    GOOGLE_APPLICATION_CREDENTIALS: '/x',
    MLOPS_GITHUB_TOKEN: 'ghs_1',
  }

  test('keeps what finds programs, engines and proxies, and drops inputs and credentials', () => {
    const { UNSET: _, ...kept } = ours
    expect(childEnvironment({ ...ours, ...secrets })).toEqual(kept)
  })

  test('takes what is given on top, which wins', () => {
    expect(childEnvironment({ PATH: '/usr/bin', A: '1' }, { A: '2', B: '3' })).toEqual({ PATH: '/usr/bin', A: '2', B: '3' })
  })
})
