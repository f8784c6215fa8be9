import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { Failure } from '../../../src/pipeline/failure.ts'
import type { RunRecord } from '../../../src/pipeline/record.ts'
import { type PipelineEvent, type RunOptions, runPipeline } from '../../../src/pipeline/run.ts'
import type { AnyStage, StageContext } from '../../../src/pipeline/stage.ts'

const never = () => new Promise<never>(() => {})
const settled = () => new Promise((resolve) => setImmediate(resolve))

type Run = (needs: Readonly<Record<string, unknown>>, context: StageContext) => Promise<unknown>

function stage(name: string, run: Run, more: Partial<Omit<AnyStage, 'name' | 'run'>> = {}): AnyStage {
  return { name, title: name.toUpperCase(), needs: [], deadlineMs: 60_000, ...more, run: run as AnyStage['run'] }
}

/** A stage that runs until it is told to pass or to fail. */
function held(name: string, more: Partial<Omit<AnyStage, 'name' | 'run'>> = {}) {
  const { promise, resolve: pass, reject: fail } = Promise.withResolvers<unknown>()
  return { stage: stage(name, () => promise, more), pass, fail }
}

/** A run with a journal of what the runner did, one word each. */
function start(stages: readonly AnyStage[], options: Partial<RunOptions> = {}) {
  const journal: string[] = []
  const cancel = new AbortController()
  const listener = (event: PipelineEvent) => {
    journal.push(event.type === 'finished' ? `${event.stage.name} ${event.stage.status}` : `${event.stage.name} ${event.type}`)
  }
  const ended = runPipeline(stages, { signal: cancel.signal, ...options, listeners: [listener, ...(options.listeners ?? [])] })
  return { journal, cancel, ended }
}

function statuses(record: RunRecord): Record<string, string> {
  return Object.fromEntries(record.stages.map(({ name, status }) => [name, status]))
}

describe('stages', () => {
  test('that need nothing of each other run at the same time', async () => {
    const [a, b] = [held('a'), held('b')]
    const { journal, ended } = start([a.stage, b.stage])
    expect(journal).toEqual(['a started', 'b started'])
    b.pass(null)
    await settled()
    a.pass(null)
    expect(statuses(await ended)).toEqual({ a: 'passed', b: 'passed' })
    expect(journal).toEqual(['a started', 'b started', 'b passed', 'a passed'])
  })

  test('start as soon as what they need has passed, whatever else still runs', async () => {
    const [slow, fast] = [held('slow'), held('fast')]
    const after = stage('after', async () => null, { needs: ['fast'] })
    const both = stage('both', async () => null, { needs: ['slow', 'after'] })
    const { journal, ended } = start([both, after, slow.stage, fast.stage])
    fast.pass(null)
    await settled()
    expect(journal).toEqual(['slow started', 'fast started', 'fast passed', 'after started', 'after passed'])
    slow.pass(null)
    expect(statuses(await ended)).toEqual({ both: 'passed', after: 'passed', slow: 'passed', fast: 'passed' })
  })

  test('are given the results they asked for, and nothing else', async () => {
    const run = jest.fn<Run>(async () => 'c')
    await start([stage('a', async () => ({ from: 'a' })), stage('b', async () => ({ from: 'b' })), stage('c', run, { needs: ['b'] })]).ended
    expect(run.mock.calls.map(([needs]) => needs)).toEqual([{ b: { from: 'b' } }])
  })

  test('whose result is nothing still count as passed for those that need them', async () => {
    const record = await start([stage('a', async () => undefined), stage('b', async () => null, { needs: ['a'] })]).ended
    expect(statuses(record)).toEqual({ a: 'passed', b: 'passed' })
  })

  test('put into the record what they made for the report, not their result', async () => {
    const record = await start([
      stage('a', async () => ({ secret: 1, shown: 2 }), { data: ({ shown }: { shown: number }) => ({ shown }) }),
      stage('b', async () => 'result'),
    ]).ended
    expect(record.stages.map(({ data }) => data)).toEqual([{ shown: 2 }, null])
  })

  test('none: a run that is over at once', async () => {
    expect(await start([]).ended).toMatchObject({ schemaVersion: 1, stages: [], failedStage: null, cancelled: false, warnings: [] })
  })
})

