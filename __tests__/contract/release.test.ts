import '../fakes/realm.ts'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { parse } from 'yaml'
import { callsOf, writeProgram } from '../fakes/programs.ts'

const root = join(import.meta.dirname, '../..')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'release-'))
})
afterEach(() => rm(folder, { recursive: true }))

const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org' }
const git = async (...args: string[]) => (await execa('git', args, { cwd: folder, env: { ...identity, GIT_CONFIG_GLOBAL: '/dev/null' } })).stdout
const release = (...args: string[]) => execa(process.execPath, [join(folder, 'scripts', 'release.ts'), ...args], { reject: false })

/** A repository on main that is ready to release 1.2.3. */
async function repository(): Promise<void> {
  await mkdir(join(folder, 'scripts'))
  await cp(join(root, 'scripts', 'release.ts'), join(folder, 'scripts', 'release.ts'))
  const version = JSON.stringify({ version: '1.2.3', type: 'module' })
  await Promise.all(['package.json', 'package-lock.json'].map((file) => writeFile(join(folder, file), version)))
  await writeFile(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## [1.2.3] - 2026-11-27\n\n- new\n\n## [1.2.2] - 2026-11-20\n\n- old\n')
  await git('init', '--quiet', '--initial-branch', 'main')
  await git('add', '.')
  await git('commit', '--quiet', '--message', 'all')
}

describe('node scripts/release.ts', () => {
  beforeEach(repository)

  test('writes the notes and prints what a step’s outputs are', async () => {
    await git('tag', 'v1.2.2')
    const { exitCode, stdout } = await release('v1.2.3', join(folder, 'notes.md'))
    expect([exitCode, stdout]).toEqual([0, 'tag=v1.2.3\nlatest=true\nmoving=v1 v1.2'])
    expect(await readFile(join(folder, 'notes.md'), 'utf8')).toBe('- new\n')
  }, 30_000)

  test('takes an annotated tag for the commit it leads to', async () => {
    await git('tag', '--annotate', '--message', 'release', 'v1.2.3')
    expect(await release('v1.2.3')).toMatchObject({ exitCode: 0 })
  }, 30_000)

  test('says everything that is wrong, and prints no outputs', async () => {
    await git('tag', 'v1.2.4')
    await git('checkout', '--quiet', '--detach')
    await git('commit', '--quiet', '--allow-empty', '--message', 'not merged')
    const { exitCode, stdout, stderr } = await release('v1.2.4', join(folder, 'notes.md'))
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining('is not part of main'),
      expect.stringContaining('package.json says 1.2.3, not 1.2.4'),
      expect.stringContaining('package-lock.json says 1.2.3, not 1.2.4'),
      expect.stringContaining('CHANGELOG.md has no section “## [1.2.4] - YYYY-MM-DD”'),
      expect.stringContaining('tag v1.2.4 exists and is '),
    ])
    await expect(readFile(join(folder, 'notes.md'))).rejects.toThrow('ENOENT')
  }, 30_000)
})

describe('the release workflow’s own lines', () => {
  /** Runs a step of the job `publish` as the runner does, with a `gh` for which only `v1` and its release exist. */
  async function runStep(name: string, env: Record<string, string>) {
    const { jobs } = parse(await readFile(join(root, '.github/workflows/release.yml'), 'utf8'))
    const { run } = jobs.publish.steps.find((step: { name?: string }) => step.name === name)
    const gh = await writeProgram(folder, 'gh', `if (/git\\/ref\\/tags\\/v1\\.2$|^release view v1\\.2\\.3$/.test(args.join(' '))) process.exitCode = 1`)
    const paths = { PATH: `${folder}:${process.env.PATH}`, RUNNER_TEMP: folder, GITHUB_STEP_SUMMARY: join(folder, 'summary') }
    await execa('bash', ['-e', '-c', run], { env: { ...paths, GITHUB_REPOSITORY: 'octo/action', GITHUB_SHA: 'abc', ...env } })
    return callsOf(gh).map(({ args }) => args.join(' '))
  }

  test('create a release that is not there yet, and leave one that is', async () => {
    const step = 'Create the release'
    expect(await runStep(step, { TAG: 'v1.2.3', LATEST: 'true' })).toEqual([
      'release view v1.2.3',
      `release create v1.2.3 --target abc --title v1.2.3 --notes-file ${folder}/notes.md --latest=true`,
    ])
    expect((await runStep(step, { TAG: 'v1.0.0', LATEST: 'false' })).slice(2)).toEqual(['release view v1.0.0'])
  }, 30_000)

  test('move a tag that exists and make one that does not', async () => {
    expect(await runStep('Move the tags that follow it', { MOVING: 'v1 v1.2' })).toEqual([
      'api --silent repos/octo/action/git/ref/tags/v1',
      'api --silent --method PATCH repos/octo/action/git/refs/tags/v1 -f sha=abc -F force=true',
      'api --silent repos/octo/action/git/ref/tags/v1.2',
      'api --silent --method POST repos/octo/action/git/refs -f ref=refs/tags/v1.2 -f sha=abc',
    ])
  }, 30_000)

  test('move nothing when the release is not the newest of its line', async () => {
    expect(await runStep('Move the tags that follow it', { MOVING: '' })).toEqual([])
  }, 30_000)
})
