import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

interface Parameter {
  name: string
  in: 'path' | 'query'
  required?: boolean
  schema: object
}
interface Media {
  content?: Record<string, { schema: object }>
}
interface Operation {
  parameters?: Array<Parameter | Reference>
  requestBody?: Media
  responses: Record<string, Media | Reference>
}
interface Reference {
  $ref: string
}
interface Document {
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, unknown>>
}

/** One route of the specification, matched to a request. */
export interface MatchedOperation {
  /** `GET /repos/{owner}/…`, GitHub's own spelling. */
  name: string
  /** Path parameters, coerced to the type GitHub gives them once `request` has run. */
  path: Record<string, unknown>
  /** Query parameters, likewise coerced, with GitHub's defaults filled in. */
  query: Record<string, unknown>
  /** What is wrong with the request; empty if it is valid. Unknown query and body fields count, though GitHub would ignore them. */
  request(body: unknown): string[]
  /** What is wrong with a response; empty if it is valid or the specification does not know the status. */
  response(status: number, body: unknown): string[]
}

/**
 * Reads a pruned OpenAPI document and returns a function that finds the operation of a request, or undefined.
 * Schemas are compiled when first needed and kept.
 */
export function readOpenApi(file = join(import.meta.dirname, 'github-openapi.json')) {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document
  // Parameters arrive as text and take their type from the schema; bodies are JSON and must already have it.
  const parameterSchemas = compiler(document, true)
  const bodySchemas = compiler(document, false)
  const resolve = <T extends object>(value: T | Reference): T => {
    if (!('$ref' in value)) return value
    const [kind = '', name = ''] = value.$ref.replace('#/components/', '').split('/')
    return document.components[kind]?.[name] as T
  }

  return (method: string, url: URL): MatchedOperation | undefined => {
    for (const [template, operations] of Object.entries(document.paths)) {
      const operation = operations[method.toLowerCase()]
      const path = operation && matchPath(template, url.pathname)
      if (!path) continue
      const name = `${method} ${template}`
      const query: Record<string, unknown> = Object.fromEntries(url.searchParams)
      const parameters = (operation.parameters ?? []).map((parameter) => resolve(parameter))
      const bodySchema = operation.requestBody?.content?.['application/json']?.schema
      return {
        name,
        path,
        query,
        request: (body) => [
          ...parameterSchemas(`${name} path`, closedObject(parameters, 'path'))('path', path),
          ...parameterSchemas(`${name} query`, closedObject(parameters, 'query'))('query', query),
          ...(bodySchema ? bodySchemas(`${name} body`, { additionalProperties: false, ...bodySchema })('body', body) : []),
        ],
        response: (status, body) => {
          const declared = operation.responses[String(status)]
          const schema = declared && resolve(declared).content?.['application/json']?.schema
          return schema ? bodySchemas(`${name} ${status}`, schema)(`response ${status}`, body) : []
        },
      }
    }
    return undefined
  }
}

function compiler(document: Document, coerceTypes: boolean) {
  const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes, useDefaults: coerceTypes })
  formats.default(ajv)
  ajv.addSchema({ $id: 'github', components: document.components })
  const compiled = new Map<string, ValidateFunction>()
  return (key: string, schema: object) => {
    const validate = compiled.get(key) ?? ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"github#/components/')))
    compiled.set(key, validate)
    return (part: string, value: unknown): string[] =>
      validate(value) ? [] : (validate.errors ?? []).map((error) => `${part}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)
  }
}

function closedObject(parameters: Parameter[], where: Parameter['in']): object {
  const own = parameters.filter((parameter) => parameter.in === where)
  return {
    type: 'object',
    properties: Object.fromEntries(own.map((parameter) => [parameter.name, parameter.schema])),
    required: own.filter((parameter) => parameter.required).map((parameter) => parameter.name),
    additionalProperties: false,
  }
}

function matchPath(template: string, pathname: string): Record<string, unknown> | undefined {
  const names = template.split('/')
  const values = pathname.split('/')
  if (names.length !== values.length) return undefined
  const path: Record<string, unknown> = {}
  for (const [index, name] of names.entries()) {
    const value = decodeURIComponent(values[index] ?? '')
    if (name.startsWith('{')) path[name.slice(1, -1)] = value
    else if (name !== value) return undefined
  }
  return path
}