describe('progress', () => {
  test('is told once for each new message, and kept as the last one', async () => {
    const { journal, ended } = start([
      stage('a', async (_, { progress }) => {
        for (const message of ['1 of 2', '1 of 2', '2 of 2']) progress(message)
      }),
    ])
    expect((await ended).stages[0]?.progress).toBe('2 of 2')
    expect(journal).toEqual(['a started', 'a progress', 'a progress', 'a passed'])
  })

  test('after the end of a stage is not listened to', async () => {
    let say = (_: string) => {}
    const late = stage('late', async (_, { progress }) => {
      say = progress
    })
    const { journal, ended } = start([late, stage('b', async () => say('too late'), { needs: ['late'] })])
    expect((await ended).stages[0]?.progress).toBeNull()
    expect(journal).not.toContain('late progress')
  })
})

describe('the first failure', () => {
  test('aborts all others, is the cause, and keeps what needs it from starting', async () => {
    const reasons: unknown[] = []
    const polite = stage('polite', async (_, { signal }) => {
      const { promise, reject } = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => {
        reasons.push(signal.reason)
        reject(signal.reason)
      })
      return await promise
    })
    const broken = held('broken')
    const after = stage('after', async () => null, { needs: ['broken'] })
    const { ended } = start([polite, broken.stage, after])
    broken.fail(new Failure('no room', { kind: 'workload', remedy: 'Make some.', cause: new Error('disk full') }))
    const record = await ended
    expect(statuses(record)).toEqual({ polite: 'cancelled', broken: 'failed', after: 'skipped' })
    expect(record).toMatchObject({ failedStage: 'broken', cancelled: false })
    expect(record.stages.map(({ failure }) => failure)).toEqual([
      null,
      { kind: 'workload', code: null, message: 'no room', remedy: 'Make some.', evidence: [], causes: ['disk full'] },
      null,
    ])
    expect(reasons).toEqual([expect.objectContaining({ kind: 'cancelled', message: 'BROKEN failed' })])
  })

  test('of two at the same moment is one; the other is its consequence', async () => {
    const [a, b] = [held('a'), held('b')]
    const { ended } = start([a.stage, b.stage])
    b.fail(new Error('first'))
    a.fail(new Error('second'))
    const record = await ended
    expect(record.failedStage).toBe('b')
    expect(statuses(record)).toEqual({ a: 'cancelled', b: 'failed' })
  })

  test('that nobody classified is the infrastructure’s, never the workload’s', async () => {
    const record = await start([
      stage('a', async () => {
        throw 'just a word'
      }),
    ]).ended
    expect(record.stages[0]).toMatchObject({ data: null, failure: { kind: 'infrastructure', message: 'just a word', remedy: null, causes: [] } })
  })

  test('may be thrown before the first await, or by what makes the data', async () => {
    const thrown = () => {
      throw new Error('at once')
    }
    for (const broken of [stage('a', thrown), stage('a', async () => null, { data: thrown })]) {
      const record = await start([broken]).ended
      expect(record.stages[0]).toMatchObject({ status: 'failed', failure: { message: 'at once' } })
    }
  })

  test('keeps what the stage had found out by then', async () => {
    const found = { probes: [{ healthy: false }] }
    const record = await start([
      stage('a', async () => {
        throw new Failure('unhealthy', { kind: 'workload', data: found })
      }),
    ]).ended
    expect(record.stages[0]?.data).toEqual(found)
  })

  test('does not wait for stages that ignore their signal', async () => {
    const broken = held('broken')
    const { ended } = start([stage('deaf', never), broken.stage])
    broken.fail(new Error('over'))
    expect(statuses(await ended)).toEqual({ deaf: 'cancelled', broken: 'failed' })
  })

  test('leaves a stage that passes all the same no way to start another', async () => {
    const [deaf, broken] = [held('deaf'), held('broken')]
    const after = stage('after', async () => null, { needs: ['deaf'] })
    const { ended } = start([deaf.stage, broken.stage, after])
    broken.fail(new Error('over'))
    deaf.pass(null)
    expect(statuses(await ended)).toMatchObject({ broken: 'failed', after: 'skipped' })
  })
})

