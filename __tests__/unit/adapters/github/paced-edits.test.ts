import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type EditBudget, editBudget, editLimits } from '../../../../src/adapters/github/edit-budget.ts'
import { type EditOutcome, pacedEdits } from '../../../../src/adapters/github/paced-edits.ts'

const { spacingMs, windowMs, perWindow } = editLimits

/** Time as a test makes it: timers go off in order, in no time. */
function clock() {
  let nowMs = 0
  let timers: { atMs: number; work: () => void }[] = []
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    now: () => nowMs,
    later: (delayMs: number, work: () => void) => {
      const timer = { atMs: nowMs + delayMs, work }
      timers.push(timer)
      return () => {
        timers = timers.filter((each) => each !== timer)
      }
    },
    /** Lets time pass, and everything happen that is due in it. */
    pass: async (ms: number) => {
      const untilMs = nowMs + ms
      for (;;) {
        await settle()
        const next = timers.toSorted((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= untilMs)
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        nowMs = Math.max(nowMs, next.atMs)
        next.work()
      }
      nowMs = untilMs
      await settle()
    },
  }
}

/** A run whose edits take their time and end as they were told to. */
function run(outcomes: readonly { readonly outcome: EditOutcome; readonly tookMs: number }[] = [], isNearEnd?: () => boolean) {
  const time = clock()
  const budget: EditBudget = editBudget(0)
  let content = 0
  let sent = 0
  let inFlight = 0
  const attempts: { readonly content: number; readonly atMs: number; readonly outcome: EditOutcome }[] = []
  const edits = pacedEdits({
    budget,
    now: time.now,
    later: time.later,
    send: async () => {
      inFlight += 1
      expect(inFlight).toBe(1)
      const { outcome, tookMs } = outcomes[sent++] ?? { outcome: 'written', tookMs: 100 }
      const said = content
      await new Promise<void>((resolve) => time.later(tookMs, resolve))
      inFlight -= 1
      // GitHub may have done it at the very end.
      attempts.push({ content: said, atMs: time.now(), outcome })
      return outcome
    },
    ...(isNearEnd && { isNearEnd }),
  })
  return {
    time,
    budget,
    attempts,
    /** Attempts that GitHub may have made an edit of. */
    edits: () => attempts.filter(({ outcome }) => outcome === 'written' || outcome === 'failed'),
    change: () => {
      content += 1
      edits.changed()
    },
    stop: edits.stop,
    content: () => content,
  }
}

function expectWithin(times: readonly number[]): void {
  for (const [index, atMs] of times.entries()) {
    const before = times[index - 1]
    if (before !== undefined) expect(atMs - before).toBeGreaterThanOrEqual(spacingMs)
    expect(times.filter((other) => other >= atMs && other <= atMs + windowMs).length).toBeLessThanOrEqual(perWindow)
  }
}

