/**
 * Builds dist: tsc makes JavaScript (ncc cannot compile TypeScript 7 itself), ncc bundles it, and
 * esbuild minifies every chunk, since ncc minifies the entry alone. The same sources give the same
 * bytes. With `--check` it builds elsewhere and fails when the committed dist differs.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { execa } from 'execa'

const root = join(import.meta.dirname, '..')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

/** The package's program: the same bundle in its other role. Plain enough for a Node too old for the rest. */
const program = `#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(\`mlops-pipeline needs Node 24 or newer; this is \${process.versions.node}\`)
  process.exit(3)
}
process.argv.splice(2, 0, 'cli')
await import('./index.js')
`

async function build(out: string): Promise<void> {
  const compiled = join(root, 'build')
  await rm(compiled, { recursive: true, force: true })
  await rm(out, { recursive: true, force: true })
  await execa(bin('tsc'), ['-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
  await execa(bin('ncc'), ['build', join(compiled, 'index.js'), '-o', out, '--license', 'licenses.txt', '--quiet'], { stdio: 'inherit', cwd: root })
  for (const name of await readdir(out)) {
    if (!name.endsWith('.js')) continue
    const path = join(out, name)
    const { code } = await transform(await readFile(path, 'utf8'), { minify: true, format: 'esm', target: 'node24', legalComments: 'none' })
    await writeFile(path, code)
  }
  await writeFile(join(out, 'cli.js'), program, { mode: 0o755 })
}

async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => entry.name)
  return new Map(await Promise.all(names.toSorted().map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)))
}

const committed = join(root, 'dist')
if (process.argv.includes('--check')) {
  const fresh = await mkdtemp(join(tmpdir(), 'dist-'))
  try {
    await build(fresh)
    const [before, after] = [await contents(committed), await contents(fresh)]
    const differing = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))
    for (const name of differing) console.error(`dist/${name} is not what the sources make; run: npm run dist`)
    process.exitCode = differing.length > 0 ? 1 : 0
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
} else {
  await build(committed)
}
