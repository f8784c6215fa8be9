import '../fakes/realm.ts'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { downloadFile, downloadText } from '../../src/adapters/download.ts'
import { isTransient, isUnreachable } from '../../src/adapters/download-error.ts'
import { content, cutOff, type DownloadHost, hang, inTurn, redirect, type Serve, stall, startDownloadHost, status } from '../fakes/downloads.ts'
import { eventually } from '../fakes/eventually.ts'
import { failureOf } from '../fakes/failure.ts'
import { type ForwardProxy, startProxy } from '../fakes/proxy.ts'

let folder: string
let host: DownloadHost
let proxy: ForwardProxy | undefined
const before = { ...process.env }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'))
  host = await startDownloadHost()
})
afterEach(async () => {
  process.env = { ...before }
  await Promise.all([host.close(), proxy?.close()])
  proxy = undefined
  await rm(folder, { recursive: true })
})

const body = 'a program '.repeat(20_000)
const sum = createHash('sha256').update(body).digest('hex')
const never = new AbortController().signal
const quick = { signal: never, minPauseMs: 1 }

async function download(serve: Serve, options = quick) {
  host.put('/tool', serve)
  return await downloadFile(`${host.url}/tool`, join(folder, 'file'), options)
}

describe('a file', () => {
  test('is written as it is, and its SHA-256 told', async () => {
    expect(await download(content(body))).toBe(sum)
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe(body)
    expect(host.requests).toEqual(['/tool'])
  })

  test('that is empty is a file all the same', async () => {
    expect(await download(content(''))).toBe(createHash('sha256').digest('hex'))
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('')
  })

  test.each([408, 429, 500, 502, 503])('comes at last when the host answers %i twice', async (code) => {
    expect(await download(inTurn(status(code), status(code), content(body)))).toBe(sum)
    expect(host.requests).toHaveLength(3)
  })

  test.each([
    ['with a length', false],
    ['in chunks', true],
  ])('is asked for again when it was cut off (%s)', async (_, chunked) => {
    expect(await download(inTurn(cutOff(body, { chunked }), content(body)))).toBe(sum)
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe(body)
  })

  test('is followed to where it has moved', async () => {
    host.put('/moved', content(body))
    expect(await download(redirect(`${host.url}/moved`))).toBe(sum)
  })

  test('is followed to another path of the same host', async () => {
    host.put('/moved', content(body))
    expect(await download(redirect('/moved'))).toBe(sum)
  })

  test('goes through the proxy that the environment names', async () => {
    proxy = await startProxy(host.url)
    process.env.http_proxy = proxy.url
    host.put('/tool', content(body))
    expect(await downloadFile('http://downloads.test/tool', join(folder, 'file'), quick)).toBe(sum)
    expect(proxy.tunnels).toEqual(['downloads.test:80'])
  })
})

describe('a file that does not come', () => {
  test.each([400, 401, 403, 404, 410])('is given up at once when the host answers %i', async (code) => {
    const failure = await failureOf(download(status(code)))
    expect(failure.message).toBe(`${host.url}/tool could not be downloaded: ${host.url}/tool answered ${code}`)
    expect(failure).toMatchObject({ kind: 'infrastructure', remedy: expect.stringContaining('download-mirror'), cause: { status: code } })
    expect(host.requests).toHaveLength(1)
    expect(await readdir(folder)).toEqual([])
  })

  test('is asked for a limited number of times, and leaves nothing', async () => {
    const failure = await failureOf(download(cutOff(body), { ...quick, retries: 2 } as typeof quick))
    expect(failure).toMatchObject({ kind: 'infrastructure', cause: expect.any(Error) })
    expect(host.requests).toHaveLength(3)
    expect(await readdir(folder)).toEqual([])
  })

  test('from a host that is not there says so', async () => {
    const url = `${host.url}/tool`
    await host.close()
    const failure = await failureOf(downloadFile(url, join(folder, 'file'), { ...quick, retries: 1 }))
    expect(failure.message).toContain('ECONNREFUSED')
    host = await startDownloadHost()
  })

  test.each([
    ['no address', 'http://', /redirects to "http:\/\/", which is no address/],
    ['no HTTP', 'ftp://example.test/tool', /redirects to ftp:, which is not HTTP/],
  ])('because it has moved to %s is given up at once', async (_, location, words) => {
    const failure = await failureOf(download(redirect(location)))
    expect(failure.message).toMatch(words)
    expect(host.requests).toHaveLength(1)
  })

  test('because its redirects lead round in a circle is given up', async () => {
    expect((await failureOf(download(redirect('/tool')))).message).toContain('redirects more than 5 times')
    expect(host.requests).toHaveLength(6)
  })

  test('into a folder that is not there is not asked for again and again', async () => {
    host.put('/tool', content(body))
    const failure = await failureOf(downloadFile(`${host.url}/tool`, join(folder, 'missing', 'file'), quick))
    expect(failure.message).toContain('ENOENT')
    expect(host.requests).toHaveLength(1)
  })
})

