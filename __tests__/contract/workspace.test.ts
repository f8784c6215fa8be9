import '../fakes/realm.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readWorkspaceFile } from '../../src/adapters/workspace.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workspace-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('a file of the workspace', () => {
  test('is read by its path from there, or by its whole path', async () => {
    await writeFile(join(folder, 'kind.yaml'), 'kind: Cluster\n')
    expect(readWorkspaceFile(folder, 'kind.yaml')).toBe('kind: Cluster\n')
    expect(readWorkspaceFile('/somewhere/else', join(folder, 'kind.yaml'))).toBe('kind: Cluster\n')
  })

  test('that is not there is most often a forgotten checkout', () => {
    expect(() => readWorkspaceFile(folder, 'kind.yaml')).toThrow(`it does not exist in ${folder}; check out the repository first`)
  })

  test('must be a file, and a small one', async () => {
    await writeFile(join(folder, 'large'), Buffer.alloc(1024 * 1024 + 1))
    expect(() => readWorkspaceFile(folder, '.')).toThrow('it is no file')
    expect(() => readWorkspaceFile(folder, 'large')).toThrow('it is larger than 1024 KiB')
  })
})