describe('deadlines', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  test('of a stage bound even one that ignores its signal, and report the last thing it said', async () => {
    const deaf = stage(
      'deaf',
      (_, { progress }) => {
        progress('2 of 3 nodes ready')
        return never()
      },
      { deadlineMs: 90_000 },
    )
    const { ended, journal } = start([deaf])
    await jest.advanceTimersByTimeAsync(89_999)
    expect(journal).toEqual(['deaf started', 'deaf progress'])
    await jest.advanceTimersByTimeAsync(1)
    expect((await ended).stages[0]).toMatchObject({
      status: 'failed',
      failure: { kind: 'infrastructure', message: 'DEAF: not done after 90 s; last seen: 2 of 3 nodes ready' },
    })
  })

  test('of a stage that said nothing have nothing more to say', async () => {
    const { ended } = start([stage('mute', never)])
    await jest.advanceTimersByTimeAsync(60_000)
    expect((await ended).stages[0]?.failure?.message).toBe('MUTE: not done after 60 s')
  })

  test('run from the start of their stage, not of the run', async () => {
    const first = held('first')
    const { ended } = start([first.stage, stage('second', never, { needs: ['first'], deadlineMs: 10_000 })])
    await jest.advanceTimersByTimeAsync(30_000)
    first.pass(null)
    await jest.advanceTimersByTimeAsync(9_999)
    const late = jest.fn()
    void ended.then(late)
    await jest.advanceTimersByTimeAsync(0)
    expect(late).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    expect((await ended).failedStage).toBe('second')
  })

  test('leave no timer behind once a run is over', async () => {
    const teardown = async () => {}
    await start([stage('a', async () => null, { teardown }), stage('b', async () => Promise.reject(new Error('x')))]).ended
    expect(jest.getTimerCount()).toBe(0)
  })

  test('bound a diagnosis, what comes before the teardown, and each teardown that never end', async () => {
    const teardowns: string[] = []
    const { ended } = start(
      [
        stage('a', async () => null, {
          teardown: async () => {
            teardowns.push('a')
          },
        }),
        stage('b', async () => Promise.reject(new Error('broken')), { teardown: never, diagnose: never }),
      ],
      { diagnosisMs: 1000, beforeTeardownMs: 2000, teardownMs: 3000, beforeTeardown: never },
    )
    await jest.advanceTimersByTimeAsync(6000)
    const record = await ended
    expect(record.stages[1]?.failure?.message).toBe('broken')
    expect(teardowns).toEqual(['a'])
    expect(record.warnings).toEqual([
      'The failure of "B" could not be diagnosed: not done after 1 s',
      'What was to be done before the teardown failed: not done after 2 s',
      'Cleaning up after "B" failed: not done after 3 s',
    ])
  })
})

describe('a diagnosis', () => {
  const broken = (diagnose: AnyStage['diagnose']) =>
    stage('a', async () => Promise.reject(new Error('timed out')), { needs: ['first'], ...(diagnose && { diagnose }) })
  const first = stage('first', async () => 'its result')

  test('turns a failure into its cause, with the same needs', async () => {
    const diagnose = jest.fn<NonNullable<AnyStage['diagnose']>>(
      async (failure) => new Failure('out of memory', { kind: 'workload', remedy: 'More.', cause: failure }),
    )
    const record = await start([first, broken(diagnose)]).ended
    expect(diagnose.mock.calls[0]?.[1]).toEqual({ first: 'its result' })
    expect(record.stages[1]?.failure).toEqual({ kind: 'workload', code: null, message: 'out of memory', remedy: 'More.', evidence: [], causes: ['timed out'] })
  })

  test('that throws is a warning, and the failure stays as it was', async () => {
    const record = await start([
      first,
      broken(async () => {
        throw new Error('no API')
      }),
    ]).ended
    expect(record.stages[1]?.failure?.message).toBe('timed out')
    expect(record.warnings).toEqual(['The failure of "A" could not be diagnosed: no API'])
  })

  test('is not disturbed by the abort that the failure itself caused', async () => {
    const aborted: boolean[] = []
    await start([
      first,
      broken(async (failure, _, signal) => {
        aborted.push(signal.aborted)
        await settled()
        aborted.push(signal.aborted)
        return failure
      }),
    ]).ended
    expect(aborted).toEqual([false, false])
  })

  test('is only asked of the stage that failed', async () => {
    const diagnose = jest.fn<NonNullable<AnyStage['diagnose']>>(async (failure) => failure)
    const failing = held('failing')
    const { ended } = start([stage('other', never, { diagnose }), failing.stage])
    failing.fail(new Error('x'))
    await ended
    expect(diagnose).not.toHaveBeenCalled()
  })
})

