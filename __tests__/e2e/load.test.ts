import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { httpGet } from '../../src/adapters/http.ts'
import { k6OnHost } from '../../src/adapters/k6.ts'
import { type RunProcess, runProcess } from '../../src/adapters/process.ts'
import { retry } from '../../src/adapters/retry.ts'
import type { LoadResult } from '../../src/stages/load/result.ts'
import { loadStage } from '../../src/stages/load/stage.ts'
import type { Results } from '../../src/stages/results.ts'
import { echoServices } from '../../src/stages/services/service.ts'
import { root } from './kit-run.ts'

/** Loads a server that stands for ingress and services with the real k6 and our own script. */
async function load(listener: RequestListener, durationMs: number, run: RunProcess = runProcess): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'load-'))
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const runner = k6OnHost({ run, script: join(root, 'k6', 'load.js'), folder, output: join(folder, 'report') })
  const gates = [{ service: null, metric: 'p(99.9)', operator: '<' as const, limit: 1 }]
  const stage = loadStage(
    { shape: { drive: 'virtual-users', virtualUsers: 4, durationMs, ramp: [] }, gates },
    { runner, sampler: null, summaryFile: join(folder, 'summary.json'), get: httpGet, retry },
  )
  try {
    const needs = {
      k6: { name: 'k6', version: '2.0.0', path: join(process.env.MLOPS_KIT_BIN ?? '', 'k6'), from: 'download' },
      ingress: { controller: 'none', image: '', className: 'none', baseUrl, note: null, process: null },
      services: { namespace: 'none', routes: echoServices('none', [30080, 30081]) },
    } as unknown as Results
    return await stage.run(needs, { signal: new AbortController().signal, progress: () => {} })
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const nameOf = (host: string | undefined) => host?.split('.')[0] ?? ''

describe('a load with the real k6', () => {
  test('measures the whole and each service, and finds both well afterwards', async () => {
    const seen: Record<string, number> = {}
    const result = await load(({ headers }, response) => {
      const name = nameOf(headers.host)
      seen[name] = (seen[name] ?? 0) + 1
      response.end(`${name}\n`)
    }, 4000)
    expect(result.durationMs).toBeGreaterThanOrEqual(4000)
    // One request of each is the look afterwards.
    for (const name of ['foo', 'bar']) expect(result.services[name]?.requests).toBe((seen[name] ?? 0) - 1)
    expect(result.total).toMatchObject({ errorRate: 0, successRate: 1, checks: { failed: 0, rate: 1 } })
    expect(result.total.latencyMs.percentiles['99.9']).toBeGreaterThanOrEqual(result.total.latencyMs.percentiles['50'] ?? 0)
    expect(result.afterwards.map(({ service, healthy }) => `${service} ${healthy}`)).toEqual(['foo true', 'bar true'])
    expect(result.files).toEqual({ dashboard: 'dashboard.html', log: 'k6.log' })
  }, 60_000)

  test('counts an answer with another service’s body as an error', async () => {
    const result = await load((_, response) => response.end('foo\n'), 2000)
    expect(result.services.foo?.errorRate).toBe(0)
    expect(result.services.bar?.errorRate).toBe(1)
    expect(result.afterwards.map(({ service, healthy }) => `${service} ${healthy}`)).toEqual(['foo true', 'bar false'])
  }, 60_000)

  test('counts refused connections as errors, however much k6 says about them', async () => {
    let requests = 0
    const result = await load((request, response) => {
      requests += 1
      if (requests > 200) request.socket.destroy()
      else response.end(`${nameOf(request.headers.host)}\n`)
    }, 5000)
    expect(result.total.errorRate).toBeGreaterThan(0.5)
    expect(result.afterwards.every(({ healthy }) => !healthy)).toBe(true)
  }, 60_000)

  test('is invalid when k6 is killed, and says so first', async () => {
    const killing: RunProcess = (file, args, options) =>
      runProcess(file, args, {
        ...options,
        onStart: (pid) => {
          options.onStart?.(pid)
          process.kill(pid, 'SIGKILL')
        },
      })
    const killed = load((_, response) => response.end('foo\n'), 30_000, killing)
    await expect(killed).rejects.toMatchObject({
      kind: 'measurement',
      code: 'k6-killed',
      message: 'k6 was killed by SIGKILL (out of memory?) before its test had ended',
      evidence: expect.arrayContaining([expect.stringMatching(/^\d+ MiB of \d+ MiB of this machine’s memory are free$/)]),
    })
  }, 60_000)

  test('knows that a service hangs although it makes few errors', async () => {
    const began = performance.now()
    const result = await load(({ headers }, response) => {
      if (nameOf(headers.host) === 'bar' && performance.now() - began > 2000) return
      response.end(`${nameOf(headers.host)}\n`)
    }, 4000)
    expect(result.services.bar?.errorRate).toBeGreaterThan(0)
    expect(result.afterwards.map(({ service, healthy, seen }) => `${service} ${healthy} ${seen}`)).toEqual([
      'foo true 200 and the expected body',
      'bar false no answer within 3 s',
    ])
  }, 90_000)
})
