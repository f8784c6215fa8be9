import '../fakes/realm.ts'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { strToU8, zipSync } from 'fflate'
import { dataFileName, dataLimitBytes } from '../../src/publisher/data-file.ts'
import type { Report } from '../../src/report/report.ts'
import { type EntryRun, readCommandFile, startEntry } from '../fakes/entry.ts'
import { type GitHubFake, type GitHubFakeOptions, type SeedArtifact, type SeedPull, startGitHubFake } from '../fakes/github.ts'
import { dataName, headSha, workflowRunPayload } from '../unit/publisher/runs.ts'
import { reports } from '../unit/runs.ts'

const token = 'ghs_never-to-be-seen'
const runUrl = 'https://github.com/octo-org/service/actions/runs/4242'

let folder: string
let github: GitHubFake | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'publish-'))
})
afterEach(async () => {
  expect(github?.violations ?? []).toEqual([])
  await github?.close()
  github = undefined
  rmSync(folder, { recursive: true })
})

const json = (value: unknown) => strToU8(JSON.stringify(value))
const data = (more: Partial<SeedArtifact> = {}): SeedArtifact => ({ id: 11, runId: 4242, name: dataName, content: json(reports.passed), ...more })
const pull = (more: Partial<SeedPull> = {}): SeedPull => ({ number: 7, head: 'hubot:faster', headRepository: 'hubot/service', headSha, ...more })

interface Scene extends GitHubFakeOptions {
  readonly payload?: unknown
  readonly env?: Record<string, string>
  readonly fault?: Parameters<GitHubFake['fail']>[0]
}

