/**
 * Renews __tests__/fakes/github-openapi.json: the few routes of GitHub's own OpenAPI that the fake GitHub answers.
 *
 * Run by hand: `node scripts/refresh-github-openapi.ts [version of @octokit/openapi]`. The package is 385 MB installed,
 * so it is packed into a temporary folder and never becomes a dependency.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const TARGET = join(import.meta.dirname, '..', '__tests__', 'fakes', 'github-openapi.json')
const SPECIFICATION = 'package/generated/api.github.com.json'

/** Every route of the fake; `/graphql` has no OpenAPI. */
const ROUTES: Record<string, string[]> = {
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['get', 'patch', 'delete'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': ['get'],
  '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': ['get'],
  '/repos/{owner}/{repo}/pulls': ['get'],
  '/user': ['get'],
}

/** Prose and vendor extensions: nothing validates against them, and they are most of the file. */
const PROSE = new Set(['description', 'summary', 'example', 'examples', 'externalDocs', 'title', 'tags', 'discriminator'])

/** Below these keys the names are GitHub's, so that a field called `description` survives. */
const NAME_MAPS = new Set(['properties', 'schemas', 'responses', 'parameters', 'headers', 'content', 'paths'])

function withoutProse(value: Json, namesAreData = false): Json {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item))
  if (value === null || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([key]) => namesAreData || !(PROSE.has(key) || key.startsWith('x-')))
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutProse(item, !namesAreData && NAME_MAPS.has(key))]))
}

function references(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (value === null || typeof value !== 'object') return []
  const own = typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(references)]
}

function at(document: JsonObject, path: string[]): Json {
  return path.reduce<Json>((value, key) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || value[key] === undefined) {
      throw new Error(`GitHub's OpenAPI has no ${path.join(' > ')} any more: adapt ROUTES to what replaced it`)
    }
    return value[key]
  }, document)
}

function prune(document: JsonObject): JsonObject {
  const paths: JsonObject = {}
  for (const [path, methods] of Object.entries(ROUTES)) {
    const operations = methods.map((method) => [method, withoutProse(at(document, ['paths', path, method]))])
    paths[path] = Object.fromEntries(operations) as JsonObject
  }
  const components: Record<string, JsonObject> = {}
  const pending = references(paths)
  for (let reference = pending.pop(); reference !== undefined; reference = pending.pop()) {
    const [kind = '', name = ''] = reference.replace('#/components/', '').split('/')
    if (components[kind]?.[name] !== undefined) continue
    const component = withoutProse(at(document, ['components', kind, name]))
    components[kind] = { ...components[kind], [name]: component }
    pending.push(...references(component))
  }
  return { openapi: at(document, ['openapi']), info: { version: at(document, ['info', 'version']) }, paths, components }
}

function download(version: string): JsonObject {
  const folder = mkdtempSync(join(tmpdir(), 'github-openapi-'))
  try {
    const packed = execFileSync('npm', ['pack', '--json', `@octokit/openapi@${version}`], {
      cwd: folder,
      encoding: 'utf8',
    })
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
    execFileSync('tar', ['-xzf', filename, SPECIFICATION], { cwd: folder })
    return JSON.parse(readFileSync(join(folder, SPECIFICATION), 'utf8')) as JsonObject
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

writeFileSync(TARGET, `${JSON.stringify(prune(download(process.argv[2] ?? 'latest')), null, 1)}\n`)
console.log(`${TARGET}: ${statSync(TARGET).size} bytes`)