describe('teardown', () => {
  const noting = (names: string[], name: string, run: Run = async () => null, needs: readonly string[] = []) =>
    stage(name, run, {
      needs,
      teardown: async () => {
        names.push(name)
      },
    })

  test('is last in, first out', async () => {
    const order: string[] = []
    await start([noting(order, 'c', undefined, ['b']), noting(order, 'b', undefined, ['a']), noting(order, 'a')]).ended
    expect(order).toEqual(['c', 'b', 'a'])
  })

  test('is registered before its stage runs, so that it follows even one that never got anywhere', async () => {
    const order: string[] = []
    await start([
      noting(order, 'a', () => {
        throw new Error('at once')
      }),
    ]).ended
    expect(order).toEqual(['a'])
  })

  test('is not asked of a stage that never began', async () => {
    const order: string[] = []
    await start([noting(order, 'a', async () => Promise.reject(new Error('x'))), noting(order, 'b', undefined, ['a'])]).ended
    expect(order).toEqual(['a'])
  })

  test('has a signal of its own that neither a failure nor a cancel has touched', async () => {
    const aborted: boolean[] = []
    const teardown = async (signal: AbortSignal) => {
      aborted.push(signal.aborted)
    }
    const { cancel, ended } = start([stage('a', never, { teardown }), stage('b', never, { teardown })])
    cancel.abort(new Failure('cancelled by SIGINT', { kind: 'cancelled' }))
    await ended
    expect(aborted).toEqual([false, false])
  })

  test('that throws is a warning, and the others follow', async () => {
    const order: string[] = []
    const broken = stage('b', async () => null, {
      teardown: async () => {
        throw new Error('busy')
      },
    })
    const record = await start([noting(order, 'a'), broken]).ended
    expect(order).toEqual(['a'])
    expect(record.warnings).toEqual(['Cleaning up after "B" failed: busy'])
    expect(record.failedStage).toBeNull()
  })

  test('is left to somebody else when the run is told so', async () => {
    const order: string[] = []
    const asked: RunRecord[] = []
    const record = await start([noting(order, 'a')], {
      teardown: (current) => {
        asked.push(structuredClone(current))
        return false
      },
    }).ended
    expect(order).toEqual([])
    expect(asked).toEqual([expect.objectContaining({ finishedAt: null, cancelled: false })])
    expect(record.finishedAt).not.toBeNull()
  })
})

describe('before the teardown', () => {
  test('evidence can be gathered, once, when every stage has come to rest', async () => {
    const journal: string[] = []
    const failing = held('failing', {
      teardown: async () => {
        journal.push('teardown')
      },
    })
    const other = stage('other', never)
    const seen: Record<string, string>[] = []
    const { ended } = start([failing.stage, other], {
      beforeTeardown: async (record) => {
        journal.push('evidence')
        seen.push(statuses(record))
        await settled()
        journal.push('evidence done')
      },
    })
    failing.fail(new Error('x'))
    await ended
    expect(seen).toEqual([{ failing: 'failed', other: 'cancelled' }])
    expect(journal).toEqual(['evidence', 'evidence done', 'teardown'])
  })

  test('a fault is a warning, and hides no failure', async () => {
    const record = await start([stage('a', async () => Promise.reject(new Error('x')))], {
      beforeTeardown: async () => {
        throw new Error('no kubectl')
      },
    }).ended
    expect(record.warnings).toEqual(['What was to be done before the teardown failed: no kubectl'])
    expect(record.stages[0]?.failure?.message).toBe('x')
  })

  test('a run that passed is looked at too; one that was cancelled has no time for it', async () => {
    const beforeTeardown = jest.fn<NonNullable<RunOptions['beforeTeardown']>>(async () => {})
    await start([stage('a', async () => null)], { beforeTeardown }).ended
    expect(beforeTeardown).toHaveBeenCalledTimes(1)
    const { cancel, ended } = start([stage('a', never)], { beforeTeardown })
    cancel.abort(new Error('stop'))
    await ended
    expect(beforeTeardown).toHaveBeenCalledTimes(1)
  })
})

