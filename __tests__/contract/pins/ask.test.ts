import '../../fakes/realm.ts'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type AskOptions, createAsk } from '../../../scripts/pins/ask.ts'
import { content, hang, inTurn, status } from '../../fakes/downloads.ts'
import { failureOf } from '../../fakes/failure.ts'
import { startPublishers } from '../../fakes/publishers.ts'

const kindSum = '/kind.sigs.k8s.io/dl/v0.33.0/kind-linux-arm64.sha256sum'
const latestKind = '/api.github.com/repos/kubernetes-sigs/kind/releases/latest'

let host: Awaited<ReturnType<typeof startPublishers>>
beforeEach(async () => {
  host = await startPublishers()
})
afterEach(() => host.close())

const asking = (options: AskOptions = {}) => createAsk({ standIn: host.url, minPauseMs: 1, ...options })

describe('a question to a publisher', () => {
  test.each([408, 429, 500, 503])('is asked again after %i', async (code) => {
    host.put(kindSum, inTurn(status(code), status(code), content('at last')))
    expect((await asking()(`https:/${kindSum}`)).body).toBe('at last')
    expect(host.requests).toHaveLength(3)
  })

  test.each([400, 403, 404])('is not asked again after %i', async (code) => {
    host.put(kindSum, inTurn(status(code), content('too late')))
    expect((await failureOf(asking()(`https:/${kindSum}`))).message).toBe(`https:/${kindSum} answered ${code}`)
    expect(host.requests).toHaveLength(1)
  })

  test('is given up when nobody answers', async () => {
    host.put(kindSum, hang)
    const failure = await failureOf(asking({ retries: 1, timeoutMs: 50 })(`https:/${kindSum}`))
    expect(failure.message).toContain('kind-linux-arm64.sha256sum gave no answer: ')
    expect(host.requests).toHaveLength(2)
  })

  test('is asked once, however often it is put', async () => {
    const ask = asking()
    await Promise.all([ask(`https:/${kindSum}`), ask(`https:/${kindSum}`)])
    await ask(`https:/${kindSum}`)
    expect(host.requests).toEqual([kindSum])
  })

  test('carries the GitHub token to api.github.com and nowhere else', async () => {
    const seen: Record<string, string | undefined> = {}
    for (const path of [latestKind, kindSum]) {
      host.put(path, (response, request) => {
        seen[path] = request.headers.authorization
        response.end('{}')
      })
    }
    const ask = asking({ githubToken: 'canary' })
    await Promise.all([ask(`https:/${latestKind}`), ask(`https:/${kindSum}`)])
    expect(seen).toEqual({ [latestKind]: 'Bearer canary', [kindSum]: undefined })
  })
})
