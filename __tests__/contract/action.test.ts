import '../fakes/realm.ts'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { currentPlatform } from '../../src/adapters/tool-cache.ts'
import { resolveConfig } from '../../src/config/config.ts'
import { serviceNames } from '../../src/config/services.ts'
import type { RunRecord } from '../../src/pipeline/record.ts'
import { runFiles } from '../../src/session.ts'
import { toolSource } from '../../src/stages/tools/tool.ts'
import { content, type DownloadHost, hang, startDownloadHost } from '../fakes/downloads.ts'
import { type EntryRun, type RunningEntry, readCommandFile, startEntry } from '../fakes/entry.ts'
import { eventually } from '../fakes/eventually.ts'
import { type GitHubFake, startGitHubFake } from '../fakes/github.ts'
import { type KindFixture, writeKind } from '../fakes/kind.ts'

const token = 'ghs_never-to-be-seen'

let folder: string
let github: GitHubFake
let running: RunningEntry[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'action-'))
  for (const name of ['temp', 'cache', 'workspace', 'bin', 'home']) mkdirSync(path(name))
  // Neither docker nor podman is on this PATH; what unpacks k6 is.
  for (const program of ['tar', 'gzip'])
    await symlink(execFileSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim(), path('bin', program))
  writeFileSync(path('event.json'), JSON.stringify({ number: 7, pull_request: { number: 7, head: { sha: 'abc1234' } } }))
  github = await startGitHubFake({ token })
  running = []
})
afterEach(async () => {
  for (const { child } of running) if (child.exitCode === null) child.kill('SIGKILL')
  expect(github.violations).toEqual([])
  await github.close()
  await rm(folder, { recursive: true })
})

const path = (...parts: string[]) => join(folder, ...parts)

/** One step of a job: main, or post with main's state, as the runner starts them. */
function start(inputs: Record<string, string> = {}, env: Record<string, string> = {}): RunningEntry {
  const given = Object.fromEntries(Object.entries({ 'github-token': token, ...inputs }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]))
  for (const name of ['output', 'state', 'summary', 'path', 'env']) writeFileSync(path(name), '', { flag: 'a' })
  const step = startEntry('index.ts', {
    cwd: path('workspace'),
    env: {
      PATH: path('bin'),
      HOME: path('home'),
      RUNNER_TEMP: path('temp'),
      RUNNER_TOOL_CACHE: path('cache'),
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo-org/service',
      GITHUB_WORKFLOW: 'pipeline',
      GITHUB_JOB: 'verify',
      GITHUB_RUN_ID: '4242',
      GITHUB_EVENT_PATH: path('event.json'),
      GITHUB_OUTPUT: path('output'),
      GITHUB_STATE: path('state'),
      GITHUB_STEP_SUMMARY: path('summary'),
      GITHUB_PATH: path('path'),
      GITHUB_ENV: path('env'),
      ...given,
      ...env,
    },
  })
  running.push(step)
  return step
}

/** The post step: it gets main's state as variables. */
function startPost(inputs: Record<string, string> = {}, state = readCommandFile(path('state'))): RunningEntry {
  return start(inputs, { STATE_isPost: 'true', ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])) })
}

const outputs = () => readCommandFile(path('output'))
const summary = () => readFileSync(path('summary'), 'utf8')
/** Everything but the command that makes the runner mask a secret. */
const everythingSaid = ({ stdout, stderr }: EntryRun) => stdout.replace(/^::add-mask::.*$/gm, '') + stderr + summary() + readFileSync(path('output'), 'utf8')
const comments = () => github.comments().map(({ body }) => body ?? '')

