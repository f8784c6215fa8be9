import { describe, expect, test } from '@jest/globals'
import { readProxyArguments } from '../../../src/local/proxy.ts'

const routes = { 'foo.localhost': ['http://127.0.0.1:1', 'http://127.0.0.1:2'] }
const given = `--routes=${JSON.stringify(routes)}`

describe('the arguments of the reverse proxy', () => {
  test('are its routes; a replica has a minute to answer', () => {
    expect(readProxyArguments([given])).toEqual({ routes, timeoutMs: 60_000, stay: false })
    expect(readProxyArguments(['--stay', '--timeout-ms=50', given])).toEqual({ routes, timeoutMs: 50, stay: true })
  })

  test.each([
    [[], '--routes is missing'],
    [['--routes=soon'], '--routes: expected addresses by host as JSON, got soon'],
    [['--routes={"foo":[]}'], '--routes: expected addresses by host as JSON, got {"foo":[]}'],
    [['--routes={"foo":["/etc/passwd"]}'], '--routes: expected addresses by host as JSON, got {"foo":["/etc/passwd"]}'],
    [['--routes={"foo":["https://127.0.0.1"]}'], '--routes: expected addresses by host as JSON, got {"foo":["https://127.0.0.1"]}'],
    [[given, '--timeout-ms=0'], 'unknown argument "--timeout-ms=0"'],
    [[given, '-v'], 'unknown argument "-v"'],
  ])('%j cannot be read', (args, problem) => {
    expect(readProxyArguments(args)).toEqual({ problem })
  })
})
