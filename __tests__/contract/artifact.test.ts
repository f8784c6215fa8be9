import '../fakes/realm.ts'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { unzipSync } from 'fflate'
import { type ArtifactOutcome, uploadArtifact } from '../../src/adapters/github/artifact.ts'
import { hurried } from '../fakes/hurry.ts'
import { type ResultsFake, startResultsFake } from '../fakes/results.ts'

const before = { ...process.env }
const run = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'octo-org/service', GITHUB_RUN_ID: '4242' }
const files: Record<string, string> = {
  'report.json': '{"verdict":"passed"}',
  'dashboard.html': '<html></html>'.repeat(20_000),
  'evidence/kind/control-plane/kubelet.log': 'kubelet\n',
  'evidence/logs/apps_ünï_echo.log': 'log\n',
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifact-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  // The toolkit logs to the job's log.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  jest.restoreAllMocks()
  process.env = { ...before }
  await rm(folder, { recursive: true })
})

async function upload(name: string, env: Record<string, string>, signal = new AbortController().signal): Promise<ArtifactOutcome> {
  // The toolkit reads the process's own environment.
  Object.assign(process.env, run, env)
  return await uploadArtifact(name, folder, process.env, signal)
}

const notice = (outcome: ArtifactOutcome) => ('notice' in outcome ? outcome.notice : `there is an artifact: ${outcome.url}`)

describe('an artifact', () => {
  let fake: ResultsFake
  beforeAll(async () => {
    fake = await startResultsFake()
  }, 20_000)
  afterAll(() => fake.close())

  test('has every file below the folder, and an address', async () => {
    const outcome = await upload('mlops-pipeline-verify', fake.env)
    const [artifact] = await fake.artifacts()
    expect(artifact).toMatchObject({ name: 'mlops-pipeline-verify', mimeType: 'application/zip' })
    const unzipped = Object.entries(unzipSync(new Uint8Array(artifact?.bytes ?? []))).filter(([name]) => !name.endsWith('/'))
    expect(Object.fromEntries(unzipped.map(([name, bytes]) => [name, Buffer.from(bytes).toString('utf8')]))).toEqual(files)
    expect(outcome).toEqual({ url: expect.stringMatching(/^https:\/\/github\.com\/octo-org\/service\/actions\/runs\/4242\/artifacts\/\d+$/) })
  })

  test('of a name that is used already is a notice that says what to set', async () => {
    await upload('twice', fake.env)
    const text = notice(await upload('twice', fake.env))
    expect(text).toMatch(/^No artifact: /)
    expect(text).toContain('artifact-name')
    expect((await fake.artifacts()).filter(({ name }) => name === 'twice')).toHaveLength(1)
  })

  test('for which the token is not right is a notice', async () => {
    const token = `${fake.env.ACTIONS_RUNTIME_TOKEN}x`
    expect(notice(await upload('refused', { ...fake.env, ACTIONS_RUNTIME_TOKEN: token }))).toMatch(/^No artifact: .*401/)
  })

  test('of an empty folder is a notice', async () => {
    await rm(folder, { recursive: true })
    await mkdir(folder)
    expect(notice(await upload('empty', fake.env))).toMatch(/^No artifact: /)
  })

  test('of a folder that is not there is a notice', async () => {
    await rm(folder, { recursive: true })
    expect(notice(await upload('nothing', fake.env))).toMatch(/^No artifact: .*ENOENT/)
    await mkdir(folder)
  })

  test('on GitHub Enterprise Server is a notice', async () => {
    expect(notice(await upload('ghes', { ...fake.env, GITHUB_SERVER_URL: 'https://github.example.com' }))).toBe(
      'No artifact: GitHub Enterprise Server does not support this kind of artifact.',
    )
  })
})

describe('without a service', () => {
  test.each([
    ['no variable is set', {}],
    ['the token is empty', { ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/', ACTIONS_RUNTIME_TOKEN: '' }],
  ])('there is a notice (%s)', async (_, env) => {
    delete process.env.ACTIONS_RESULTS_URL
    delete process.env.ACTIONS_RUNTIME_TOKEN
    expect(notice(await upload('none', env))).toBe('No artifact: this runner offers no artifact service.')
  })

  test('that answers, there is a notice after the toolkit’s own attempts', async () => {
    const fake = await startResultsFake({ unavailable: true })
    expect(notice(await hurried(() => upload('unavailable', fake.env), 1000))).toMatch(/^No artifact: /)
    await fake.close()
  })

  test('that never answers, there is a notice after a deadline', async () => {
    const requests: string[] = []
    const server = createServer((request) => requests.push(request.url ?? ''))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { env, close } = await startResultsFake({ unavailable: true })
    await close()
    const hanging = { ...env, ACTIONS_RESULTS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
    expect(notice(await hurried(() => upload('hangs', hanging), 1000))).toMatch(/^No artifact: not done after \d+ s/)
    expect(requests).not.toEqual([])
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })

  test('there is a notice when the run is cancelled meanwhile', async () => {
    const { env, close } = await startResultsFake({ unavailable: true })
    const controller = new AbortController()
    const uploading = upload('cancelled', env, controller.signal)
    controller.abort(new Error('cancelled by SIGINT'))
    expect(notice(await uploading)).toContain('cancelled by SIGINT')
    await close()
  })
})