/** A host with programs that do nothing, under the publishers' paths, and the inputs that lead there. */
async function downloads(change: (host: DownloadHost, kind: string) => void = () => {}): Promise<{ host: DownloadHost; inputs: Record<string, string> }> {
  const host = await startDownloadHost()
  const platform = currentPlatform() ?? { os: 'linux', arch: 'amd64' }
  const inputs = { 'download-mirror': host.url, 'kind-version': '0.33.0', 'kubectl-version': '1.37.0', 'k6-version': '2.3.0' }
  const sha256 = (bytes: Buffer) =>
    execFileSync(process.execPath, ['-e', `process.stdin.pipe(require('crypto').createHash('sha256').setEncoding('hex')).pipe(process.stdout)`], {
      input: bytes,
      encoding: 'utf8',
    })
  for (const [name, version] of [
    ['kind', '0.33.0'],
    ['kubectl', '1.37.0'],
    ['k6', '2.3.0'],
  ] as const) {
    const source = toolSource(name, version, platform, host.url)
    const entry = source.archiveEntry ?? name
    mkdirSync(path('build', entry, '..'), { recursive: true })
    writeFileSync(path('build', entry), '#!/bin/sh\n', { mode: 0o755 })
    const bytes = source.archiveEntry === null ? readFileSync(path('build', entry)) : execFileSync('tar', ['-czf', '-', '-C', path('build'), entry])
    host.put(new URL(source.url).pathname, content(bytes))
    host.put(new URL(source.checksumUrl).pathname, content(`${sha256(bytes)}  ${source.url.split('/').at(-1)}\n`))
  }
  change(host, new URL(toolSource('kind', '0.33.0', platform, host.url).url).pathname)
  return { host, inputs }
}

