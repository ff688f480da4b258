// Documents of a contract whose every text is one that a hostile guest or host would choose, made from its schema.
import { z } from 'zod'

interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

/** `turn` chooses among alternatives: all of them come up in some turn. Optional parts are there, lists have two items. */
export function documentOf(schema: z.ZodType, text: string, turn: number): unknown {
  const json = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as JsonSchema
  return makeValue(json, text, turn)
}

function makeValue(schema: JsonSchema, text: string, turn: number): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[turn % schema.enum.length]
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return makeValue(either[turn % either.length] ?? {}, text, turn)
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((part) => makeValue(part, text, turn)))
  switch (schema.type) {
    case 'object':
      return makeObject(schema, text, turn)
    case 'array':
      return (schema.prefixItems ?? [schema.items ?? {}, schema.items ?? {}]).map((item) =>
        makeValue(item, text, turn),
      )
    case 'number':
    case 'integer':
      return Math.min(
        schema.maximum ?? 1,
        Math.max(1, schema.minimum ?? 0, (schema.exclusiveMinimum ?? 0) + 1),
      )
    case 'boolean':
      return turn % 2 === 0
    case 'null':
      return null
    default:
      return text
  }
}

function makeObject({ properties, additionalProperties }: JsonSchema, text: string, turn: number): unknown {
  const entries = Object.entries(properties ?? {}).map(([key, of]) => [key, makeValue(of, text, turn)])
  if (typeof additionalProperties === 'object')
    entries.push([text, makeValue(additionalProperties, text, turn)])
  return Object.fromEntries(entries)
}
