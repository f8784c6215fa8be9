import '../fakes/realm.ts'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { StageRecord } from '../../src/pipeline/record.ts'
import type { PipelineEvent } from '../../src/pipeline/run.ts'
import { eventLine } from '../../src/report/terminal.ts'
import { durationsPath, stageDurations } from '../../src/terminal/durations.ts'
import { terminalProgress } from '../../src/terminal/progress.ts'
import { type FakeTerminal, fakeTerminal } from '../fakes/terminal.ts'
import { failureOf, recordOf } from '../unit/runs.ts'

// Only the clock of the progress is held; xterm keeps real time.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask', 'Date'] })
})
afterEach(() => {
  jest.useRealTimers()
})

const pass = (ms: number) => jest.advanceTimersByTime(ms)

function watch(terminal: FakeTerminal, { redraw = true } = {}) {
  const { stages } = recordOf()
  const usual = (name: string) => ({ cluster: 25_000 })[name] ?? null
  const progress = terminalProgress({ stream: terminal.stream, redraw, color: false, now: () => performance.now(), usual })
  const stageOf = (name: string, changes: Partial<StageRecord>): StageRecord => {
    const stage = stages.find((candidate) => candidate.name === name)
    if (!stage) throw new Error(`no stage ${name}`)
    return { ...stage, ...changes }
  }
  return {
    ...progress,
    start: (name: string) => progress.listener({ type: 'started', stage: stageOf(name, { status: 'running', durationMs: null }) }),
    say: (name: string, message: string) =>
      progress.listener({ type: 'progress', stage: stageOf(name, { status: 'running', durationMs: null, progress: message }), message }),
    finish: (name: string, changes: Partial<StageRecord> = {}) => progress.listener({ type: 'finished', stage: stageOf(name, changes) }),
  }
}

describe('in a terminal', () => {
  test('what is over stays, what is at work is drawn below in place, and the end leaves only what stays', async () => {
    const terminal = fakeTerminal()
    const { start, say, finish, end } = watch(terminal)
    start('kind')
    start('cluster')
    pass(1000)
    expect(await terminal.lines()).toEqual(['⠋ Install kind 0.33.0  1 s', '⠋ Boot the cluster  1 s, usually 25 s'])
    finish('kind')
    say('cluster', 'control plane is up')
    pass(11_100)
    expect(await terminal.lines()).toEqual(['✓ Install kind 0.33.0, 0.9 s', '⠙ Boot the cluster: control plane is up  12 s, usually 25 s'])
    finish('cluster', { status: 'failed', failure: failureOf('port 80 is in use') })
    end()
    expect(await terminal.lines()).toEqual(['✓ Install kind 0.33.0, 0.9 s', '✗ Boot the cluster, failed after 15.3 s: port 80 is in use'])
  })

  test('a stage that talks all the time is drawn ten times a second, a silent one at least once', () => {
    const terminal = fakeTerminal()
    const { start, say } = watch(terminal)
    start('load')
    pass(100)
    const before = terminal.written.length
    for (let index = 0; index < 1000; index += 1) {
      say('load', `${index} requests`)
      pass(1)
    }
    expect(terminal.written.length - before).toBeLessThanOrEqual(10)
    expect(terminal.written.at(-1)).toContain('requests')
    for (let second = 0; second < 3; second += 1) {
      const soFar = terminal.written.length
      pass(1000)
      expect(terminal.written.length).toBeGreaterThan(soFar)
    }
  })

  test('that is low gets no more lines than it has', async () => {
    const terminal = fakeTerminal({ rows: 4 })
    const { start, end } = watch(terminal)
    for (const name of ['kind', 'kubectl', 'k6', 'cluster', 'nodes']) start(name)
    pass(5000)
    expect(await terminal.lines()).toEqual(['⠋ Install kind 0.33.0  5 s', '⠋ Install kubectl 1.37.0  5 s', '  … and 3 more'])
    end()
    expect(await terminal.lines()).toEqual([])
  })

  test('that changes its size is drawn to the new one', async () => {
    const terminal = fakeTerminal({ columns: 40 })
    const { start, say, finish, end } = watch(terminal)
    start('cluster')
    say('cluster', 'control plane is up')
    pass(2000)
    expect(await terminal.lines()).toEqual(['⠋ Boot the cluster:…  2 s, usually 25 s'])
    terminal.resize(70, 3)
    pass(100)
    expect(await terminal.lines()).toEqual(['⠙ Boot the cluster: control plane is up  2 s, usually 25 s'])
    terminal.resize(30, 3)
    pass(1000)
    expect((await terminal.lines()).at(-1)).toBe('⠙ Boot th…  3 s, usually 25 s')
    finish('cluster')
    end()
    expect((await terminal.lines()).at(-1)).toBe('✓ Boot the cluster, 15.3 s')
  })

  test('what the run does after its last stage is shown, too', async () => {
    const terminal = fakeTerminal()
    const { start, finish, end } = watch(terminal)
    start('kind')
    finish('kind')
    start('load')
    pass(100)
    expect(await terminal.lines()).toEqual(['✓ Install kind 0.33.0, 0.9 s', '⠙ Load (10 VUs for 30 s)  0 s'])
    finish('load')
    pass(7000)
    expect((await terminal.lines()).slice(2)).toEqual(['⠙ Finish: evidence and clean-up  7 s'])
    end()
    expect(await terminal.lines()).toEqual(['✓ Install kind 0.33.0, 0.9 s', '✓ Load (10 VUs for 30 s), 31.4 s'])
  })

  test('gets nothing after the end', () => {
    const terminal = fakeTerminal()
    const { start, end } = watch(terminal)
    end()
    const { length } = terminal.written
    start('kind')
    pass(60_000)
    end()
    expect(terminal.written).toHaveLength(length)
  })
})

