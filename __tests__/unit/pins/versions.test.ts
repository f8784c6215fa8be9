import { describe, expect, test } from '@jest/globals'
import { isNewer, newestLike } from '../../../scripts/pins/versions.ts'

describe('the newest tag written like this one', () => {
  test.each([
    ['v1.15.1', ['v1.15.2', 'v1.9.9'], 'v1.15.2'],
    ['v1.15.1', ['v1.15.10', 'v1.15.9'], 'v1.15.10'],
    ['v1.15.1', ['v2.0.0', 'v1.99.99'], 'v2.0.0'],
    ['v1.15.1', ['v1.16.0-beta.0', '1.16.0', 'v1.16', 'xv1.16.0', 'v1.16.0-rc1', 'latest'], 'v1.15.1'],
    ['1.36.1-1', ['1.36.1', '1.36.1-2', '1.37.0'], '1.36.1-2'],
    ['1.0.0', [], '1.0.0'],
    ['1.0.0', ['0.2.3'], '1.0.0'],
    ['1.0.0', ['1x0y1'], '1.0.0'],
  ])('for %s among %j is %s', (tag, tags, newest) => {
    expect(newestLike(tag, tags)).toBe(newest)
  })
})

describe('a version', () => {
  test.each([
    ['1.10.0', '1.9.0', true],
    ['1.9.0', '1.10.0', false],
    ['2.0.0', '1.99.99', true],
    ['1.0.0', '1.0.0', false],
    ['1.0.0', '1.0.1', false],
  ])('%s is newer than %s: %s', (version, than, newer) => {
    expect(isNewer(version, than)).toBe(newer)
  })
})
