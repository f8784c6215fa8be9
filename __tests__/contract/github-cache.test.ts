import '../fakes/realm.ts'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { type GitHubCacheOptions, gitHubCache, hasCacheService } from '../../src/adapters/github/cache.ts'
import { type CacheService, startCacheService } from '../fakes/actions-cache.ts'
import { eventually } from '../fakes/eventually.ts'

const key = 'mlops-pipeline-action-k6-2.3.0-linux-amd64'
const text = 'a program’s archive'
const never = new AbortController().signal

let folder: string
let messages: string[]
const before = { ...process.env }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'github-cache-'))
  messages = []
  process.env.RUNNER_TEMP = folder
  delete process.env.ACTIONS_CACHE_SERVICE_V2
  jest.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  jest.restoreAllMocks()
  process.env = { ...before }
  await rm(folder, { recursive: true })
})

const cache = (options: Partial<GitHubCacheOptions> = {}) => gitHubCache({ runnerTemp: folder, debug: (message) => messages.push(message), ...options })
const kept = () => join(folder, key)
const downloaded = () => {
  writeFileSync(join(folder, 'downloaded'), text)
  return join(folder, 'downloaded')
}

describe('GitHub’s cache service', () => {
  let service: CacheService
  beforeEach(async () => {
    service = await startCacheService()
    Object.assign(process.env, service.env)
  })
  afterEach(() => service.close())

  test('takes a file and gives it back to the next job, with its sum', async () => {
    expect(await cache().restore(key, never)).toBeNull()
    await cache().keep(key, downloaded())
    await eventually('it was uploaded, and the place is clean', () => service.keys().includes(key) && !existsSync(kept()))
    const restored = await cache().restore(key, never)
    expect(restored?.sha256).toBe(createHash('sha256').update(text).digest('hex'))
    expect(readFileSync(restored?.file ?? '', 'utf8')).toBe(text)
    expect(existsSync(kept())).toBe(false)
    expect(messages).toEqual([])
  }, 30_000)

  test('that has another program’s file only has none of this one', async () => {
    await cache().keep(`${key}-0123abcd`, downloaded())
    await eventually('it was uploaded', () => service.keys().length > 0)
    expect(await cache().restore(key, never)).toBeNull()
  }, 30_000)
})

describe('a cache service that fails', () => {
  const failing = async () => {
    throw new Error('503')
  }
  const hanging = () => new Promise<never>(() => {})
  const service = (both: () => Promise<never>): Partial<GitHubCacheOptions> => ({ load: async () => ({ restoreCache: both, saveCache: both }), timeoutMs: 200 })

  test.each([
    ['answers with errors', failing, '503'],
    ['hangs', hanging, 'took more than 0.2 s'],
  ])('because it %s has nothing and takes nothing, and the run goes on', async (_, both, words) => {
    expect(await cache(service(both)).restore(key, never)).toBeNull()
    await cache(service(both)).keep(key, downloaded())
    await eventually('both were told', () => messages.length === 2)
    for (const message of messages) expect(message).toContain(words)
    await eventually('nothing stays', () => !existsSync(kept()))
  })

  test('by restoring something else has nothing', async () => {
    const load = async () => ({
      restoreCache: async () => {
        mkdirSync(kept(), { recursive: true })
        return key
      },
      saveCache: async () => 1,
    })
    expect(await cache({ load }).restore(key, never)).toBeNull()
    expect(messages).toEqual([expect.stringContaining('ENOENT')])
    expect(existsSync(kept())).toBe(false)
  })

  test('is left at once when the run is over', async () => {
    const controller = new AbortController()
    const restoring = cache({ ...service(hanging), timeoutMs: 60_000 }).restore(key, controller.signal)
    controller.abort(new Error('the run is over'))
    await expect(restoring).rejects.toThrow('the run is over')
  })

  test('is told of a file that is not there', async () => {
    await cache(service(failing)).keep(key, join(folder, 'nothing'))
    expect(messages).toEqual([expect.stringContaining('ENOENT')])
  })
})

test.each<[string, boolean, Record<string, string>]>([
  ['version 2', true, { ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_CACHE_SERVICE_V2: 'True', ACTIONS_RESULTS_URL: 'https://x' }],
  ['version 1', true, { ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_CACHE_URL: 'https://x' }],
  ['artifacts alone', false, { ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_RESULTS_URL: 'https://x' }],
  ['no token', false, { ACTIONS_CACHE_URL: 'https://x' }],
  ['a terminal', false, {}],
])('with the variables of %s there is a cache service: %s', (_, there, env) => {
  expect(hasCacheService(env)).toBe(there)
})
