// docs/protocol.md, generated from the two contracts: every method with its effect, parameters and result.
import { z } from 'zod'
import { desktopContract, desktopNotifications } from '../../src/shared/contract/desktop-contract.ts'
import { hostContract, hostProtocol } from '../../src/shared/contract/host-contract.ts'
import type { Contract, Notifications } from '../../src/shared/contract/method.ts'
import { problemCodes } from '../../src/shared/problem.ts'

interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly $ref?: string
}

/** Deeper fields are in the schema files that the page names. */
const MAX_DEPTH = 2

/** The whole page. */
export function describeProtocol(): string {
  return `# Protocol

Generated from \`src/shared/contract\` by \`npm run format\`; a test fails when it is stale. JSON-RPC 2.0 on every hop;
\`effect\` *change* is refused for hosts in observe mode by main, and again by a helper started with \`--read-only\`.
\`field?\` may be absent: *not reported by this host*. The schemas hold bounds and reasons for absence.

## Host contract

What main asks of a helper, over SSH or a child process. Protocol ${hostProtocol}; in front of it stands the preamble
\`singleton-helper <protocol> <build digest>\`. Long methods report \`$/progress\` and take \`$/cancelRequest\`.

${methodTable(hostContract)}

## Desktop contract

What the page asks of main, over a MessagePort (Electron) or a WebSocket (browser shell).

${methodTable(desktopContract)}

### Notifications from main to the page

${notificationTable(desktopNotifications)}

## Problems

An error's \`data\` is a Problem: \`code\`, \`message\`, \`remedy\` where there is one, and \`cause\`. Codes:
${problemCodes.map((code) => `\`${code}\``).join(', ')}.
`
}

function methodTable(contract: Contract): string {
  const rows = Object.entries(contract).map(
    ([name, { effect, params, result }]) =>
      `| \`${name}\` | ${effect} | ${shapeOf(params, 'input')} | ${shapeOf(result, 'output')} |`,
  )
  return ['| method | effect | parameters | result |', '|---|---|---|---|', ...rows].join('\n')
}

function notificationTable(notifications: Notifications): string {
  const rows = Object.entries(notifications).map(
    ([name, value]) => `| \`${name}\` | ${shapeOf(value, 'output')} |`,
  )
  return ['| notification | value |', '|---|---|', ...rows].join('\n')
}

function shapeOf(schema: z.ZodType, io: 'input' | 'output'): string {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
  return `\`${describeShape(json, 0).replaceAll('|', '\\|')}\``
}

function describeShape(schema: JsonSchema, depth: number): string {
  if (schema.$ref !== undefined) return '…'
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined)
    return [...new Set(choices.map((choice) => describeShape(choice, depth)))].join(' | ')
  if (schema.type === 'array') return `${describeShape(schema.items ?? {}, depth)}[]`
  if (schema.type === 'object') return describeObject(schema, depth)
  return schema.type ?? 'any'
}

function describeObject(schema: JsonSchema, depth: number): string {
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) {
    const values = schema.additionalProperties
    return typeof values === 'object' ? `{ [name]: ${describeShape(values, depth + 1)} }` : '{}'
  }
  if (depth >= MAX_DEPTH) return '{ … }'
  const required = new Set(schema.required ?? [])
  const parts = fields.map(([name, value]) => {
    const mark = required.has(name) ? '' : '?'
    return depth + 1 >= MAX_DEPTH ? `${name}${mark}` : `${name}${mark}: ${describeShape(value, depth + 1)}`
  })
  return `{ ${parts.join(', ')} }`
}