describe.each<[string, FakeTerminal, boolean]>([
  ['a pipe', fakeTerminal({ isTTY: false }), false],
  ['a terminal that is not to be drawn over', fakeTerminal(), false],
  ['a terminal that does not know its size', fakeTerminal({ columns: 0, rows: 0 }), true],
])('in %s', (_, terminal, redraw) => {
  test('every event is a plain line, and silence is broken every 15 s', () => {
    const { start, say, finish, end } = watch(terminal, { redraw })
    start('cluster')
    pass(1000)
    start('k6')
    say('k6', '3 of\u001b[2J 4 MB')
    pass(39_000)
    finish('k6')
    pass(5000)
    end()
    pass(60_000)
    expect(terminal.written.join('')).toBe(
      [
        '[  0.0 s] Boot the cluster …',
        '[  1.0 s] Install k6 2.3.0 …',
        '[  1.0 s]   Install k6 2.3.0: 3 of [2J 4 MB',
        '[ 15.0 s] still: Boot the cluster (15 s so far, usually 25 s)',
        '[ 30.0 s] still: Boot the cluster (30 s so far, usually 25 s); Install k6 2.3.0 (29 s so far)',
        '[ 40.0 s] Install k6 2.3.0: done in 1.9 s',
        '[ 45.0 s] still: Boot the cluster (45 s so far, usually 25 s)',
        '',
      ].join('\n'),
    )
  })
})

test('who talks is not spoken for', () => {
  const terminal = fakeTerminal({ isTTY: false })
  const { say } = watch(terminal, { redraw: false })
  for (let index = 0; index < 10; index += 1) {
    say('load', `${index} requests`)
    pass(14_000)
  }
  expect(terminal.written.join('')).not.toContain('still')
})

test('a reader that goes away takes nothing with it', () => {
  const terminal = fakeTerminal({ isTTY: false })
  const { start } = watch(terminal, { redraw: false })
  expect(() => terminal.stream.emit('error', new Error('EPIPE'))).not.toThrow()
  start('kind')
})

test('plain lines are those of the job log', () => {
  const terminal = fakeTerminal({ isTTY: false })
  const { listener } = watch(terminal, { redraw: false })
  const [stage] = recordOf().stages as [StageRecord]
  const event: PipelineEvent = { type: 'finished', stage }
  listener(event)
  expect(terminal.written).toEqual([`${eventLine(event, 0)}\n`])
})

describe('a real terminal', () => {
  const hide = '\u001b[?25l'
  const show = '\u001b[?25h'

  const program = join(import.meta.dirname, '..', 'fakes', 'progress-run.ts')
  const command = (ending: string) => `stty cols 60 rows 12; exec '${process.execPath}' '${program}' ${ending}`
  /** Programs that give another one a terminal: util-linux's `script`, or Python where that is not there. */
  const openers: Readonly<Record<string, (ending: string) => string[]>> = {
    script: (ending) => ['-qec', command(ending), '/dev/null'],
    python3: (ending) => ['-c', 'import pty, sys; pty.spawn(sys.argv[1:])', 'sh', '-c', command(ending)],
  }

  /** What a terminal of 60 by 12 is sent. */
  async function inTerminal(ending: string): Promise<string> {
    for (const [name, args] of Object.entries(openers)) {
      if (spawnSync(name, ['--version']).status !== 0) continue
      return await text(spawn(name, args(ending), { stdio: ['ignore', 'pipe', 'inherit'] }).stdout)
    }
    throw new Error('this test needs script (util-linux) or python3')
  }

  test.each(['end', 'exit', 'throw', 'SIGINT', 'SIGTERM', 'SIGHUP'])(
    'has its cursor back after: %s',
    async (ending) => {
      const seen = await inTerminal(ending)
      expect(seen).toContain('Install kind 0.33.0')
      expect(seen).toContain(hide)
      expect(seen.lastIndexOf(show)).toBeGreaterThan(seen.lastIndexOf(hide))
    },
    30_000,
  )
})

describe('the history on disk', () => {
  let path: string
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'durations-test-'))
    path = durationsPath({ XDG_STATE_HOME: join(folder, 'state') })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('begins with guesses, and goes on with what was', () => {
    const first = stageDurations(path)
    expect(['kind', 'cluster', 'load', 'constructor'].map(first.usual)).toEqual([3000, 25_000, null, null])
    first.note(recordOf())
    first.note(recordOf({ kind: { durationMs: 1100 } }))
    const next = stageDurations(path, { load: 30_000 })
    expect(['kind', 'cluster', 'load'].map(next.usual)).toEqual([1000, 15_250, 30_000])
    expect(readdirSync(join(path, '..'))).toEqual(['durations.json'])
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ kind: [900, 1100] })
  })

  test.each(['', '{"kind": [1', '[]', '{"kind": 5}', '{"kind": ["5"]}', '{"kind": [-1]}'])('that is broken (%s) is none, and is written anew', (broken) => {
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, broken)
    const { usual, note } = stageDurations(path)
    expect(usual('kind')).toBe(3000)
    note(recordOf())
    expect(stageDurations(path).usual('kind')).toBe(900)
  })

  test('that cannot be written is left', () => {
    writeFileSync(join(folder, 'state'), 'a file where the folder should be')
    expect(() => stageDurations(path).note(recordOf())).not.toThrow()
    expect(readdirSync(folder)).toEqual(['state'])
  })
})