describe('a cancel', () => {
  test('that comes when every stage has passed changes nothing of what the run came to', async () => {
    const { cancel, ended } = start([stage('a', async () => null)], { beforeTeardown: async () => cancel.abort(new Error('stop')) })
    expect(await ended).toMatchObject({ cancelled: false, failedStage: null, stages: [{ status: 'passed' }] })
  })

  test('ends every running stage at once and starts no other', async () => {
    const { cancel, ended } = start([stage('a', never), stage('b', never), stage('c', async () => null, { needs: ['a'] })])
    cancel.abort(new Failure('cancelled by SIGTERM', { kind: 'cancelled' }))
    const record = await ended
    expect(record).toMatchObject({ cancelled: true, failedStage: null, warnings: [] })
    expect(statuses(record)).toEqual({ a: 'cancelled', b: 'cancelled', c: 'skipped' })
    expect(record.stages.every(({ failure }) => failure === null)).toBe(true)
  })

  test('before the run keeps everything from starting', async () => {
    const run = jest.fn<Run>(async () => null)
    const record = await runPipeline([stage('a', run)], { signal: AbortSignal.abort() })
    expect(run).not.toHaveBeenCalled()
    expect(record).toMatchObject({ cancelled: true, stages: [{ status: 'skipped', startedAfterMs: null }] })
  })

  test('after a failure leaves the failure the cause', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { cancel, ended } = start([stage('a', async () => Promise.reject(new Error('x')))], { beforeTeardown: () => promise })
    await settled()
    cancel.abort(new Error('stop'))
    resolve()
    expect(await ended).toMatchObject({ cancelled: false, failedStage: 'a' })
  })
})

describe('those who listen', () => {
  test('and throw are a warning, not the result; the others are told all the same', async () => {
    const { journal, ended } = start([stage('a', async () => null)], {
      listeners: [
        () => {
          throw new Error('closed pipe')
        },
      ],
    })
    const record = await ended
    expect(record.warnings).toEqual(['A reporter failed: closed pipe', 'A reporter failed: closed pipe'])
    expect(statuses(record)).toEqual({ a: 'passed' })
    expect(journal).toEqual(['a started', 'a passed'])
  })

  test('see a stage’s end with its status, failure and time', async () => {
    const ends: PipelineEvent['stage'][] = []
    await start([stage('a', async () => Promise.reject(new Error('x')))], {
      listeners: [(event) => event.type === 'finished' && ends.push(structuredClone(event.stage))],
    }).ended
    expect(ends).toEqual([expect.objectContaining({ status: 'failed', failure: expect.objectContaining({ message: 'x' }), durationMs: expect.any(Number) })])
  })
})

describe('the record', () => {
  function kept() {
    const versions: RunRecord[] = []
    return { versions, persist: (record: RunRecord) => void versions.push(structuredClone(record)) }
  }

  test('is kept before the first stage, after every change of a status, and at the end', async () => {
    const { versions, persist } = kept()
    await start([stage('a', async () => null), stage('b', async () => Promise.reject(new Error('x')), { needs: ['a'] }), stage('c', never, { needs: ['b'] })], {
      persist,
    }).ended
    const seen = versions.map((record) => Object.values(statuses(record)).join(' '))
    expect(seen.filter((line, index) => line !== seen[index - 1])).toEqual([
      'pending pending pending',
      'running pending pending',
      'passed pending pending',
      'passed running pending',
      'passed failed pending',
      'passed failed skipped',
    ])
    expect(versions.at(-1)?.finishedAt).not.toBeNull()
    expect(versions.slice(0, -1).every(({ finishedAt }) => finishedAt === null)).toBe(true)
  })

  test('holds a failure as soon as there is one, not only once it is diagnosed: the process may be killed meanwhile', async () => {
    const { versions, persist } = kept()
    const { promise, resolve } = Promise.withResolvers<Failure>()
    const { ended } = start([stage('a', async () => Promise.reject(new Error('x')), { diagnose: () => promise })], { persist })
    await settled()
    const meanwhile = versions.at(-1)
    resolve(new Failure('the cause', { kind: 'workload' }))
    await ended
    expect(meanwhile).toMatchObject({ failedStage: 'a', stages: [{ status: 'failed', failure: { message: 'x' } }] })
    expect(versions.at(-1)?.stages[0]?.failure?.message).toBe('the cause')
  })

  test('that cannot be kept is a warning, not the result', async () => {
    const record = await start([stage('a', async () => null)], {
      persist: () => {
        throw new Error('disk full')
      },
    }).ended
    expect(statuses(record)).toEqual({ a: 'passed' })
    expect(new Set(record.warnings)).toEqual(new Set(['The run record could not be written: disk full']))
  })
})

