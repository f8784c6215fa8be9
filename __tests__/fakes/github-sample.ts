import { readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly nullable?: boolean
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

const { components } = JSON.parse(readFileSync(join(import.meta.dirname, 'github-openapi.json'), 'utf8')) as { components: { schemas: Record<string, Schema> } }

/** An object of one of GitHub's schemas with every field that must be there and nothing of interest in it. */
export function sampleOf(name: string): Record<string, unknown> {
  return sample({ $ref: `#/components/schemas/${name}` }) as Record<string, unknown>
}

function sample(schema: Schema): unknown {
  if (schema.$ref) return sample(components.schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {})
  if (schema.nullable) return null
  if (schema.enum) return schema.enum[0]
  const [choice] = schema.oneOf ?? schema.anyOf ?? []
  if (choice) return sample(choice)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map(sample)) as unknown
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return false
    case 'array':
      return []
    case 'string':
      return schema.format === 'uri' ? 'https://github.example/' : schema.format === 'date-time' ? '2026-11-22T08:01:02Z' : 'text'
    default:
      return Object.fromEntries((schema.required ?? []).map((key) => [key, sample(schema.properties?.[key] ?? {})]))
  }
}
