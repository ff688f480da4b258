// What a peer may send: requests, and the cancelling of those that are under way. All else is refused or dropped.
import type { Message, RequestMessage } from 'vscode-jsonrpc'
import { z } from 'zod'

export type RequestId = string | number

const id = z.union([z.string().max(256), z.number()])
const request = z.object({
  jsonrpc: z.literal('2.0'),
  id,
  method: z.string().max(256),
  params: z.record(z.string(), z.unknown()).default({}),
})
const cancel = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.undefined().optional(),
  method: z.literal('$/cancelRequest'),
  params: z.object({ id }),
})

export type Incoming =
  | { readonly kind: 'request'; readonly id: RequestId; readonly message: Message }
  | { readonly kind: 'cancel'; readonly id: RequestId; readonly message: Message }
  | { readonly kind: 'refused'; readonly id: RequestId | null; readonly reason: string }

/** Sorts one parsed frame. Only what has the shape of JSON-RPC 2.0 is handed to the connection. */
export function sortMessage(value: unknown): Incoming {
  const asRequest = request.safeParse(value)
  if (asRequest.success) return { kind: 'request', id: asRequest.data.id, message: asRequest.data }
  const asCancel = cancel.safeParse(value)
  if (asCancel.success) return { kind: 'cancel', id: asCancel.data.params.id, message: asCancel.data }
  const shaped = z.object({ id }).safeParse(value)
  return { kind: 'refused', id: shaped.data?.id ?? null, reason: 'it is not a JSON-RPC 2.0 request' }
}

/** The answer to a frame that is no request. */
export function refusal(to: RequestId | null, reason: string): Message {
  const error = { code: -32600, message: `cannot answer: ${reason}` }
  return { jsonrpc: '2.0', id: to, error } as Message
}

/** Whether the peer waits for an answer. */
export function isRequest(message: Message): message is RequestMessage {
  return 'method' in message && 'id' in message
}
