import '../fakes/realm.ts'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { prepareOutput } from '../../src/cli/output.ts'
import { forgetStanding, readStanding, type StandingRecord, standingFolder, standingOf, writeStanding } from '../../src/cli/standing.ts'
import { recordOf } from '../unit/runs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-files-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the folder of a report', () => {
  test('is made when it is not there', () => {
    const output = join(folder, 'deep', 'report')
    expect(prepareOutput(output)).toEqual({ folder: output })
    expect(existsSync(output)).toBe(true)
  })

  test('loses what an earlier report left there, and nothing else', () => {
    for (const name of ['evidence', 'services']) mkdirSync(join(folder, name))
    for (const name of ['report.json', 'report.html', 'report.md', 'junit.xml', 'dashboard.html', 'k6.log', 'notes.txt']) writeFileSync(join(folder, name), '')
    expect(prepareOutput(folder)).toEqual({ folder })
    expect(readdirSync(folder)).toEqual(['notes.txt'])
  })

  test('is refused when it was never ours', () => {
    // Other tools write files of this name, too.
    for (const name of ['junit.xml', 'package.json']) writeFileSync(join(folder, name), '')
    expect(prepareOutput(folder)).toEqual({ problem: expect.stringMatching(/holds other things; expected a new folder/) })
    expect(readdirSync(folder).sort()).toEqual(['junit.xml', 'package.json'])
  })

  test('is refused when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(prepareOutput(join(folder, 'file'))).toEqual({ problem: expect.stringMatching(/file cannot be written: /) })
  })
})

describe('what stands', () => {
  const cluster = { name: 'mine', engine: 'podman' as const, kind: '/bin/kind', kubeconfig: '/k' }
  const record: StandingRecord = { schemaVersion: 1, name: 'mine', environment: 'kind', standing: null, cluster, processes: [] }
  const env = () => ({ XDG_STATE_HOME: folder })

  test('is found again by its name, readable by its owner alone, and forgotten as a whole', async () => {
    writeStanding(record, env())
    expect(readStanding('mine', env())).toEqual(record)
    expect(readStanding('other', env())).toBeNull()
    expect((await stat(join(standingFolder('mine', env()), 'standing.json'))).mode & 0o777).toBe(0o600)
    forgetStanding('mine', env())
    expect(readStanding('mine', env())).toBeNull()
    expect(existsSync(standingFolder('mine', env()))).toBe(false)
  })

  test.each([
    ['half a file', '{"schemaVersion": 1, "na'],
    ['another version', '{"schemaVersion": 2}'],
  ])('is nothing when its file is %s', (_, text) => {
    mkdirSync(standingFolder('mine', env()), { recursive: true })
    writeFileSync(join(standingFolder('mine', env()), 'standing.json'), text)
    expect(readStanding('mine', env())).toBeNull()
  })

  test('can be asked once it has an ingress and services', () => {
    expect(standingOf(recordOf(), cluster)).toMatchObject({
      baseUrl: 'http://127.0.0.1',
      kubeconfig: '/k',
      ingress: 'nginx',
      services: { routes: [{ name: 'foo' }, { name: 'bar' }] },
    })
    expect(standingOf(recordOf({ ingress: { data: null } }), cluster)).toBeNull()
    expect(standingOf(recordOf({ services: { data: null } }), cluster)).toBeNull()
  })
})
