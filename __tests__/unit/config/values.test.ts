import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { nearest } from '../../../src/config/nearest.ts'
import { address, boolean, image, integer, latency, lines, parseDurationMs, parseRatio, ratio, ValueProblem, version } from '../../../src/config/values.ts'

describe('a duration', () => {
  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1h2m3s4ms', 3_723_004],
    ['0.5h', 1_800_000],
    ['1.5s', 1500],
    ['10us', 0.01],
    ['10µs', 0.01],
    [' 5m ', 300_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBeCloseTo(ms, 9)
  })

  test.each(['', ' ', '5', '5 m', '1m 30s', 'm', '.5s', '5.s', '-5s', '+5s', '5d', '5S', '1e3s', '5s!', '٣s'])('%j is none', (text) => {
    expect(parseDurationMs(text)).toBeUndefined()
  })

  test('a number alone is one only where a unit is given for it', () => {
    expect([parseDurationMs('300'), parseDurationMs('300', 's'), parseDurationMs('0.5', 's'), parseDurationMs('300', 'ms')]).toEqual([
      undefined,
      300_000,
      500,
      300,
    ])
  })

  test('written from any whole milliseconds reads back as the same', () => {
    const write = (ms: number) =>
      [
        [Math.floor(ms / 3_600_000), 'h'],
        [Math.floor(ms / 60_000) % 60, 'm'],
        [Math.floor(ms / 1000) % 60, 's'],
        [ms % 1000, 'ms'],
      ]
        .map(([amount, unit]) => `${amount}${unit}`)
        .join('')
    fc.assert(fc.property(fc.nat(1_000_000_000), (ms) => parseDurationMs(write(ms)) === ms))
  })

  test('of any text is a number of at least 0, or none', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.]{1,6}(us|ms|s|m|h)([0-9]{1,3}s)?$/))
    fc.assert(fc.property(text, (value) => (parseDurationMs(value, 's') ?? 0) >= 0))
  })
})

describe('a latency limit', () => {
  test.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['0.01ms', 0.01],
    ['100us', 0.1],
  ])('%s is %d ms', (text, ms) => {
    expect(latency.parse(text)).toBeCloseTo(ms, 9)
  })

  test('that is too large for a number is refused: nothing could ever miss it', () => {
    expect(latency.parse(`${'9'.repeat(400)}ms`)).toBeUndefined()
  })
})

describe('a share', () => {
  test.each([
    ['10%', 0.1],
    ['0%', 0],
    ['100%', 1],
    ['0.5 %', 0.005],
    [' 2.5% ', 0.025],
  ])('%j is %d', (text, value) => {
    expect(parseRatio(text)).toBeCloseTo(value, 12)
  })

  test.each(['', '%', '10%%', '101%', '-1%', 'ten%', '10percent', '1e1%', '.5%'])('%j is none', (text) => {
    expect(ratio.parse(text)).toBeUndefined()
  })

  test.each([
    ['0.1', '10%'],
    ['.05', '5%'],
    ['0.07', '7%'],
    ['1', '100%'],
    ['2', '2%'],
    ['10', '10%'],
  ])('%s without a percent sign is refused, and told how to write it: %s', (text, meant) => {
    expect(() => parseRatio(text)).toThrow(new ValueProblem(`${text} could mean a ratio or a percentage: write it with a percent sign, for example ${meant}`))
  })

  test('with a percent sign is always from 0 to 1', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (percent) => {
        const value = parseRatio(`${percent.toFixed(3)}%`)
        return Number(percent.toFixed(3)) <= 100 ? value !== undefined && value >= 0 && value <= 1 : value === undefined
      }),
    )
  })
})

describe('a whole number', () => {
  const small = integer(-2, 12)
  test.each([
    ['12', 12],
    ['-2', -2],
    ['+5', 5],
    ['007', 7],
  ])('%s is %d', (text, value) => {
    expect(small.parse(text)).toBe(value)
  })

  test.each(['13', '-3', '1.0', '1e1', '0x1', '', ' 1', '1_0', 'NaN', 'Infinity', '١'])('%j is none', (text) => {
    expect(small.parse(text)).toBeUndefined()
  })
})

