import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import type { CauseCode } from '../../src/stages/cause.ts'
import { type KitRun, kitEnvironment, runOnKit, withGitHub } from './kit-run.ts'

/** Replaces text in one of the copied action's manifests. */
function replaceIn(file: string, from: string, to: string): (action: string) => Promise<void> {
  return async (action) => {
    const path = join(action, 'manifests', file)
    const text = await readFile(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    await writeFile(path, text.replaceAll(from, to))
  }
}

/** Red, said why, with evidence, and nothing left. */
function expectFault({ act, report, left }: KitRun, fault: { verdict: string; reason: string; code: CauseCode; sentence: RegExp }): void {
  expect(report).toMatchObject({ verdict: fault.verdict, reason: fault.reason, diagnosis: { code: fault.code } })
  expect(report.sentence).toMatch(fault.sentence)
  expect(report.sentence).not.toMatch(/not done after|timed out/)
  expect(act).toMatchObject({ exitCode: 1, outcome: 'failure', stages: { main: 'failure', post: 'success' } })
  expect(act.outputs).toMatchObject({ verdict: fault.verdict, reason: fault.reason })
  expect(act.annotations.some(({ level, message }) => level === 'error' && message.includes(report.sentence))).toBe(true)
  expect(act.summary).toContain(`Pipeline ${fault.verdict}`)
  expect(left).toEqual([])
}

describe('faults on a real cluster', () => {
  test('a registry that cannot be reached is invalid, in the kubelet’s own words', async () => {
    const others = (kitEnvironment().MLOPS_IMAGE_OVERRIDES ?? '').split('\n').filter((line) => !line.startsWith('http-echo='))
    await withGitHub({}, async (github) => {
      const run = await runOnKit({
        github,
        with: { 'image-overrides': [...others, 'http-echo=registry.invalid/none/echo:1.0'].join('\n') },
      })
      expectFault(run, {
        verdict: 'invalid',
        reason: 'infrastructure',
        code: 'image-unreachable',
        sentence: /image registry\.invalid\/none\/echo:1\.0 cannot be pulled \((ErrImagePull|ImagePullBackOff): .*registry\.invalid/,
      })
      expect(Object.keys(run.artifact)).toEqual(
        expect.arrayContaining(['evidence/pods.json', 'evidence/events.json', 'evidence/nodes.json', 'evidence/describe.txt']),
      )
      expect(run.artifact['evidence/describe.txt']?.toString()).toContain('registry.invalid')
      expect(Object.keys(run.artifact).some((name) => name.startsWith('evidence/kind/') && name.endsWith('kubelet.log'))).toBe(true)
      expect(github.comments(7).at(-1)?.body).toContain('Pipeline invalid')
    })
  }, 240_000)

  test('a container that crashes is the workload’s failure, with exit code and last log line', async () => {
    await withGitHub({}, async (github) => {
      const run = await runOnKit({ github, edit: replaceIn('services/echo.yaml', '-listen=:5678', '-no-such-flag') })
      expectFault(run, {
        verdict: 'failed',
        reason: 'stage',
        code: 'crash-loop',
        sentence: /(foo|bar): 0 of 2 pods ready; pod (foo|bar)-\S+ crashed with exit code 2.*last log line: /,
      })
      expect(Object.keys(run.artifact).some((name) => /^evidence\/logs\/mlops-services_(foo|bar)-.*\.log$/.test(name))).toBe(true)
    })
  }, 240_000)

  test('a wrong Host rule is found before any load', async () => {
    await withGitHub({}, async (github) => {
      const edit = replaceIn('services/echo.yaml', '- host: $', '- host: wrong.$')
      const run = await runOnKit({ github, edit, with: { 'health-check-retries': 5 } })
      expectFault(run, {
        verdict: 'failed',
        reason: 'stage',
        code: 'ingress-no-rule',
        sentence: /foo: no Ingress has a rule for the host foo\.localhost \(there are rules for wrong\.bar\.localhost, wrong\.foo\.localhost\); bar: /,
      })
      expect(run.report.load).toBeNull()
      expect(run.report.gates).toMatchObject([{ metric: 'healthy-services', value: 0, limit: 2, status: 'failed' }])
    })
  }, 240_000)

  test('a taken port 80 is said before anything is created; a token that may only read is a notice', async () => {
    const server = createServer().listen(80, '127.0.0.1')
    try {
      await withGitHub({ readOnly: true }, async (github) => {
        const run = await runOnKit({ github })
        expectFault(run, {
          verdict: 'invalid',
          reason: 'infrastructure',
          code: 'port-taken',
          sentence: /port 80 \(http-port\) of this machine is already in use by \S+ \(pid \d+\)$/,
        })
        expect(run.act.annotations).toContainEqual(expect.objectContaining({ level: 'notice', message: expect.stringContaining('pull-requests: write') }))
        expect(github.comments(7)).toEqual([])
      })
    } finally {
      server.close()
    }
  }, 120_000)

  test('a node image that cannot be pulled is said in the engine’s own words', async () => {
    await withGitHub({}, async (github) => {
      const run = await runOnKit({ github, with: { 'node-image': 'registry.invalid/none/node:v1.34.4' } })
      expectFault(run, {
        verdict: 'invalid',
        reason: 'infrastructure',
        code: 'image-unreachable',
        sentence: /kind could not create mlops-test-cluster: .*registry\.invalid.*no such host/,
      })
      expect(run.report.warnings).toEqual([])
    })
  }, 120_000)

  test('a cluster of the same name that is not ours is left alone', async () => {
    const name = 'mlops-test-cluster-control-plane'
    const image = String(process.env.MLOPS_NODE_IMAGE)
    const labels = ['--label', 'io.x-k8s.kind.cluster=mlops-test-cluster', '--label', 'io.x-k8s.kind.role=control-plane']
    await execa('podman', ['create', '--name', name, ...labels, '--entrypoint', '/bin/true', image])
    try {
      await withGitHub({}, async (github) => {
        const run = await runOnKit({ github })
        expectFault(run, {
          verdict: 'invalid',
          reason: 'config',
          code: 'name-taken',
          sentence: /a kind cluster named mlops-test-cluster exists already and was not created by this run/,
        })
        expect(run.act.summary).toContain('kind delete cluster')
        const { stdout } = await execa('podman', ['ps', '--all', '--format', '{{.Names}}'])
        expect(stdout).toContain(name)
      })
    } finally {
      await execa('podman', ['rm', '--force', name])
    }
  }, 120_000)

  test('a push without a pull request and without an artifact service still judges and reports', async () => {
    await withGitHub({}, async (github) => {
      const server = createServer().listen(80, '127.0.0.1')
      try {
        const run = await runOnKit({ github, event: 'push', resultsEnv: { ACTIONS_RESULTS_URL: '', ACTIONS_RUNTIME_TOKEN: '' } })
        expect(run.report.verdict).toBe('invalid')
        const notices = run.act.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message)
        expect(notices).toEqual(expect.arrayContaining([expect.stringContaining('no pull request'), expect.stringContaining('no artifact service')]))
        expect(github.requests).toEqual([])
      } finally {
        server.close()
      }
    })
  }, 120_000)
})

describe('a main that is killed without a word', () => {
  test('while kind boots the nodes leaves nothing: its guard ends kind, and post deletes and reports', async () => {
    await withGitHub({}, async (github) => {
      const kill = new AbortController()
      const run = await runOnKit({
        github,
        signal: kill.signal,
        cancelAs: 'main-alone',
        onLine: (line) => line.includes('Starting control-plane') && kill.abort(),
      })
      expect(run.report).toMatchObject({ verdict: 'invalid', reason: 'infrastructure' })
      expect(run.report.sentence).toMatch(/^the action’s process ended unexpectedly/)
      expect(run.act.stages).toMatchObject({ main: 'failure', post: 'success' })
      expect(github.comments(7).at(-1)?.body).toContain('Pipeline invalid')
      expect(run.left).toEqual([])
    })
  }, 240_000)
})

describe('a cancel in mid-run', () => {
  test.each(['Starting control-plane', 's on http://127.0.0.1'])(
    'at "%s" leaves nothing, and post finishes the report',
    async (moment) => {
      await withGitHub({}, async (github) => {
        const cancel = new AbortController()
        const run = await runOnKit({ github, signal: cancel.signal, onLine: (line) => line.includes(moment) && cancel.abort() })
        expect(run.report).toMatchObject({ verdict: 'cancelled', reason: 'cancel' })
        expect(run.report.sentence).toMatch(moment === 's on http://127.0.0.1' ? /Load/ : /Boot the cluster/)
        expect(run.act.stages).toMatchObject({ main: 'failure', post: 'success' })
        expect(github.comments(7).at(-1)?.body).toContain('Pipeline cancelled')
        expect(Object.keys(run.artifact)).toContain('report.json')
        expect(run.left).toEqual([])
      })
    },
    240_000,
  )
})