describe('an error of the system', () => {
  const systemError = (code: string, syscall: string) => Object.assign(new Error(`${code}: ${syscall}`), { code, syscall })

  test.each([
    ['ECONNREFUSED', 'connect'],
    ['ETIMEDOUT', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['ECONNRESET', 'read'],
    ['ECONNRESET', 'write'],
    ['EPIPE', 'write'],
  ])('%s at %s is the connection’s, and passes', (code, syscall) => {
    expect(isTransient(systemError(code, syscall))).toBe(true)
  })

  test.each([
    ['ENOENT', 'open'],
    ['EACCES', 'open'],
    ['EROFS', 'open'],
    ['ENOSPC', 'write'],
    ['EDQUOT', 'write'],
  ])('%s at %s is the disk’s, and stays', (code, syscall) => {
    expect(isTransient(systemError(code, syscall))).toBe(false)
  })

  test.each([
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('%s is the certificate’s, and stays', (code) => {
    expect(isTransient(systemError(code, 'connect'))).toBe(false)
  })
})

describe('another way to the file is worth a try', () => {
  const isOpen = async (serve: Serve) => isUnreachable(await failureOf(download(serve, { ...quick, retries: 0 } as typeof quick)))

  test.each([403, 407, 429, 503])('when somebody answers %i', async (code) => {
    expect(await isOpen(status(code))).toBe(true)
  })

  test('when the connection is cut, the redirect leads nowhere, or nobody is there', async () => {
    expect(await isOpen(cutOff(body))).toBe(true)
    expect(await isOpen(redirect('http://'))).toBe(true)
    await host.close()
    expect(await isOpen(content(body))).toBe(true)
    host = await startDownloadHost()
  })

  test.each([404, 410])('but not when the host says %i: it knows no such file', async (code) => {
    expect(await isOpen(status(code))).toBe(false)
  })

  test('nor when our own disk refuses it', async () => {
    host.put('/tool', content(body))
    expect(isUnreachable(await failureOf(downloadFile(`${host.url}/tool`, join(folder, 'missing', 'file'), quick)))).toBe(false)
  })
})

describe('an abort', () => {
  const reason = new Error('the run is over')

  async function abortDuring(serve: Serve, start: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const controller = new AbortController()
    host.put('/tool', serve)
    const running = start(controller.signal)
    const outcome = running.then(
      () => 'it went on',
      (error: unknown) => error,
    )
    await eventually('the host was asked', () => host.requests.length > 0)
    let settled: unknown
    void outcome.then((value) => {
      settled = value
    })
    controller.abort(reason)
    expect(await eventually('the download has ended', () => settled, 2000)).toBe(reason)
  }
  const file = (signal: AbortSignal) => downloadFile(`${host.url}/tool`, join(folder, 'file'), { signal, minPauseMs: 1 })
  const text = (signal: AbortSignal) => downloadText(`${host.url}/tool`, { signal, minPauseMs: 1 })

  test('that came before asks for nothing', async () => {
    await expect(downloadFile(`${host.url}/tool`, join(folder, 'file'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(host.requests).toEqual([])
  })

  test('in the middle of a file ends it and leaves nothing', async () => {
    await abortDuring(stall(body), file)
    expect(await readdir(folder)).toEqual([])
    await eventually('the connection is closed', async () => (await host.connections()) === 0)
  })

  test('while the host has not answered yet ends it and leaves nothing', async () => {
    await abortDuring(hang, file)
    expect(await readdir(folder)).toEqual([])
  })

  test('in a pause between two attempts ends it', async () => {
    await abortDuring(status(503), (signal) => downloadFile(`${host.url}/tool`, join(folder, 'file'), { signal, minPauseMs: 60_000 }))
    expect(host.requests).toHaveLength(1)
  })

  test.each([
    ['in the middle of a text', stall(body)],
    ['while a text has not begun', hang],
  ])('%s ends it', async (_, serve) => {
    await abortDuring(serve, text)
  })
})

describe('a text', () => {
  const read = async (serve: Serve) => {
    host.put('/sums', serve)
    return await downloadText(`${host.url}/sums`, quick)
  }

  test('comes back as it is', async () => {
    expect(await read(content(`${sum}  tööl\n`))).toBe(`${sum}  tööl\n`)
  })

  test('is asked for again after a passing fault', async () => {
    expect(await read(inTurn(status(503), cutOff('half of it'), content('all of it')))).toBe('all of it')
  })

  test('that is missing is named', async () => {
    expect((await failureOf(read(status(404)))).message).toContain('/sums answered 404')
  })

  test('larger than a checksum file can be is refused at once', async () => {
    const failure = await failureOf(read(content('x'.repeat(1024 * 1024 + 1))))
    expect(failure.message).toContain('larger than 1 MiB')
    expect(host.requests).toHaveLength(1)
  })
})
