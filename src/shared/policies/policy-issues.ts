// Says, for an issue of a policy file, at which key it is and what is allowed there.
import { z } from 'zod'

type Issue = z.core.$ZodIssue

/** `scrub.guards.dirty: got "no", allowed: leave, flush`. Never throws, whatever `raw` holds. */
export function explainIssue(schema: z.ZodType, issue: Issue, raw: unknown): string {
  const where = issue.path.length === 0 ? 'the file' : issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(schema, issue.path, raw)
    return `${where}: unknown ${issue.keys.map(quote).join(', ')}, allowed: ${allowed.join(', ')}`
  }
  return `${where}: got ${quote(valueAt(raw, issue.path))}, ${allowedBy(issue, schema, raw)}`
}

function allowedBy(issue: Issue, schema: z.ZodType, raw: unknown): string {
  switch (issue.code) {
    case 'invalid_value':
      return `allowed: ${issue.values.map(String).join(', ')}`
    case 'invalid_union':
      return `allowed: ${discriminators(schema, issue.path, raw).join(', ')}`
    case 'invalid_type':
      return `expected ${issue.expected}`
    case 'too_small':
      return `allowed: ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}${lengthOf(issue.origin)}`
    case 'too_big':
      return `allowed: ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${lengthOf(issue.origin)}`
    case 'invalid_key':
      return 'allowed as keys: absolute paths of images'
    default:
      return issue.message
  }
}

function lengthOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : ''
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[], raw: unknown): string[] {
  const found = descend(schema, path, raw)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

function discriminators(schema: z.ZodType, path: readonly PropertyKey[], raw: unknown): string[] {
  const found = descend(schema, path.slice(0, -1), raw)
  if (!(found instanceof z.ZodDiscriminatedUnion)) return []
  return found.options.flatMap((option) => modeOf(option))
}

/** The schema that applies at `path`, choosing union members by the mode that `raw` names. */
function descend(schema: z.ZodType, path: readonly PropertyKey[], raw: unknown): z.ZodType {
  let here = chosen(bare(schema), raw)
  path.forEach((key, depth) => {
    if (!(here instanceof z.ZodObject)) return
    const next: unknown = here.shape[String(key)]
    if (next instanceof z.ZodType) here = chosen(bare(next), valueAt(raw, path.slice(0, depth + 1)))
  })
  return here
}

function bare(schema: z.ZodType): z.ZodType {
  let here = schema
  while (here instanceof z.ZodPrefault || here instanceof z.ZodDefault || here instanceof z.ZodOptional) {
    const inner: unknown = here.unwrap()
    if (!(inner instanceof z.ZodType)) return here
    here = inner
  }
  return here
}

function chosen(schema: z.ZodType, raw: unknown): z.ZodType {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema
  const mode = valueAt(raw, ['mode'])
  const option = schema.options.find((candidate) => modeOf(candidate).includes(String(mode)))
  return option instanceof z.ZodType ? option : schema
}

function modeOf(option: unknown): string[] {
  if (!(option instanceof z.ZodObject)) return []
  const mode: unknown = option.shape.mode
  return mode instanceof z.ZodLiteral ? [...mode.values].map(String) : []
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let here = raw
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = Reflect.get(here, key)
  }
  return here
}

function quote(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
