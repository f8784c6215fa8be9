import { describe, expect, test } from '@jest/globals'
import type { Failure } from '../../../../src/pipeline/failure.ts'
import { localIngressStage } from '../../../../src/stages/local/ingress.ts'
import { echoServices, type Services } from '../../../../src/stages/services/service.ts'
import { contextOf, machineInMemory, settled } from './processes.ts'

const replica = (service: string, port: number) => ({ service, pid: port, startTime: 't', url: `http://127.0.0.1:${port}` })
const services: Services = { namespace: null, routes: echoServices('', [0, 0]), processes: [replica('foo', 1), replica('bar', 2), replica('foo', 3)] }

function start({ baseUrl = null as string | null, machine = machineInMemory() } = {}) {
  const lost: Failure[] = []
  const { abort, context } = contextOf()
  const stage = localIngressStage({ baseUrl }, { start: machine.start, onLoss: (failure) => void lost.push(failure) })
  const run = stage.run({ services }, context)
  run.catch(() => {})
  return { stage, run, machine, lost, abort }
}

describe('the local ingress', () => {
  test('is the reverse proxy, which knows the replicas of each service by its host', async () => {
    const { run, machine } = start()
    expect(await run).toEqual({
      controller: 'reverse proxy (httpxy)',
      image: null,
      className: null,
      baseUrl: 'http://127.0.0.1:9001',
      note: null,
      process: { pid: 9001, startTime: 't9001', url: 'http://127.0.0.1:9001' },
    })
    expect(machine.programs).toEqual([
      {
        role: 'local-proxy',
        log: 'ingress.log',
        args: ['--routes={"foo.localhost":["http://127.0.0.1:1","http://127.0.0.1:3"],"bar.localhost":["http://127.0.0.1:2"]}'],
      },
    ])
  })

  test('answers where the user says it does', async () => {
    expect(await start({ baseUrl: 'http://machine.example:8080' }).run).toMatchObject({
      baseUrl: 'http://machine.example:8080',
      process: { url: 'http://127.0.0.1:9001' },
    })
  })

  test('that does not come up is not the workload’s fault', async () => {
    const machine = machineInMemory()
    machine.break('ingress.log', 'ended with exit code 1: EADDRINUSE')
    await expect(start({ machine }).run).rejects.toMatchObject({
      kind: 'infrastructure',
      message: 'the reverse proxy ended with exit code 1: EADDRINUSE',
      remedy: expect.stringContaining('services/ingress.log'),
    })
  })

  test('that ends later is reported as lost', async () => {
    const { run, machine, lost } = start()
    await run
    machine.end('ingress.log', { how: 'signal SIGKILL', lastLine: '' })
    await settled()
    expect(lost).toEqual([expect.objectContaining({ kind: 'infrastructure', message: 'the reverse proxy ended with signal SIGKILL' })])
  })

  test('goes away at the teardown', async () => {
    const { stage, run, machine } = start()
    await run
    await stage.teardown?.(new AbortController().signal)
    expect(machine.stopped).toEqual(['ingress.log'])
  })

  test('ends with its signal', async () => {
    const machine = machineInMemory()
    const { abort, context } = contextOf()
    abort.abort(new Error('stop'))
    const stage = localIngressStage({ baseUrl: null }, { start: machine.start, onLoss: () => {} })
    await expect(stage.run({ services }, context)).rejects.toThrow(/^stop$/)
    await expect(stage.teardown?.(new AbortController().signal)).resolves.toBeUndefined()
  })
})