describe('whatever the graph, the order in which stages end, and which of them fail', () => {
  interface Plan {
    readonly needs: readonly number[]
    readonly outcome: 'pass' | 'fail' | 'throw'
    readonly teardown: boolean
  }
  const plans: fc.Arbitrary<readonly Plan[]> = fc
    .array(
      fc.record({
        needs: fc.array(fc.nat(), { maxLength: 3 }),
        outcome: fc.constantFrom<Plan['outcome'][]>('pass', 'pass', 'pass', 'fail', 'throw'),
        teardown: fc.boolean(),
      }),
      { minLength: 1, maxLength: 7 },
    )
    // A need is an earlier stage, so that there is no circle.
    .map((rows) => rows.map((row, index) => ({ ...row, needs: index === 0 ? [] : [...new Set(row.needs.map((need) => need % index))] })))

  test('a stage begins once, after its needs; nothing begins after a failure; every begun stage is torn down in reverse; nothing is left open', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.scheduler(), async (rows, scheduler) => {
        const begun: string[] = []
        const passed = new Set<string>()
        const torn: string[] = []
        let failed = false
        const broken: string[] = []
        const stages = rows.map(({ needs, outcome, teardown }, index) => {
          const name = `s${index}`
          const wanted = needs.map((need) => `s${need}`)
          return stage(
            name,
            (given) => {
              begun.push(name)
              if (failed) broken.push(`${name} began after a failure`)
              if (!wanted.every((need) => passed.has(need))) broken.push(`${name} began before its needs`)
              if (JSON.stringify(given) !== JSON.stringify(Object.fromEntries(wanted.map((need) => [need, `${need}’s`]))))
                broken.push(`${name} was given others`)
              if (outcome === 'throw') throw new Error(name)
              return scheduler.schedule(Promise.resolve(), name).then(() => {
                if (outcome === 'fail') throw new Error(name)
                return `${name}’s`
              })
            },
            {
              needs: wanted,
              ...(teardown && {
                teardown: async () => {
                  torn.push(name)
                },
              }),
            },
          )
        })
        const ended = runPipeline(stages, {
          signal: new AbortController().signal,
          listeners: [
            ({ type, stage: { name, status } }) => {
              if (type === 'finished' && status === 'passed') passed.add(name)
              if (type === 'finished' && status === 'failed') failed = true
            },
          ],
        })
        const record = await scheduler.waitFor(ended)

        expect(broken).toEqual([])
        expect(new Set(begun).size).toBe(begun.length)
        expect(torn).toEqual(begun.filter((name) => rows[Number(name.slice(1))]?.teardown).reverse())
        const ends = record.stages.map(({ status }) => status)
        // Every stage was to pass, unless one failed; one that was to fail may have been cancelled before it could.
        expect(failed).toBe(rows.some(({ outcome }) => outcome !== 'pass'))
        expect(ends.filter((status) => status === 'failed')).toHaveLength(failed ? 1 : 0)
        expect(ends.every((status) => (failed ? ['passed', 'failed', 'cancelled', 'skipped'] : ['passed']).includes(status))).toBe(true)
        expect(record.failedStage).toBe(record.stages.find(({ status }) => status === 'failed')?.name ?? null)
        expect(record.cancelled).toBe(false)
        expect(record.stages.filter(({ status }) => status === 'skipped').map(({ name }) => name)).toEqual(
          stages.map(({ name }) => name).filter((name) => !begun.includes(name)),
        )
      }),
      { numRuns: 200 },
    )
  })
})

describe('the words of programs', () => {
  test('lose what is to be taken out of them wherever they are written down', async () => {
    const failing = stage('failing', async (_, { progress, warn }) => {
      progress('asking secret')
      warn?.('secret was slow')
      throw new Failure('secret said no', { kind: 'infrastructure', remedy: 'Ask secret.', cause: new Error('deep secret') })
    })
    const seen: string[] = []
    const { ended } = start([failing], { redact: (text) => text.replaceAll('secret', '***'), listeners: [(event) => seen.push(JSON.stringify(event))] })
    const record = await ended
    expect(record).toMatchObject({
      warnings: ['*** was slow'],
      stages: [{ progress: 'asking ***', failure: { message: '*** said no', remedy: 'Ask ***.', causes: ['deep ***'] } }],
    })
    expect(JSON.stringify(record) + seen.join('')).not.toContain('secret')
  })
})
