import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DefaultArtifactClient } from '@actions/artifact'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { type ResultsFake, type ResultsFakeOptions, startResultsFake } from '../fakes/results.ts'

let folder: string
let fake: ResultsFake
const before = { ...process.env }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'results-fake-'))
  // The toolkit logs to the job's log.
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  jest.restoreAllMocks()
  process.env = { ...before }
  await fake.close()
  await rm(folder, { recursive: true })
})

async function connect(options: ResultsFakeOptions = {}) {
  fake = await startResultsFake(options)
  Object.assign(process.env, fake.env)
  const client = new DefaultArtifactClient()
  return async (name: string, content: string | Buffer, file = 'report.json', skipArchive = false) => {
    const path = join(folder, file)
    await writeFile(path, content)
    return client.uploadArtifact(name, [path], folder, { skipArchive })
  }
}

test('an artifact is uploaded for real, as a zip', async () => {
  const upload = await connect()
  const { id, size, digest } = await upload('mlops-report', '{"verdict":"passed"}')
  const [artifact, ...others] = await fake.artifacts()
  expect(others).toEqual([])
  expect(artifact).toMatchObject({ name: 'mlops-report', mimeType: 'application/zip' })
  expect(artifact?.bytes.subarray(0, 2).toString()).toBe('PK')
  expect(artifact?.bytes).toHaveLength(size ?? -1)
  expect(digest).toMatch(/^[0-9a-f]{64}$/)
  expect(id).toBeGreaterThan(0)
})

test('a single file can be uploaded as it is, under its own name', async () => {
  const upload = await connect()
  const content = Buffer.alloc(9 * 1024 * 1024, '<html>')
  await upload('ignored', content, 'report.html', true)
  const [artifact] = await fake.artifacts()
  expect(artifact).toMatchObject({ name: 'report.html', mimeType: 'text/html' })
  expect(artifact?.bytes.equals(content)).toBe(true)
})

test('a name can be used once', async () => {
  const upload = await connect()
  await upload('mlops-report', 'first')
  await expect(upload('mlops-report', 'second')).rejects.toThrow(/\(409\) Conflict.*already exists on the workflow run/)
  expect(await fake.artifacts()).toHaveLength(1)
})

test('another token is refused', async () => {
  const upload = await connect()
  process.env.ACTIONS_RUNTIME_TOKEN = `${fake.env.ACTIONS_RUNTIME_TOKEN}x`
  await expect(upload('mlops-report', 'content')).rejects.toThrow('(401)')
})

test('an unavailable service answers 503 to everything', async () => {
  await connect({ unavailable: true })
  const response = await fetch(`${fake.env.ACTIONS_RESULTS_URL}twirp/anything`, { method: 'POST', body: '{}' })
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ code: 'unavailable' })
  expect(await fake.artifacts()).toEqual([])
})