describe('true or false', () => {
  test.each(['true', 'True', 'TRUE'])('%s is true', (text) => expect(boolean.parse(text)).toBe(true))
  test.each(['false', 'False', 'FALSE'])('%s is false', (text) => expect(boolean.parse(text)).toBe(false))
  test.each(['yes', 'no', '1', '0', 'tRUE', 'on', ''])('%j is neither', (text) => expect(boolean.parse(text)).toBeUndefined())
})

describe('an address', () => {
  test.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://here/', 'http://here'],
    ['HTTPS://Here.Example//', 'https://here.example'],
    ['http://here/some/path/', 'http://here/some/path'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('%s is %s', (text, href) => {
    expect(address.parse(text)).toBe(href)
  })

  test.each(['', 'here', '//here', 'ftp://here', 'javascript:alert(1)', 'file:///etc/passwd', 'http://', 'http://here?q=1', 'http://here#part'])(
    '%j is none',
    (text) => {
      expect(address.parse(text)).toBeUndefined()
    },
  )

  test('never ends in a slash, a question mark or a hash, so that a path can follow', () => {
    const ends = fc.constantFrom('', '/', '//', '?', '/?', '#', '/#', '?#', '/path', '/path/', '/path/?')
    fc.assert(
      fc.property(fc.webUrl(), ends, (url, end) => {
        const parsed = address.parse(`${url}${end}`)
        return parsed === undefined || (/^https?:\/\/[^?#]*[^/?#]$/.test(parsed) && URL.canParse(`${parsed}/path`))
      }),
    )
  })
})

describe('an image reference', () => {
  test.each([
    'busybox:1.36',
    'hashicorp/http-echo:1.0.0',
    'registry.k8s.io/ingress-nginx/controller:v1.15.1',
    'localhost:5000/a/b:c',
    `node@sha256:${'a'.repeat(64)}`,
    `ghcr.io/o/n_a-me.x:tag@sha256:${'0'.repeat(64)}`,
  ])('%s', (text) => {
    expect(image.parse(text)).toBe(text)
  })

  test.each([
    ['without tag and digest', 'busybox'],
    ['a registry’s port is no tag', 'localhost:5000/busybox'],
    ['capitals in the name', 'Busybox:1'],
    ['a short digest', 'busybox@sha256:abc'],
    ['another kind of digest', `busybox@md5:${'a'.repeat(64)}`],
    ['spaces', 'busybox: 1'],
    ['a second line', 'busybox:1\nprivileged: true'],
    ['an option', '--privileged'],
    ['a scheme', 'https://registry/busybox:1'],
    ['a path upwards', '../busybox:1'],
    ['a registry that looks like an option', '-x/busybox:1'],
    ['no name', ':1'],
    ['nothing', ''],
  ])('%s: %j is none', (_, text) => {
    expect(image.parse(text)).toBeUndefined()
  })
})

describe('a version', () => {
  test.each([
    ['1.37.0', '1.37.0'],
    ['v0.33.0', '0.33.0'],
    ['1.38.0-beta.1', '1.38.0-beta.1'],
  ])('%s is %s', (text, expected) => expect(version.parse(text)).toBe(expected))
  test.each(['1.37', 'latest', '1.37.0+build', 'vv1.0.0', '1.0.0 ', '../1.0.0', '1.0.0/..'])('%j is none', (text) =>
    expect(version.parse(text)).toBeUndefined(),
  )
})

describe('lines', () => {
  test('are what is not empty and no comment', () => {
    expect(lines.parse('\n a \r\n#b\n\n  # c\nd # e\n')).toEqual(['a', 'd # e'])
  })
})

describe('the nearest name', () => {
  const known = ['vus', 'duration', 'cluster-name']
  test.each([
    ['duratoin', 'duration'],
    ['DURATION', 'duration'],
    ['clustername', 'cluster-name'],
    ['vu', 'vus'],
    ['banana', undefined],
    ['', undefined],
  ])('to %j is %j', (word, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })

  test('to a word when nothing is known is none', () => {
    expect(nearest('x', [])).toBeUndefined()
  })
})
