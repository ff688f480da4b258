// The thread that parses large answers of helpers: a host is free to send what takes long to read, and main must go on
// with the other hosts at the same time.
import { parentPort } from 'node:worker_threads'
import { z } from 'zod'
import { hostContract } from '../../shared/contract/host-contract.ts'
import { asProblem } from '../../shared/problem.ts'
import { parseResult, problemErrorCode } from '../../shared/rpc.ts'
import type { AnswerReply, AnswerRequest } from './answer-messages.ts'
import { type CutArray, cutArrays, pieceItems } from './answer-pieces.ts'

/** Only an answer may be large: nothing else that a helper says is. */
const answer = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.number(), z.string().max(64)]),
  result: z.unknown(),
})

let pieces: Iterator<AnswerReply> = emptyPieces()

parentPort?.on('message', (request: AnswerRequest) => {
  if (request.kind === 'next') reply(pieces.next().value ?? { kind: 'end' })
  else reply(parse(request.bytes, request.methods))
})

function reply(message: AnswerReply): void {
  parentPort?.postMessage(message)
}

function parse(bytes: Uint8Array, methods: ReadonlyMap<number | string, string>): AnswerReply {
  pieces = emptyPieces()
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    return { kind: 'failed', reason: `it sends invalid JSON: ${(error as Error).message.slice(0, 200)}` }
  }
  const parsed = answer.safeParse(json)
  const method = parsed.data && methods.get(parsed.data.id)
  if (!parsed.data || method === undefined) {
    return { kind: 'failed', reason: `it sends ${bytes.length} bytes that answer no request` }
  }
  const { jsonrpc, id, result } = parsed.data
  try {
    const { rest, cut } = cutArrays(parseResult(hostContract, method as keyof typeof hostContract, result))
    pieces = piecesOf(cut)
    return { kind: 'message', message: { jsonrpc, id, result: rest }, isParsed: true }
  } catch (error) {
    const problem = asProblem(error)
    const failure = { code: problemErrorCode, message: problem.message, data: problem.toData() }
    return { kind: 'message', message: { jsonrpc, id, error: failure }, isParsed: false }
  }
}

function* piecesOf(cut: readonly CutArray[]): Generator<AnswerReply> {
  for (const { path, items } of cut) {
    for (let from = 0; from < items.length; from += pieceItems) {
      yield { kind: 'piece', path, items: items.slice(from, from + pieceItems) }
    }
  }
}

function* emptyPieces(): Generator<AnswerReply> {
  // Nothing follows.
}
