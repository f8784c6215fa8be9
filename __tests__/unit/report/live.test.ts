import { describe, expect, test } from '@jest/globals'
import { type LiveRun, renderLive } from '../../../src/report/live.ts'
import { context, failureOf, recordOf, type StageChanges, skipped } from '../runs.ts'

const usual: Readonly<Record<string, number>> = { cluster: 25_000, nodes: 15_000, health: 3000, load: 30_000 }
const pending = { ...skipped, status: 'pending' } as const
const running = (progress: string | null) => ({ status: 'running', durationMs: null, data: null, progress }) as const

function liveRun(changes: StageChanges, more: Partial<LiveRun> = {}): LiveRun {
  return {
    stages: recordOf(changes).stages,
    context,
    environment: 'kind',
    elapsedMs: 20_400,
    at: new Date('2026-11-22T10:00:20.400Z'),
    usualMs: (name) => usual[name] ?? null,
    ...more,
  }
}

describe('the comment of a run that is going on', () => {
  test('shows what is done, what runs with its last words, and what is to come', () => {
    const booting = {
      nodes: running('2 of 3 nodes ready'),
      ingress: running(null),
      services: running('available: foo 2/2, bar 0/2'),
      health: pending,
      load: pending,
    }
    expect(renderLive(liveRun(booting))).toMatchInlineSnapshot(`
"### ⏳ Pipeline running · 20 s

| | Stage | Time | Usual |
| :-- | :-- | --: | --: |
| ✅ | Install kind 0.33.0 | 1 s |  |
| ✅ | Install kubectl 1.37.0 | 1 s |  |
| ✅ | Install k6 2.3.0 | 2 s |  |
| ✅ | Boot the cluster | 15 s |  |
| ⏳ | Nodes, system pods and DNS<br><sub>2 of 3 nodes ready</sub> | 4 s | 15 s |
| ⏳ | Ingress (nginx) | 4 s |  |
| ⏳ | Services (foo, bar)<br><sub>available: foo 2/2, bar 0/2</sub> | 4 s |  |
| · | Health |  | 3 s |
| · | Load (10 VUs for 30 s) |  | 30 s |

<sub>as of 10:00:20 UTC · [run](https://github.com/octo/app/actions/runs/42) · commit 0123456</sub>
"
`)
  })

  test('shows the load’s numbers', () => {
    const load = { load: running('12,340 requests, 411/s, p95 12.1 ms, 0% errors, 10 VUs') }
    expect(renderLive(liveRun(load, { elapsedMs: 185_000 }))).toMatchInlineSnapshot(`
"### ⏳ Pipeline running · 3 min 05 s

| | Stage | Time | Usual |
| :-- | :-- | --: | --: |
| ✅ | Install kind 0.33.0 | 1 s |  |
| ✅ | Install kubectl 1.37.0 | 1 s |  |
| ✅ | Install k6 2.3.0 | 2 s |  |
| ✅ | Boot the cluster | 15 s |  |
| ✅ | Nodes, system pods and DNS | 9 s |  |
| ✅ | Ingress (nginx) | 8 s |  |
| ✅ | Services (foo, bar) | 8 s |  |
| ✅ | Health | 1 s |  |
| ⏳ | Load (10 VUs for 30 s)<br><sub>12,340 requests, 411/s, p95 12.1 ms, 0% errors, 10 VUs</sub> | 2 min 39 s | 30 s |

<sub>as of 10:00:20 UTC · [run](https://github.com/octo/app/actions/runs/42) · commit 0123456</sub>
"
`)
  })

  test('shows why a stage failed, and that others were stopped', () => {
    const failed = {
      services: { status: 'failed', data: null, failure: failureOf('bar: 1 of 2 pods ready') },
      nodes: { status: 'cancelled' },
      health: skipped,
      load: skipped,
    } as const
    const text = renderLive(liveRun(failed))
    expect(text).toContain('| ❌ | Services (foo, bar)<br><sub>bar: 1 of 2 pods ready</sub> | 8 s |  |')
    expect(text).toContain('| ⏹️ | Nodes, system pods and DNS | 9 s |  |')
  })

  test('says when it runs on local processes, and for which values of a matrix; what it leaves out is not there', () => {
    const leftOut = { ...skipped, leftOut: 'there is no container engine' }
    const text = renderLive(
      liveRun(
        { kind: leftOut, kubectl: leftOut, cluster: leftOut, nodes: leftOut },
        { environment: 'local', context: { ...context, matrix: { arch: 'arm64' } } },
      ),
    )
    expect(text).toMatch(/^### ⏳ Pipeline running on local processes, no Kubernetes · arm64 · 20 s\n/)
    expect(text).not.toContain('Boot the cluster')
  })

  test('before its first stage is a headline', () => {
    expect(renderLive(liveRun({}, { stages: [], elapsedMs: 0, context: { ...context, runUrl: null, sha: null } }))).toBe(
      '### ⏳ Pipeline running · 0 s\n\n<sub>as of 10:00:20 UTC</sub>\n',
    )
  })

  test('shows words from outside as words, on one line and no longer than a line', () => {
    const hostile = `</sub> | x |\n| **@octocat** <img src=x> #1 --> ${'y'.repeat(1000)}`
    const row = renderLive(liveRun({ load: running(hostile) }))
      .split('\n')
      .find((line) => line.includes('Load'))
    expect(row).toMatch(
      /^\| ⏳ \| Load \(10 VUs for 30 s\)<br><sub>&lt;\/sub&gt; \\\| x \\\| \\\| \\\*\\\*@\u200boctocat\\\*\\\* &lt;img src=x&gt; \\#\u200b1 --&gt; y+…<\/sub> \| \d+ s \| 30 s \|$/,
    )
    expect(row?.length).toBeLessThan(400)
  })
})
