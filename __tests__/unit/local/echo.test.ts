import { describe, expect, test } from '@jest/globals'
import { readEchoArguments } from '../../../src/local/echo.ts'

describe('the arguments of the echo service', () => {
  test.each([
    [['-text=foo'], { host: '127.0.0.1', port: 0, text: 'foo', stay: false }],
    [['-listen=:5678', '-text=foo'], { host: '127.0.0.1', port: 5678, text: 'foo', stay: false }],
    [['--listen=0.0.0.0:80', '--text=a=b\nc', '--stay'], { host: '0.0.0.0', port: 80, text: 'a=b\nc', stay: true }],
    [['-text='], { host: '127.0.0.1', port: 0, text: '', stay: false }],
  ])('%j', (args, options) => {
    expect(readEchoArguments(args)).toEqual(options)
  })

  test.each([
    [[], '-text is missing'],
    [['-listen=5678', '-text=x'], '-listen: expected [HOST]:PORT, got "5678"'],
    [['-listen=:65536', '-text=x'], '-listen: expected [HOST]:PORT, got ":65536"'],
    [['-listen=', '-text=x'], '-listen: expected [HOST]:PORT, got ""'],
    [['-text', 'x'], 'unknown argument "-text"'],
    [['-text=x', 'y'], 'unknown argument "y"'],
  ])('%j cannot be read', (args, problem) => {
    expect(readEchoArguments(args)).toEqual({ problem })
  })
})
