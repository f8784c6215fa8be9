import { describe, expect, test } from '@jest/globals'
import { changelogSection, isLatest, movingTags, parseTags, parseVersion, type ReleaseFacts, releaseProblems } from '../../scripts/release.ts'

const changelog = `# Changelog

## [Unreleased]

### Added

- something to come

## [1.2.3] - 2026-11-27

### Fixed

- a thing, see [1.2.2]

## [1.2.2] - 2026-11-20

- older

## [1.2.0]

## [1.1.0] - 2026-10-01

[1.2.3]: https://example.com/1.2.3
`

const facts: ReleaseFacts = {
  requested: 'v1.2.3',
  packageVersion: '1.2.3',
  lockVersion: '1.2.3',
  changelog,
  tags: { 'v1.2.2': 'bbb', v1: 'bbb' },
  commit: 'aaa',
  isOnMain: true,
}
const problems = (change: Partial<ReleaseFacts>) => releaseProblems({ ...facts, ...change })

describe('a release', () => {
  test.each([
    ['by its tag, not there yet', {}],
    ['by its version', { requested: '1.2.3' }],
    ['by its tag, pushed already', { tags: { 'v1.2.3': 'aaa' } }],
  ])('may happen %s', (_, change) => {
    expect(problems(change)).toEqual([])
  })

  test.each([
    [{ packageVersion: '1.2.2' }, 'package.json says 1.2.2, not 1.2.3; run: npm version --no-git-tag-version 1.2.3'],
    [{ lockVersion: '1.2.2' }, 'package-lock.json says 1.2.2, not 1.2.3; run: npm install --package-lock-only'],
    [{ isOnMain: false }, 'commit aaa is not part of main; merge it first'],
    [{ tags: { 'v1.2.3': 'ccc' } }, 'tag v1.2.3 exists and is ccc, not aaa; a released version is never moved'],
    [{ changelog: '' }, 'CHANGELOG.md has no section “## [1.2.3] - YYYY-MM-DD”'],
    [{ changelog: '## [1.2.3] - unreleased\n- x' }, 'CHANGELOG.md’s section 1.2.3 has no date; write “## [1.2.3] - YYYY-MM-DD”'],
    [{ changelog: '## [1.2.3] - 2026-11-27\n\n## [1.2.2] - 2026-11-20\n- x' }, 'CHANGELOG.md’s section 1.2.3 is empty'],
  ])('may not with %j', (change, problem) => {
    expect(problems(change)).toEqual([problem])
  })

  test.each(['', 'v1', 'v1.2', 'v1.2.3-rc.1', 'v01.2.3', 'main', 'v1.2.3\nmoving=v9', '$(id)', 'v1.2.3.4'])('may not be called %j', (requested) => {
    expect(problems({ requested })).toEqual([`expected a version like v1.2.3, got ${JSON.stringify(requested)}`])
  })

  test('is told everything that is wrong at once', () => {
    expect(problems({ packageVersion: '1', lockVersion: '2', changelog: '', tags: { 'v1.2.3': 'ccc' }, isOnMain: false })).toHaveLength(5)
  })
})

describe('a section of the changelog', () => {
  test('is what stands under its heading, up to the next version', () => {
    expect(changelogSection(changelog, '1.2.3')).toEqual({ text: '### Fixed\n\n- a thing, see [1.2.2]', isDated: true })
    expect(changelogSection(changelog, '1.2.2')).toEqual({ text: '- older', isDated: true })
  })

  test('ends before the addresses at the foot, and may be empty', () => {
    expect(changelogSection(changelog, '1.1.0')).toEqual({ text: '', isDated: true })
    expect(changelogSection(changelog, '1.2.0')).toEqual({ text: '', isDated: false })
  })

  test('is not that of a version that only begins alike', () => {
    expect(changelogSection(changelog, '1.2')).toBeUndefined()
    expect(changelogSection('## [1.2.30] - 2026-01-01\n- x', '1.2.3')).toBeUndefined()
  })
})

describe('the tags that move', () => {
  test.each([
    ['v1.2.3', ['v1.2.2', 'v1.1.9', 'v1', 'v1.2'], ['v1', 'v1.2']],
    ['v1.0.0', [], ['v1', 'v1.0']],
    ['v2.0.0', ['v1.9.0'], ['v2', 'v2.0']],
    ['v1.1.5', ['v1.2.0', 'v1.1.4'], ['v1.1']],
    ['v1.9.0', ['v2.0.0', 'v1.8.0'], ['v1', 'v1.9']],
    ['v1.10.0', ['v1.9.0'], ['v1', 'v1.10']],
    ['v1.2.2', ['v1.2.3'], []],
    ['v1.2.3', ['v1.2.3'], ['v1', 'v1.2']],
    ['v1.2.3', ['1.9.9', 'v1.3.0-rc.1', 'nightly'], ['v1', 'v1.2']],
    ['latest', ['v1.0.0'], []],
  ])('with %s, when there are %j, are %j', (requested, existing, moving) => {
    expect(movingTags(requested, existing)).toEqual(moving)
  })
})

test.each([
  ['v1.2.3', [], true],
  ['v1.2.3', ['v1.2.3', 'v1.2.2', 'v1', 'v9', 'v2.0.0-rc.1', '3.0.0'], true],
  ['v1.2.3', ['v2.0.0'], false],
  ['latest', [], false],
])('%s, when there are %j, is the latest: %s', (requested, existing, latest) => {
  expect(isLatest(requested, existing)).toBe(latest)
})

test('a version is three numbers', () => {
  expect(parseVersion('v10.20.30')).toEqual({ major: 10, minor: 20, patch: 30 })
})

test('an annotated tag is the commit it leads to', () => {
  expect(parseTags('v1.0.0 tag1 commit1\nv1.0.1 commit2 \n')).toEqual({ 'v1.0.0': 'commit1', 'v1.0.1': 'commit2' })
  expect(parseTags('')).toEqual({})
})
