import '../fakes/realm.ts'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { acceptReport } from '../../src/publisher/accept.ts'
import { readDataFileName } from '../../src/publisher/data-file.ts'
import { type Machine, runJob, startMachine } from '../fakes/machine.ts'
import { type ResultsFake, startResultsFake } from '../fakes/results.ts'
import { finishedRun } from '../unit/publisher/runs.ts'

let machine: Machine
let results: ResultsFake
beforeEach(async () => {
  ;[machine, results] = await Promise.all([startMachine(), startResultsFake()])
  Object.assign(machine.env, results.env)
}, 30_000)
afterEach(() => Promise.all([machine.close(), results.close()]))

const dataFiles = async () => (await results.artifacts()).filter(({ name }) => readDataFileName(name) !== null)
const notices = (stdout: string) => stdout.split('\n').filter((line) => line.startsWith('::notice') && line.includes('No comment'))

test('a run whose token may only read does everything else, says in one line how to get comments, and leaves its report', async () => {
  machine.github.fail({ method: 'POST', path: /comments$/, status: 403, times: 100 })
  const { main } = await runJob(machine)
  expect(main.exitCode).toBe(0)
  expect(machine.github.comments()).toEqual([])
  expect(notices(main.stdout)).toEqual([expect.stringMatching(/mode: publish.*examples/)])
  expect(machine.summary()).toContain('mode: publish')
  expect(machine.summary()).toContain('Pipeline passed')

  const [file, ...others] = await dataFiles()
  expect(others).toEqual([])
  expect(file?.mimeType).toBe('application/json')
  expect(JSON.parse(file?.bytes.toString('utf8') ?? '')).toEqual({ ...machine.report(), files: expect.anything() })
  // What the other half takes is what this one leaves.
  const trusted = { repository: 'octo-org/service', pullRequest: 7, runUrl: null }
  expect(acceptReport(file?.bytes ?? new Uint8Array(), finishedRun({ headSha: 'abc1234' }), trusted)).toMatchObject({ report: { verdict: 'passed' } })
  expect(await machine.left()).toEqual([])
}, 60_000)

test('a run that wrote its comment leaves nothing: the other half would write another', async () => {
  const { main } = await runJob(machine)
  expect(main.exitCode).toBe(0)
  expect(machine.github.comments()).toHaveLength(1)
  expect(notices(main.stdout)).toEqual([])
  expect(await dataFiles()).toEqual([])
}, 60_000)

test('a run that shall not comment leaves nothing either', async () => {
  machine.inputs.comment = 'false'
  await runJob(machine)
  expect(await dataFiles()).toEqual([])
}, 60_000)
