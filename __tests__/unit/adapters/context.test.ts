import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { defaultArtifactName, defaultCommentKey, readRunContext, shortHash } from '../../../src/adapters/github/context.ts'
import { readActionInputs } from '../../../src/adapters/github/inputs.ts'
import { context } from '../runs.ts'
import { artifactName } from './inputs.ts'

describe('where a run happens', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'context-test-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Path of a payload. */
  function payload(event: unknown): string {
    const path = join(folder, 'event.json')
    writeFileSync(path, typeof event === 'string' ? event : JSON.stringify(event))
    return path
  }

  const env = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_RUN_ID: '42',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW: 'CI',
    GITHUB_JOB: 'pipeline',
    GITHUB_SHA: 'merge',
  }

  test('on a pull request is its number and the commit its author pushed, not the merge commit', () => {
    const event = payload({ pull_request: { number: 7, head: { sha: 'pushed' } } })
    expect(readRunContext({ ...env, GITHUB_EVENT_PATH: event }, '{"arch":"arm64"}')).toEqual({
      repository: 'octo/app',
      workflow: 'CI',
      job: 'pipeline',
      matrix: { arch: 'arm64' },
      sha: 'pushed',
      pullRequest: 7,
      runUrl: 'https://github.com/octo/app/actions/runs/42',
      runId: 42,
      runAttempt: 1,
    })
  })

  test('on a push is its commit and no pull request', () => {
    expect(readRunContext({ ...env, GITHUB_EVENT_PATH: payload({ ref: 'refs/heads/main' }) }, undefined)).toMatchObject({ sha: 'merge', pullRequest: null })
  })

  test('at a second attempt has that attempt’s address', () => {
    const context = readRunContext({ ...env, GITHUB_RUN_ATTEMPT: '3' }, undefined)
    expect(context).toMatchObject({ runAttempt: 3, runUrl: 'https://github.com/octo/app/actions/runs/42/attempts/3' })
  })

  test.each(['GITHUB_SERVER_URL', 'GITHUB_REPOSITORY', 'GITHUB_RUN_ID'])('without %s has no address', (name) => {
    expect(readRunContext({ ...env, [name]: '' }, undefined).runUrl).toBeNull()
  })

  test('elsewhere is nothing', () => {
    expect(readRunContext({}, undefined)).toEqual({
      repository: null,
      workflow: null,
      job: null,
      matrix: null,
      sha: null,
      pullRequest: null,
      runUrl: null,
      runId: null,
      runAttempt: null,
    })
  })

  test.each([
    ['no JSON', '{'],
    ['an empty file', ''],
  ])('with a payload that is %s is a run without a pull request', (_, text) => {
    expect(readRunContext({ ...env, GITHUB_EVENT_PATH: payload(text) }, undefined).pullRequest).toBeNull()
  })

  test('with a payload that is not there is a run without a pull request', () => {
    expect(readRunContext({ ...env, GITHUB_EVENT_PATH: join(folder, 'none') }, undefined).pullRequest).toBeNull()
  })

  test.each(['null', '', '{}', '[]', '"x"', '{', '7', undefined])('with the matrix %j has none', (matrix) => {
    expect(readRunContext({}, matrix).matrix).toBeNull()
  })
})

describe('two jobs', () => {
  const job = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,40}$/)
  const matrix = fc.option(fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minKeys: 1 }))
  const jobs = fc.tuple(fc.record({ job, matrix }), fc.record({ job, matrix })).filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b))
  const workflow = fc.string({ minLength: 1, maxLength: 120 })

  test('of a workflow never share an artifact name: GitHub refuses the second one', () => {
    fc.assert(
      fc.property(workflow, jobs, (name, [a, b]) => {
        expect(defaultArtifactName({ ...context, workflow: name, ...a })).not.toBe(defaultArtifactName({ ...context, workflow: name, ...b }))
      }),
    )
  })

  test('of a workflow with a very long name do not either', () => {
    const of = (job: string) => defaultArtifactName({ ...context, workflow: 'Build, test and deploy everything '.repeat(4), job })
    expect(of('one')).not.toBe(of('two'))
  })

  test('never share a comment, of one workflow or of two', () => {
    fc.assert(
      fc.property(workflow, workflow, jobs, (one, other, [a, b]) => {
        expect(defaultCommentKey({ ...context, workflow: one, ...a })).not.toBe(defaultCommentKey({ ...context, workflow: other, ...b }))
      }),
    )
    expect(defaultCommentKey({ ...context, workflow: 'a' })).not.toBe(defaultCommentKey({ ...context, workflow: 'b' }))
  })

  test('keep their names and their comments from run to run', () => {
    const of = () => ({ ...context, matrix: { arch: 'arm64' }, sha: String(Math.random()), runUrl: null })
    expect(defaultArtifactName(of())).toBe(defaultArtifactName(of()))
    expect(defaultCommentKey(of())).toBe(defaultCommentKey(of()))
  })
})

describe('a default artifact name', () => {
  test.each([
    [{}, /^mlops-pipeline-CI-pipeline$/],
    [{ workflow: null, job: null }, /^mlops-pipeline$/],
    [{ workflow: 'Build & test: "all"/nightly', job: 'a' }, /^mlops-pipeline-Build-test-all-nightly-a-[0-9a-f]{12}$/],
    [{ matrix: { arch: 'arm64' } }, /^mlops-pipeline-CI-pipeline-[0-9a-f]{12}$/],
  ])('of %j is readable, with a hash of what it cannot hold: %s', (more, name) => {
    expect(defaultArtifactName({ ...context, ...more })).toMatch(name)
  })

  test('is always one that artifact-name would take', () => {
    fc.assert(
      fc.property(fc.option(fc.string()), fc.option(fc.string()), (workflow, job) => {
        const name = defaultArtifactName({ ...context, workflow, job, matrix: { '"': ':<>|*?' } })
        expect(artifactName(name)).toBe(name)
      }),
    )
  })
})

describe('a short hash', () => {
  test('is the beginning of the SHA-256', () => {
    expect(shortHash('')).toBe('e3b0c44298fc')
    expect(shortHash('ä')).toBe(shortHash('ä'))
    expect(shortHash('a')).not.toBe(shortHash('b'))
  })
})

describe('the inputs of an action', () => {
  test('are what the runner puts into the environment, named as action.yml names them', () => {
    expect(
      readActionInputs({
        INPUT_VUS: '3',
        'INPUT_MAX-P95': '500ms',
        'INPUT_NO-SUCH-INPUT': 'x',
        INPUT_COMMENT: '',
        PATH: '/bin',
        VUS: '9',
        MY_INPUT_VUS: '8',
      }),
    ).toEqual({ vus: '3', 'max-p95': '500ms', 'no-such-input': 'x', comment: '' })
  })

  test('are none without a runner', () => {
    expect(readActionInputs({})).toEqual({})
  })
})
