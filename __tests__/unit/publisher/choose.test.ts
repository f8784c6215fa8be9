import { describe, expect, test } from '@jest/globals'
import { chooseDataFiles, choosePullRequest, maxDataFiles } from '../../../src/publisher/choose.ts'
import { dataFileName, dataLimitBytes, readDataFileName } from '../../../src/publisher/data-file.ts'
import { readFinishedRun } from '../../../src/publisher/event.ts'
import { artifactOf, dataName, finishedRun, pullOf, workflowRunPayload } from './runs.ts'

const name = (key: string, artifact = 'report') => dataFileName(artifact, key)

describe('a data file’s name', () => {
  test('tells its artifact and its comment, and nothing else is one', () => {
    expect(readDataFileName(dataName)).toEqual({ artifact: 'mlops-pipeline-pipeline-verify', keyHash: expect.stringMatching(/^[0-9a-f]{12}$/) })
    for (const other of ['report', 'mlops-pipeline-pipeline-verify', 'x.mlops-report.json', '.0123456789ab.mlops-report.json', `${dataName}.zip`, '']) {
      expect(readDataFileName(other)).toBeNull()
    }
  })

  test('is another one for each comment, and the same in the next run', () => {
    expect(name('a')).not.toBe(name('b'))
    expect(name('a')).toBe(name('a'))
  })
})

describe('of a run’s artifacts', () => {
  test('those with a data file’s name are taken, with the artifact of the whole report', () => {
    const artifacts = [artifactOf({ id: 5 }), artifactOf({ id: 6, name: 'mlops-pipeline-pipeline-verify' }), artifactOf({ id: 7, name: 'coverage' })]
    expect(chooseDataFiles(artifacts)).toEqual({
      files: [{ id: 5, name: dataName, keyHash: readDataFileName(dataName)?.keyHash, wholeId: 6 }],
      problems: [],
    })
  })

  test('none is an empty answer', () => {
    expect(chooseDataFiles([])).toEqual({ files: [], problems: [] })
  })

  test('the newest stands when a run was started again', () => {
    expect(chooseDataFiles([artifactOf({ id: 5 }), artifactOf({ id: 9 }), artifactOf({ id: 7 })]).files).toMatchObject([{ id: 9 }])
  })

  test.each([
    ['expired', { expired: true }, 'has expired'],
    ['too large', { sizeBytes: dataLimitBytes + 1 }, 'bytes; at most'],
  ])('one that is %s is not taken, and why is said', (_, more, words) => {
    expect(chooseDataFiles([artifactOf(more)])).toEqual({ files: [], problems: [expect.stringContaining(words)] })
  })

  test('more than the limit are not taken', () => {
    const many = Array.from({ length: maxDataFiles + 5 }, (_, id) => artifactOf({ id, name: name(String(id)) }))
    const { files, problems } = chooseDataFiles(many)
    expect(files).toHaveLength(maxDataFiles)
    expect(problems).toEqual([expect.stringContaining('5 are not')])
  })
})

describe('a run’s pull request', () => {
  test('is the one open one of its branch with its commit', () => {
    expect(choosePullRequest([pullOf({ number: 3, headSha: 'f'.repeat(40) }), pullOf()], finishedRun())).toEqual({ number: 7 })
  })

  test.each([
    ['is closed or merged', [], {}, 'there is no open pull request'],
    ['has moved on', [pullOf({ headSha: 'f'.repeat(40) })], {}, 'moved on'],
    ['cannot be told from another', [pullOf(), pullOf({ number: 8 })], {}, 'more than one'],
    ['is another repository’s of the same owner', [pullOf({ headRepository: 'hubot/other' })], {}, 'there is no open pull request'],
    ['is of a repository that is gone', [pullOf({ headRepository: null })], {}, 'there is no open pull request'],
    ['is of a run whose repository is gone', [pullOf({ headRepository: null })], { head: null }, 'there is no open pull request'],
  ])('that %s is none', (_, pulls, run, words) => {
    expect(choosePullRequest(pulls, finishedRun(run))).toEqual({ problem: expect.stringContaining(words) })
  })
})

describe('the event’s payload', () => {
  const read = (more: object = {}, top: object = {}) => readFinishedRun(JSON.stringify({ ...workflowRunPayload(more), ...top }))

  test('tells of the run', () => {
    expect(read()).toEqual({ run: finishedRun() })
  })

  test('of a deleted fork tells the rest', () => {
    expect(read({ head_repository: null, head_branch: null })).toEqual({ run: finishedRun({ head: null, headBranch: '' }) })
  })

  test.each([
    ['of a run that has not ended', JSON.stringify({ ...workflowRunPayload({ conclusion: null }), action: 'requested' }), 'types: [completed]'],
    ['of another event', JSON.stringify({ action: 'opened', pull_request: { number: 7 } }), 'not that of a workflow_run'],
    ['with an id that is none', JSON.stringify(workflowRunPayload({ id: '../../7' })), 'workflow_run.id'],
    ['with a commit that is none', JSON.stringify(workflowRunPayload({ head_sha: 'main' })), 'workflow_run.head_sha'],
    ['that is empty', '', 'not JSON'],
  ])('%s is a problem of the workflow', (_, text, words) => {
    expect(readFinishedRun(text)).toEqual({ problem: expect.stringContaining(words) })
  })
})
