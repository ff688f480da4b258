// Whatever a host or page sends is bounded before anybody looks at it: each text, list and record has a maximum, and
// each number a range in which dates, sums and formats of it work.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { desktopContract, desktopNotifications, hostContract, hostNotifications } from './index.ts'
import { progress } from './quantity.ts'

interface Check {
  readonly check?: string
  readonly format?: string
  readonly maximum?: number
  readonly value?: number
  readonly pattern?: RegExp
}

function checksOf(schema: z.core.$ZodType): readonly Check[] {
  const { def } = schema._zod
  return [def as Check, ...(def.checks ?? []).map((check) => check._zod.def as Check)]
}

function has(schema: z.core.$ZodType, test: (check: Check) => boolean): boolean {
  return checksOf(schema).some(test)
}

const hasMaximum = (schema: z.core.$ZodType) =>
  has(schema, ({ check, maximum }) => check === 'max_length' && maximum !== undefined) ||
  typeof z.globalRegistry.get(schema)?.maximum === 'number'
const isSafeInteger = ({ format }: Check) => format === 'safeint'
/** A pattern that ends has a length by itself. */
const isShortByFormat = ({ format, pattern }: Check) =>
  format === 'uuid' || /\{\d+\}\$$/.test(String(pattern?.source))

/** Paths of what has no bound; every schema is looked at once. */
function findUnbounded(schema: z.core.$ZodType, path: string, seen: Set<unknown>): string[] {
  if (seen.has(schema)) return []
  seen.add(schema)
  const inner = (child: z.core.$ZodType, name: string) => findUnbounded(child, `${path}${name}`, seen)
  const { def } = (schema as z.core.$ZodTypes)._zod
  const unbounded = isUnbounded(schema, def.type) ? [`${path}: ${def.type}`] : []
  switch (def.type) {
    case 'array':
      return [...unbounded, ...inner(def.element, '[]')]
    case 'tuple':
      return def.items.flatMap((child, index) => inner(child, `[${index}]`))
    case 'record':
      return [...unbounded, ...inner(def.keyType, '{key}'), ...inner(def.valueType, '{}')]
    case 'object':
      return Object.entries(def.shape).flatMap(([name, child]) => inner(child, `.${name}`))
    case 'union':
      return def.options.flatMap((child, index) => inner(child, `|${index}`))
    case 'lazy':
      return inner(def.getter(), '')
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return inner(def.innerType, '')
    case 'pipe':
      // What goes in is counted; what comes out is looked at.
      return [...(isUnbounded(def.in, def.in._zod.def.type) ? [`${path}: input`] : []), ...inner(def.out, '')]
    default:
      return unbounded
  }
}

const harmless = new Set([
  'boolean',
  'literal',
  'enum',
  'null',
  'object',
  'union',
  'optional',
  'nullable',
  'default',
  'prefault',
])

function isUnbounded(schema: z.core.$ZodType, type: string): boolean {
  switch (type) {
    case 'string':
      return !hasMaximum(schema) && !has(schema, isShortByFormat)
    case 'number':
      return (
        !has(schema, isSafeInteger) &&
        !(
          has(schema, ({ check }) => check === 'less_than') &&
          has(schema, ({ check }) => check === 'greater_than')
        )
      )
    case 'array':
      return !hasMaximum(schema)
    case 'record':
      return !hasMaximum(schema) && !isEnumRecord(schema)
    default:
      return !harmless.has(type)
  }
}

function isEnumRecord(schema: z.core.$ZodType): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod
  return def.type === 'record' && def.keyType._zod.def.type === 'enum'
}

function unboundedOf(schemas: Record<string, z.core.$ZodType>): string[] {
  const seen = new Set<unknown>()
  return Object.entries(schemas).flatMap(([name, schema]) => findUnbounded(schema, name, seen))
}

describe('the bounds of the contracts', () => {
  it('find what has none', () => {
    const schema = z.object({ a: z.string(), b: z.array(z.number().min(0)).optional() })
    expect(unboundedOf({ it: schema })).toEqual(['it.a: string', 'it.b: array', 'it.b[]: number'])
  })

  it('hold all that a host says', () => {
    const results = Object.entries(hostContract).map(([name, { result }]) => [name, result] as const)
    expect(unboundedOf({ ...Object.fromEntries(results), ...hostNotifications, progress })).toEqual([])
  })

  it('hold all that a page asks', () => {
    const params = Object.entries(desktopContract).map(([name, { params }]) => [name, params] as const)
    expect(unboundedOf(Object.fromEntries(params))).toEqual([])
  })

  it('hold all that is asked of a helper and told to a page', () => {
    const asked = Object.entries(hostContract).map(([name, { params }]) => [`${name}?`, params] as const)
    const told = Object.entries(desktopContract).map(([name, { result }]) => [name, result] as const)
    expect(unboundedOf({ ...Object.fromEntries([...asked, ...told]), ...desktopNotifications })).toEqual([])
  })
})