/** One step in `mode: publish`, the runner's way. */
async function publish({ payload = workflowRunPayload(), env = {}, fault, ...options }: Scene = {}): Promise<EntryRun> {
  github = await startGitHubFake({ token, issues: [7, 8, 666], pulls: [pull()], artifacts: [data()], ...options })
  if (fault) github.fail(fault)
  writeFileSync(join(folder, 'event.json'), JSON.stringify(payload))
  for (const name of ['output', 'state', 'summary']) writeFileSync(join(folder, name), '')
  return await startEntry('index.ts', {
    cwd: folder,
    env: {
      PATH: join(folder, 'nothing'),
      RUNNER_TEMP: folder,
      RUNNER_TOOL_CACHE: folder,
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'octo-org/service',
      GITHUB_EVENT_NAME: 'workflow_run',
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STATE: join(folder, 'state'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      'INPUT_GITHUB-TOKEN': token,
      INPUT_MODE: 'publish',
      ...env,
    },
  }).done
}

const comments = () => [7, 8, 666].flatMap((number) => github?.comments(number).map(({ body }) => `${number}: ${body}`) ?? [])
const summary = () => readFileSync(join(folder, 'summary'), 'utf8')
const warnings = ({ stdout }: EntryRun) => stdout.split('\n').filter((line) => line.startsWith('::warning') || line.startsWith('::error'))

/** Nothing was posted, the step is green, and one warning says why. */
function expectRefused(step: EntryRun, words: string | RegExp): void {
  expect(comments()).toEqual([])
  expect(step).toMatchObject({ exitCode: 0, stderr: '' })
  expect(warnings(step)).toEqual([expect.stringMatching(words)])
  expect(summary()).toContain('No comment')
}

describe('a fork’s report', () => {
  test('becomes the comment of its pull request, after what GitHub says of the run', async () => {
    const step = await publish({ artifacts: [data(), data({ id: 12, name: 'mlops-pipeline-pipeline-verify', content: json({}) })] })
    expect(step).toMatchObject({ exitCode: 0, stderr: '' })
    expect(warnings(step)).toEqual([])
    expect(comments()).toHaveLength(1)
    const [marker, ...lines] = comments()[0]?.split('\n') ?? []
    expect(marker).toMatch(/^7: <!-- mlops-pipeline-action [0-9a-f]{12} 4242\.1 -->$/)
    expect(lines.slice(0, 5)).toEqual([
      `> ✅ **GitHub says this run of pipeline: success** ([run](${runUrl}))`,
      '>',
      expect.stringContaining('as reported by the pull request’s own run'),
      '',
      '### ✅ Pipeline passed',
    ])
    expect(comments()[0]).toContain(`(${runUrl}/artifacts/12)`)
    expect(readCommandFile(join(folder, 'output'))).toEqual({ 'comment-url': github?.comments(7)[0]?.html_url })
    expect(summary()).toContain(github?.comments(7)[0]?.html_url)
    // The store's address is signed; the token is not for it.
    expect(github?.storeRequests.map(({ path, headers }) => [path, headers.authorization])).toEqual([['/blob/11?sig=secret', undefined]])
    expect(JSON.stringify(github?.storeRequests)).not.toContain(token)
    expect(step.stdout.replace(/^::add-mask::.*$/gm, '') + summary()).not.toMatch(/ghs_|sig=secret/)
    // The post step finds nothing of a run.
    expect(readCommandFile(join(folder, 'state'))).toEqual({ isPost: 'true' })
  }, 20_000)

  test('of a matrix becomes a comment each, found on the second page of artifacts, and each is edited the next time', async () => {
    const others = Array.from({ length: 120 }, (_, index) => data({ id: 1000 + index, name: `log-${index}`, content: json({}) }))
    const matrix = ['a', 'b'].map((key, index) => data({ id: 2000 + index, name: dataFileName(`report-${key}`, key) }))
    await publish({ artifacts: [...others, ...matrix] })
    expect(comments()).toHaveLength(2)
    const before = github?.comments(7).map(({ body }) => ({ login: 'github-actions[bot]', body })) ?? []
    await github?.close()
    await publish({ artifacts: matrix, comments: before, payload: workflowRunPayload({ conclusion: 'failure' }) })
    expect(comments()).toHaveLength(2)
    for (const comment of comments()) expect(comment).toContain('GitHub says this run of pipeline: failure')
  }, 30_000)

  test('of another workflow does not touch it', async () => {
    await publish()
    const [first] = github?.comments(7) ?? []
    await github?.close()
    await publish({ comments: [{ login: 'github-actions[bot]', body: first?.body ?? '' }], payload: workflowRunPayload({ workflow_id: 100 }) })
    expect(github?.comments(7).map(({ body }) => body === first?.body)).toEqual([true, false])
  }, 30_000)

  test('names neither the pull request nor the run it is shown with, whatever it says', async () => {
    const forged: Report = {
      ...reports.passed,
      context: { ...reports.passed.context, pullRequest: 666, repository: 'evil/evil', runUrl: 'https://evil.example/run' },
    }
    await publish({ artifacts: [data({ content: json(forged) })] })
    expect(comments()).toEqual([expect.stringMatching(/^7: /)])
    expect(comments()[0]).not.toContain('evil')
  }, 20_000)
})

describe('nothing is posted, and why is said', () => {
  const endless = (response: ServerResponse) => {
    const chunk = Buffer.alloc(64 * 1024, 0x20)
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }
  const bomb = zipSync({ 'report.json': new Uint8Array(50 * 1024 * 1024) }, { level: 9 })

  test.each<[string, Scene, RegExp]>([
    ['the pull request is closed', { pulls: [pull({ state: 'closed' })] }, /no open pull request/],
    ['two pull requests have the head', { pulls: [pull(), pull({ number: 8 })] }, /more than one/],
    ['the pull request has moved on', { pulls: [pull({ headSha: 'f'.repeat(40) })] }, /moved on/],
    ['the pull request is of another fork', { pulls: [pull({ head: 'mallory:faster' })] }, /no open pull request/],
    ['the fork is gone', { payload: workflowRunPayload({ head_repository: null }) }, /is gone/],
    ['the report is of another commit', { artifacts: [data({ content: json({ ...reports.passed, context: {} }) })] }, /context/],
    ['the report is malformed', { artifacts: [data({ content: strToU8('{"schemaVersion": 1,') })] }, /not JSON/],
    ['the report is empty', { artifacts: [data({ content: new Uint8Array() })] }, /not JSON/],
    ['the report is nested without end', { artifacts: [data({ content: strToU8('['.repeat(1_000_000)) })] }, /not JSON|nested/],
    ['the report is nested deep', { artifacts: [data({ content: strToU8('['.repeat(900_000) + ']'.repeat(900_000)) })] }, /nested/],
    ['the report is a zip bomb', { artifacts: [data({ content: bomb })] }, /zip/],
    ['the report is said to be huge', { artifacts: [data({ sizeBytes: dataLimitBytes + 1 })] }, /bytes; at most/],
    ['the report is huge and lies about it', { artifacts: [data({ content: new Uint8Array(dataLimitBytes + 1), sizeBytes: 10 })] }, /longer than/],
    ['the report has no end', { artifacts: [data({ content: endless })] }, /longer than/],
    [
      'the report breaks off',
      { artifacts: [data({ content: (response) => response.writeHead(200).write('{', () => response.destroy()) })] },
      /could not be published/,
    ],
    ['the store refuses', { artifacts: [data({ content: (response) => response.writeHead(403).end() })] }, /answered 403/],
    [
      'the store leads on',
      { artifacts: [data({ content: (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end() })] },
      /answered 302/,
    ],
    ['the report has expired', { artifacts: [data({ expired: true })] }, /expired/],
    ['the token may not read', { fault: { path: /artifacts$/, status: 403 } }, /not accessible/],
    ['the token may not write', { readOnly: true }, /may only read/],
  ])(
    'when %s',
    async (_, scene, words) => {
      expectRefused(await publish(scene), words)
    },
    30_000,
  )

  test('when a report is hostile, but its names are: they stay text in log and summary', async () => {
    const name = dataFileName('::set-output name=x::\u001b[31m<img src=x> @octocat', 'k')
    const step = await publish({ artifacts: [data({ name, content: strToU8('{}') })] })
    expect(comments()).toEqual([])
    expect(step.stdout).not.toContain('\u001b')
    expect(step.stdout.split('\n').filter((line) => line.startsWith('::set-output'))).toEqual([])
    expect(summary()).not.toMatch(/<img|@octocat/)
  }, 20_000)

  test.each<[string, Scene, RegExp]>([
    ['the run left no report', { artifacts: [data({ name: 'report.json' }), data({ runId: 1 })] }, /left no report/],
    ['the run was no pull request’s', { payload: workflowRunPayload({ event: 'push' }) }, /started by push/],
  ])(
    'without a warning when %s',
    async (_, scene, words) => {
      const step = await publish(scene)
      expect(step).toMatchObject({ exitCode: 0, stderr: '' })
      expect(warnings(step)).toEqual([])
      expect(step.stdout).toMatch(/::notice .*Nothing to publish/)
      expect(summary()).toMatch(words)
      expect(comments()).toEqual([])
    },
    20_000,
  )
})

describe('a workflow that is not set up right is an error', () => {
  test.each<[string, Scene, RegExp]>([
    ['started by another event', { env: { GITHUB_EVENT_NAME: 'pull_request' } }, /workflow_run/],
    ['without a token', { env: { 'INPUT_GITHUB-TOKEN': '' } }, /github-token is empty/],
    ['at the run’s start', { payload: { ...workflowRunPayload({ conclusion: null }), action: 'requested' } }, /types: \[completed\]/],
    ['without a payload', { env: { GITHUB_EVENT_PATH: '/nowhere' } }, /GITHUB_EVENT_PATH/],
  ])(
    '%s',
    async (_, scene, words) => {
      const step = await publish(scene)
      expect(step.exitCode).toBe(1)
      expect(warnings(step)).toEqual([expect.stringMatching(words)])
      expect(warnings(step)[0]).toMatch(/^::error/)
      expect(comments()).toEqual([])
    },
    20_000,
  )

  test.each(['pull_request_target', 'workflow_run', 'issue_comment'])(
    'and so is the pipeline under %s: nothing is started',
    async (event) => {
      const step = await publish({ env: { INPUT_MODE: '', GITHUB_EVENT_NAME: event } })
      expect(step.exitCode).toBe(1)
      expect(warnings(step)).toEqual([expect.stringContaining(`refuses to run under ${event}`)])
      expect(readCommandFile(join(folder, 'output'))).toEqual({ verdict: 'invalid', reason: 'config' })
      expect(readCommandFile(join(folder, 'state'))).toEqual({ isPost: 'true' })
      expect(github?.requests).toEqual([])
    },
    20_000,
  )
})