describe('live edits', () => {
  const outcome = fc.record({
    outcome: fc.constantFrom<EditOutcome>('written', 'written', 'written', 'unchanged', 'failed', 'not-sent'),
    tookMs: fc.integer({ min: 0, max: 15_000 }),
  })
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 40_000 }),
    changes: fc.integer({ min: 0, max: 5 }),
    throttledMs: fc.constantFrom(0, 0, 0, 5000, 90_000),
  })

  test('never break the budget, whatever happens, the last edit included; and the last content always goes out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 60 }), fc.array(step, { minLength: 1, maxLength: 40 }), async (outcomes, steps) => {
        const { time, budget, edits, change, stop, attempts, content } = run(outcomes)
        for (const { waitMs, changes, throttledMs } of steps) {
          if (throttledMs > 0) budget.throttled(time.now(), throttledMs)
          for (let count = 0; count < changes; count += 1) change()
          await time.pass(waitMs)
        }
        const stopped = stop()
        await time.pass(15_000)
        await stopped
        const live = edits().map(({ atMs }) => atMs)
        const lastAtMs = budget.lastAtMs(time.now())
        expectWithin(time.now() < spacingMs ? live : [...live, lastAtMs])
        expect(lastAtMs).toBeLessThanOrEqual(time.now() + 60_000)
        // What is never old: no attempt says less than one before it.
        expect(attempts.map((each) => each.content)).toEqual(attempts.map((each) => each.content).toSorted((a, b) => a - b))
        expect(attempts.at(-1)?.content ?? 0).toBeLessThanOrEqual(content())
      }),
      { numRuns: 200 },
    )
  }, 60_000)

  test('say the last content, when nothing else changes and GitHub works again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 8 }), fc.integer({ min: 1, max: 30 }), async (outcomes, changes) => {
        const { time, attempts, change, content } = run(outcomes)
        for (let count = 0; count < changes; count += 1) {
          change()
          await time.pass(700)
        }
        await time.pass(30 * windowMs)
        expect(attempts.filter((each) => each.outcome === 'written' || each.outcome === 'unchanged').at(-1)?.content).toBe(content())
      }),
      { numRuns: 50 },
    )
  }, 60_000)

  test('go at once the first time, and then as one every ten seconds, however much happens', async () => {
    const { time, attempts, change } = run()
    for (let count = 0; count < 300; count += 1) {
      change()
      await time.pass(100)
    }
    expect(attempts.map(({ atMs }) => atMs)).toEqual([100, 10_200, 20_300])
  })

  test('of a long run get rarer: an hour has fewer than a hundred', async () => {
    const { time, attempts, change } = run()
    for (let count = 0; count < 1800; count += 1) {
      change()
      await time.pass(2000)
    }
    expect(attempts.length).toBeGreaterThan(60)
    expect(attempts.length).toBeLessThan(100)
  })

  test('leave one edit of every two minutes for the last', () => {
    const budget = editBudget(0)
    for (let atMs = 0; atMs <= 100_000; atMs += spacingMs) budget.spent(atMs)
    expect(budget.liveAtMs()).toBe(windowMs + 1)
    expect(budget.lastAtMs(110_000)).toBe(110_000)
  })

  test('pause ever longer while GitHub is down, and start again when it is up', async () => {
    const down = { outcome: 'not-sent', tookMs: 0 } as const
    const { time, attempts, change } = run([down, down, down, down, down, down])
    change()
    await time.pass(1_000_000)
    expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 10_000, 30_000, 70_000, 150_000, 270_000, 390_100])
  })

  test('pause as long as GitHub asks', async () => {
    const { time, budget, attempts, change } = run()
    budget.throttled(0, 300_000)
    change()
    await time.pass(299_999)
    expect(attempts).toEqual([])
    await time.pass(1000)
    expect(attempts).toHaveLength(1)
  })

  test.each(['ended', 'stop'])('are over after: %s', async (how) => {
    const { time, attempts, change, stop } = run([{ outcome: how === 'ended' ? 'ended' : 'written', tookMs: 10 }])
    change()
    await time.pass(100)
    if (how === 'stop') await stop()
    change()
    await time.pass(windowMs)
    expect(attempts).toHaveLength(1)
  })

  test('are not begun near the end, where they would only make the last one wait', async () => {
    let isNearEnd = false
    const { time, attempts, change } = run([], () => isNearEnd)
    change()
    await time.pass(5000)
    isNearEnd = true
    change()
    await time.pass(20_000)
    expect(attempts).toHaveLength(1)
    isNearEnd = false
    change()
    await time.pass(100)
    expect(attempts).toHaveLength(2)
  })
})

describe('the last edit', () => {
  test('waits for its distance, ten seconds at most', () => {
    const budget = editBudget(0)
    expect(budget.lastAtMs(15_000)).toBe(15_000)
    budget.spent(14_000)
    expect(budget.lastAtMs(15_000)).toBe(24_000)
    expect(budget.lastAtMs(30_000)).toBe(30_000)
  })

  test('of a run that is shorter than that does not wait', () => {
    const budget = editBudget(0)
    budget.spent(1500)
    expect(budget.lastAtMs(4000)).toBe(4000)
    expect(budget.lastAtMs(10_000)).toBe(11_500)
  })

  test('does not wait for live edits that failed before they were sent', () => {
    const budget = editBudget(0)
    budget.failed(14_000)
    expect(budget.lastAtMs(15_000)).toBe(15_000)
  })

  test('waits as long as GitHub asks, a minute at most', () => {
    const budget = editBudget(0)
    budget.throttled(20_000, 30_000)
    expect(budget.lastAtMs(20_000)).toBe(50_000)
    budget.throttled(20_000, 3_600_000)
    expect(budget.lastAtMs(20_000)).toBe(80_000)
  })
})