describe('bad inputs', () => {
  const bad = { vus: 'many', duration: '30 parsecs', 'max-error-rate': '0.1', 'http-port': '30080', thresholds: 'p(95) < 500ms\nlatency < 1s', mode: 'compare' }

  test('end the step with all problems in one error, and nothing else is made', async () => {
    const step = await start(bad).done
    expect(step.exitCode).toBe(1)
    const errors = step.stdout.split('\n').filter((line) => line.startsWith('::error'))
    expect(errors).toHaveLength(1)
    for (const name of Object.keys(bad)) {
      expect(errors[0]).toContain(`- ${name}: `)
      expect(summary()).toContain(`- ${name}: `)
    }
    expect(outputs()).toEqual({ verdict: 'invalid', reason: 'config' })
    expect(readCommandFile(path('state'))).toEqual({ isPost: 'true' })
    expect(summary()).toMatch(/^### ⚠️ Pipeline invalid\n/)
    expect(await readdir(path('temp'))).toEqual([])
    expect(await readdir(path('workspace'))).toEqual([])
    // A verdict of the run before must not stand there as this one's.
    expect(comments()).toEqual([expect.stringContaining('Pipeline invalid')])
  })

  test('leave the pull request alone when no comment is wanted', async () => {
    await start({ ...bad, comment: 'false' }).done
    expect(comments()).toEqual([])
  })

  test('are followed by a post step that does nothing', async () => {
    await start(bad).done
    expect(await startPost(bad).done).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  test('never show the token, even when it is the bad one', async () => {
    const step = await start({ ...bad, 'comment-key': 'two\nlines' }).done
    expect(everythingSaid(step)).not.toContain(token)
  })

  test('cannot break out of the summary', async () => {
    await start({ vus: '```\n<script>alert(1)</script>\n@everyone' }).done
    const [, fence = ''] = /^(`{3,})text$/m.exec(summary()) ?? []
    expect(
      summary()
        .split('\n')
        .filter((line) => line.startsWith(fence)),
    ).toHaveLength(2)
  })

  test('do not hide a mistyped name', async () => {
    const step = await start({ ...bad, threshold: 'p(95) < 1s' }).done
    expect(step.stdout).toMatch(/Unknown input "threshold" is ignored; did you mean "thresholds"\?/)
  })

  test('come from the environment, too, and say so', async () => {
    const step = await start({}, { VUS: '-1' }).done
    expect(step.exitCode).toBe(1)
    expect(step.stdout).toContain('VUS')
  })
})

describe('a machine where the action cannot run', () => {
  test.each(['RUNNER_TEMP', 'RUNNER_TOOL_CACHE'])('because %s is not set is refused with what to do', async (name) => {
    const step = await start({}, { [name]: '' }).done
    expect(step.exitCode).toBe(1)
    expect(step.stdout).toMatch(/::error.*npm run pipeline/)
    expect(outputs()).toMatchObject({ verdict: 'invalid' })
  })

  test('because it has no engine is invalid, says what each said, and is reported everywhere', async () => {
    const { host, inputs } = await downloads()
    const step = await start({ ...inputs, matrix: '{"controller":"nginx"}' }).done
    await host.close()

    expect(step.exitCode).toBe(1)
    expect(outputs()).toMatchObject({
      verdict: 'invalid',
      reason: 'infrastructure',
      'p95-ms': '',
      'error-rate': '',
      rps: '',
      metrics: '',
      'artifact-url': '',
      kubeconfig: '',
    })
    const report: unknown = JSON.parse(readFileSync(outputs().report ?? '', 'utf8'))
    expect(report).toMatchObject({
      schemaVersion: 1,
      verdict: 'invalid',
      load: null,
      cluster: null,
      sentence: expect.stringMatching(/no container engine answers \(docker: .*; podman: /),
    })
    expect(step.stdout).toMatch(/::error title=Pipeline invalid::.*no container engine answers.*%0A.*Start Docker or podman/)
    expect(step.stdout).toMatch(/::notice .*No artifact/)
    expect(summary()).toMatch(/^### ⚠️ Pipeline invalid/)
    expect(comments()).toEqual([expect.stringContaining('Pipeline invalid')])
    expect(outputs()['comment-url']).toBe(github.comments()[0]?.html_url)
    expect(step.stdout).toContain(`::add-mask::${token}\n`)
    expect(everythingSaid(step)).not.toContain(token)
    expect(JSON.stringify(report)).not.toContain(token)
    expect(await readdir(path('workspace'))).toEqual([])

    // Post has nothing to add and nothing to delete.
    const [before] = comments()
    const post = await startPost(inputs).done
    expect(post).toMatchObject({ exitCode: 0, stderr: '' })
    expect(comments()).toEqual([before])
    expect((await readdir(path('temp'), { recursive: true })).filter((name) => name.endsWith('kubeconfig'))).toEqual([])
  }, 20_000)
})

describe('a cancel', () => {
  test('ends main within its few seconds, and post makes the report', async () => {
    const { host, inputs } = await downloads((own, kind) => own.put(kind, hang))
    const main = start(inputs)
    await eventually('kind is being downloaded', () => host.requests.some((request) => request.includes('kind-')))
    main.child.kill('SIGINT')
    const stopped = await main.done
    await host.close()
    expect(stopped.exitCode).toBe(1)
    expect(stopped.stdout).toContain('Cancelled')
    // Whatever there is by now still tells of a run; its end is post's to tell.
    expect(comments().filter((body) => !body.includes('Pipeline running'))).toEqual([])

    const post = await startPost(inputs).done
    expect(post.exitCode).toBe(0)
    expect(comments()).toEqual([expect.stringContaining('Pipeline cancelled')])
    expect(summary()).toContain('Pipeline cancelled')
    expect(comments()[0]).toMatch(/[Cc]ancelled during: .*Install kind/)
  }, 20_000)
})

describe('post', () => {
  let kind: KindFixture
  /** A run that was cut off while its cluster was there. */
  async function cutOff(inputs: Record<string, string> = {}): Promise<Record<string, string>> {
    kind = await writeKind(folder)
    await symlink(path('docker'), path('bin', 'docker'))
    kind.addCluster('mine')
    mkdirSync(path('temp', 'run', 'report'), { recursive: true })
    const stage = { startedAfterMs: 0, durationMs: null, leftOut: null, progress: null, failure: null, data: null }
    const record: RunRecord = {
      schemaVersion: 1,
      startedAt: '2026-11-22T08:00:00.000Z',
      finishedAt: null,
      durationMs: null,
      failedStage: null,
      cancelled: false,
      stages: [
        { ...stage, name: 'kind', title: 'Install kind', status: 'passed', durationMs: 10 },
        { ...stage, name: 'cluster', title: 'Boot the cluster', status: 'running' },
        { ...stage, name: 'load', title: 'Load', status: 'pending', startedAfterMs: null },
      ],
      warnings: [],
    }
    writeFileSync(path('temp', 'run', runFiles.record), JSON.stringify(record))
    writeFileSync(path('temp', 'run', 'kubeconfig'), '')
    const { githubToken: _, ...config } = resolveConfig({ inputs, env: {}, services: serviceNames }).config
    writeFileSync(path('temp', 'run', runFiles.config), JSON.stringify(config))
    writeFileSync(path('temp', 'run', runFiles.cancelled), 'SIGINT')
    return {
      folder: path('temp', 'run'),
      cluster: JSON.stringify({ name: 'mine', engine: 'docker', kind: kind.path, kubeconfig: path('temp', 'run', 'kubeconfig') }),
    }
  }

  test('without any state does nothing', async () => {
    expect(await startPost({}, {}).done).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(github.requests).toEqual([])
    expect(summary()).toBe('')
  })

  test('of a run that was cut off reports it as cancelled, gathers evidence, and deletes its cluster', async () => {
    const state = await cutOff()
    const post = await startPost({}, state).done
    expect(post.exitCode).toBe(0)
    expect(comments()).toEqual([expect.stringMatching(/Pipeline cancelled[\s\S]*[Cc]ancelled during: Boot the cluster/)])
    expect(kind.clusters()).toEqual([])
    const commands = kind.calls().map(({ args }) => args.slice(0, 2).join(' '))
    expect(commands.indexOf('export logs')).toBeGreaterThanOrEqual(0)
    expect(commands.indexOf('export logs')).toBeLessThan(commands.indexOf('delete cluster'))
    expect(existsSync(path('temp', 'run', 'kubeconfig'))).toBe(false)
    expect(JSON.parse(readFileSync(path('temp', 'run', 'report', 'report.json'), 'utf8'))).toMatchObject({ verdict: 'cancelled', reason: 'cancel' })
  }, 20_000)

  test('a second time does no harm', async () => {
    const state = await cutOff()
    await startPost({}, state).done
    const [before] = comments()
    expect(await startPost({}, state).done).toMatchObject({ exitCode: 0 })
    expect(comments()).toEqual([before])
  }, 20_000)

  test('leaves the cluster when it shall stay', async () => {
    const state = await cutOff({ cleanup: 'never' })
    expect(await startPost({ cleanup: 'never' }, state).done).toMatchObject({ exitCode: 0 })
    expect(kind.clusters()).toEqual(['mine'])
    expect(existsSync(path('temp', 'run', 'kubeconfig'))).toBe(true)
  }, 20_000)

  test('that cannot delete the cluster says how to, and changes no verdict', async () => {
    const state = await cutOff()
    await rm(kind.path)
    await rm(path('docker'))
    const post = await startPost({}, state).done
    expect(post.exitCode).toBe(0)
    expect(post.stdout).toMatch(/::warning::.*kind delete cluster --name mine/)
  }, 20_000)

  test('whose kind is gone deletes the cluster’s nodes all the same, and those that the engine finished late', async () => {
    const state = await cutOff()
    kind.addNode('mine', 'mine-worker')
    kind.addNode('other', 'other-worker')
    await rm(kind.path)
    const post = await startPost({}, state).done
    expect(post.stdout).not.toContain('::warning::The cluster mine')
    expect(kind.clusters()).toEqual([])
    expect(kind.nodes()).toEqual(['other-worker'])
  }, 20_000)

  test('without the run’s folder deletes the cluster all the same, unless it shall stay', async () => {
    const state = await cutOff()
    await rm(path('temp', 'run'), { recursive: true })
    const left = JSON.parse(state.cluster ?? '') as object
    expect(await startPost({}, { ...state, cluster: JSON.stringify({ ...left, stays: true }) }).done).toMatchObject({ exitCode: 0 })
    expect(kind.clusters()).toEqual(['mine'])
    expect(await startPost({}, { ...state, cluster: JSON.stringify({ ...left, stays: false }) }).done).toMatchObject({ exitCode: 0 })
    expect(kind.clusters()).toEqual([])
  }, 20_000)

  test('of a run without a record deletes the cluster all the same', async () => {
    const state = await cutOff()
    await rm(path('temp', 'run', runFiles.record))
    expect(await startPost({}, state).done).toMatchObject({ exitCode: 0 })
    expect(kind.clusters()).toEqual([])
  })

  test('deletes the cluster even when GitHub does not answer for the comment', async () => {
    const state = await cutOff()
    github.fail({ status: 403, times: 100 })
    const post = await startPost({}, state).done
    expect(post.exitCode).toBe(0)
    expect(post.stdout).toMatch(/::notice .*No comment/)
    expect(kind.clusters()).toEqual([])
  }, 20_000)

  test('is not misled by what a later step of the job did to the environment', async () => {
    const state = await cutOff()
    const environment = {
      VUS: 'many',
      CLUSTER_NAME: 'other',
      MLOPS_CLEANUP: 'never',
      STATE_isPost: 'true',
      STATE_folder: state.folder ?? '',
      STATE_cluster: state.cluster ?? '',
    }
    expect(await start({}, environment).done).toMatchObject({ exitCode: 0 })
    expect(kind.clusters()).toEqual([])
    expect(comments()).toHaveLength(1)
  }, 20_000)
})
