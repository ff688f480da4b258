// Asks an SSH agent for its keys itself, because ssh2 skips those it cannot parse without a word.
import { createConnection } from 'node:net'
import type { ParsedKey } from 'ssh2'
import { oneLine } from '../../shared/text/printable.ts'
import { explainType, parseKeyText, type UnusableKey } from './key-file.ts'
import { readKeyType } from './known-hosts.ts'

const requestIdentitiesMessage = 11
const identitiesAnswerMessage = 12
const maxAnswerBytes = 1024 * 1024
const timeoutMs = 10_000

export interface AgentKeys {
  readonly keys: readonly ParsedKey[]
  readonly unusable: readonly UnusableKey[]
}

/** Rejects when there is no agent at `socketPath`, or when it does not answer within 10 s. */
export async function listAgentKeys(socketPath: string): Promise<AgentKeys> {
  const keys: ParsedKey[] = []
  const unusable: UnusableKey[] = []
  for (const { key, comment } of parseIdentities(await requestIdentities(socketPath))) {
    const parsed = parseKeyText(key)
    if (!(parsed instanceof Error)) keys.push(parsed)
    else unusable.push({ name: `agent key "${comment}"`, reason: explainType(readKeyType(key) ?? 'unknown') })
  }
  return { keys, unusable }
}

function requestIdentities(socketPath: string): Promise<Buffer> {
  const socket = createConnection(socketPath)
  let received = Buffer.alloc(0)
  return new Promise<Buffer>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error('the agent does not answer')))
    socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 1, requestIdentitiesMessage])))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the agent closed the connection')))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 4) return
      const length = received.readUInt32BE(0)
      if (length > maxAnswerBytes) reject(new Error('the agent answers too much'))
      else if (received.length >= 4 + length) resolve(received.subarray(4, 4 + length))
    })
  }).finally(() => socket.destroy())
}

/** Pure: the body of SSH_AGENT_IDENTITIES_ANSWER; a locked agent answers with none. */
function parseIdentities(body: Buffer): { key: Buffer; comment: string }[] {
  if (body[0] !== identitiesAnswerMessage || body.length < 5) return []
  const found: { key: Buffer; comment: string }[] = []
  let at = 5
  const readString = (): Buffer | undefined => {
    if (body.length < at + 4) return undefined
    const end = at + 4 + body.readUInt32BE(at)
    const value = end <= body.length ? body.subarray(at + 4, end) : undefined
    at = end
    return value
  }
  for (let left = body.readUInt32BE(1); left > 0; left -= 1) {
    const key = readString()
    const comment = readString()
    if (key === undefined || comment === undefined) break
    found.push({ key, comment: oneLine(comment.toString('utf8', 0, 1024), 256) })
  }
  return found
}
