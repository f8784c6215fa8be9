import '../../fakes/realm.ts'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { imageRepositories, type PinnedImageName, pinTable, toolVersions } from '../../../src/config/pins.ts'
import { type Platform, type ToolName, toolSource } from '../../../src/stages/tools/tool.ts'
import { status } from '../../fakes/downloads.ts'
import { registryPath, startPublishers, tagOf } from '../../fakes/publishers.ts'

let host: Awaited<ReturnType<typeof startPublishers>>
beforeEach(async () => {
  host = await startPublishers()
})
afterEach(() => host.close())

describe('the commands', () => {
  const script = join(import.meta.dirname, '../../../scripts/pins.ts')
  const run = (args: readonly string[]) => execa(process.execPath, [script, ...args], { env: { PINS_STAND_IN: host.url }, reject: false })

  // They read the real table, whose figures are not what the fake publishers state.
  beforeEach(() => {
    host.publishKind(toolVersions.kind, Object.keys(pinTable.nodeImages))
    host.publishK6(toolVersions.k6)
  })

  test('pins:check ends with 1 for other bytes, a line each', async () => {
    const { exitCode, stderr } = await run(['--check'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^error: kind\/\d+\.\d+\.\d+\/linux-amd64 has other bytes: pinned is [0-9a-f]{64}, /m)
  }, 30_000)

  test.each([
    ['pins:check', ['--check'], 'Not every pin could be compared.'],
    ['pins', [], 'Nothing was changed.'],
  ])(
    '%s ends with 2 when a publisher has no answer',
    async (_, args, message) => {
      for (const release of ['latest', `tags/v${toolVersions.kind}`]) host.put(`/api.github.com/repos/kubernetes-sigs/kind/releases/${release}`, status(404))
      for (const file of Object.keys(pinTable.files)) host.put(checksumPath(file), status(404))
      for (const name of Object.keys(imageRepositories) as PinnedImageName[]) host.put(`${registryPath(name)}/manifests/${tagOf(name)}`, status(404))
      const { exitCode, stderr } = await run(args)
      expect(exitCode).toBe(2)
      expect(stderr).toContain('releases/latest answered 404')
      expect(stderr).toContain(message)
    },
    30_000,
  )
})

/** Where the stand-in has the checksum of a file of the table. */
function checksumPath(file: string): string {
  const [name, version = '', platform = ''] = file.split('/')
  const [os, arch] = platform.split('-')
  const { checksumUrl } = toolSource(name as ToolName, version, { os, arch } as Platform)
  return checksumUrl.replace('https:/', '')
}
