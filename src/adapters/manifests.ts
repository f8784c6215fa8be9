import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubernetesObject } from '../stages/kubernetes.ts'

/** Values for a template's `${name}` places. */
export type TemplateValues = Readonly<Record<string, string | number>>

/**
 * Reads a manifest and fills in its `${name}` places. Places are filled in the parsed YAML, never
 * in its text, so that no value can change the structure; a place that is a whole scalar takes the
 * value's own type.
 * @param root folder of the action, which holds `manifests`
 * @throws Error naming the file for broken YAML or a place without a value
 */
export async function readManifest(root: string, file: string, values: TemplateValues): Promise<KubernetesObject[]> {
  const { parseAllDocuments } = await import('yaml')
  const documents = parseAllDocuments(await readFile(join(root, 'manifests', file), 'utf8'))
  if (!Array.isArray(documents)) return []
  return documents.map((document) => {
    const [error] = document.errors
    if (error) throw new Error(`manifests/${file}: ${error.message}`)
    return fill(document.toJS(), values, file) as KubernetesObject
  })
}

function fill(value: unknown, values: TemplateValues, file: string): unknown {
  if (typeof value === 'string') return fillText(value, values, file)
  if (Array.isArray(value)) return value.map((item) => fill(item, values, file))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [fillText(key, values, file), fill(item, values, file)]))
}

function fillText(text: string, values: TemplateValues, file: string): string | number {
  const look = (name: string): string | number => {
    const value = values[name]
    if (value === undefined) throw new Error(`manifests/${file}: nothing is given for \${${name}}`)
    return value
  }
  const whole = /^\$\{([\w-]+)\}$/.exec(text)
  if (whole) return look(whole[1] as string)
  return text.replace(/\$\{([\w-]+)\}/g, (_, name: string) => String(look(name)))
}
