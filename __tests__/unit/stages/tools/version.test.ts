import { describe, expect, test } from '@jest/globals'
import type { ToolName } from '../../../../src/stages/tools/tool.ts'
import { fits, nearestVersions, readVersion, releases } from '../../../../src/stages/tools/version.ts'

describe('a program’s answer', () => {
  test.each<[ToolName, string, string | null]>([
    ['kind', '0.33.0\n', '0.33.0'],
    ['kind', 'kind v0.33.0 go1.26.8 linux/amd64', '0.33.0'],
    ['kind', '0.34.0-alpha+4f1e', '0.34.0-alpha'],
    ['k6', '{"go_arch":"amd64","version":"v2.0.0"}', '2.0.0'],
    ['k6', 'k6 v1.8.1 (go1.26.8, linux/amd64)\n', '1.8.1'],
    ['k6', 'k6 v0.52.0 (commit/20f8febb5b, go1.22.4, linux/amd64)\n', '0.52.0'],
    ['kubectl', '{"clientVersion":{"gitVersion":"v1.34.4"},"kustomizeVersion":"v5.7.1"}', '1.34.4'],
    ['kubectl', '{"clientVersion":{"gitVersion":"v1.32.4-dispatcher"}}', '1.32.4-dispatcher'],
    ['kubectl', '{"clientVersion":{"gitVersion":"v1.35.1+k3s1"}}', '1.35.1'],
  ])('of %s, %j, holds version %s', (name, answer, version) => {
    expect(readVersion(name, answer)).toBe(version)
  })

  test.each<[ToolName, string]>([
    ['kind', ''],
    ['kind', 'Error: unknown command'],
    ['k6', 'k6 (devel)'],
    ['k6', 'null'],
    ['k6', '[1]'],
    ['kubectl', 'Client Version: v1.34.4'],
    ['kubectl', '{"clientVersion":null}'],
    ['kubectl', '{"clientVersion":{"gitVersion":134}}'],
    ['kubectl', '"v1.34.4"'],
  ])('of %s, %j, holds none', (name, answer) => {
    expect(readVersion(name, answer)).toBeNull()
  })
})

describe('a program that is there fits', () => {
  test.each<[ToolName, string, string, boolean]>([
    ['kind', '0.33.0', '0.33.0', true],
    ['kind', '0.33.0', '0.33.1', false],
    ['k6', '2.3.0', '2.3.0', true],
    ['k6', '2.3.0', '2.2.0', false],
    ['kubectl', '1.37.0', '1.37.5', true],
    ['kubectl', '1.37.0', '1.36.0', true],
    ['kubectl', '1.37.0', '1.38.2', true],
    ['kubectl', '1.37.0', '1.35.9', false],
    ['kubectl', '1.37.0', '2.37.0', false],
    ['kubectl', '1.33.1', '1.32.4-dispatcher', true],
    ['kubectl', '1.37.0', 'unknown', false],
  ])('%s: wanted %s, there is %s: %s', (name, wanted, found, fit) => {
    expect(fits(name, wanted, found)).toBe(fit)
  })
})

test('releases are sorted by number, newest first, each once, without those before a release', () => {
  expect(releases(['v0.9.0', 'v0.10.0', 'v0.10.0-rc1', '0.10.0', 'v0.9.11', 'main'])).toEqual(['0.10.0', '0.9.11', '0.9.0'])
})

describe('the nearest version', () => {
  test('is the newest of the same major that is not newer, then one that is, then the line before', () => {
    const listed = ['v2.0.0', 'v2.1.4', 'v2.3.5', 'v2.4.0', 'v2.5.0-rc1', 'v3.0.0']
    expect(nearestVersions('2.3.1', listed, ['v1.8.1', 'v0.52.0', 'v1.8.0'])).toEqual([
      '2.3.0',
      '2.2.0',
      '2.1.4',
      '2.1.0',
      '2.0.0',
      '2.4.0',
      '2.3.5',
      '1.8.1',
      '1.8.0',
      '0.52.0',
    ])
  })

  test('is looked for also where the module proxy lists nothing', () => {
    expect(nearestVersions('2.3.0', [], [])).toEqual(['2.2.0', '2.1.0', '2.0.0'])
  })

  test('is never the wanted one again', () => {
    expect(nearestVersions('0.33.0', ['v0.33.0', 'v0.32.0'], [])).not.toContain('0.33.0')
  })

  test('of something that is no version is none', () => {
    expect(nearestVersions('latest', ['v1.0.0'], [])).toEqual([])
  })
})
