// The page's part of the greeting: whoever answers has to prove to be the workbench that gave this page its key,
// before the page sends anything or believes anything.
import type { z } from 'zod'
import {
  type Bytes,
  Derivation,
  decodeBytes,
  encodeBytes,
  nameOfKey,
  type Refusal,
  randomKey,
  refusal,
  serverAnswer,
  verdict,
} from '../../shared/channel/page-key.ts'
import { type ByteChannel, Inbox, sealChannel } from '../../shared/channel/sealed-channel.ts'
import type { TextChannel } from '../../shared/channel/text-channel.ts'
import { LinkFailure } from './link-failure.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const answersWithinMs = 10_000

export interface ProvenChannel {
  readonly channel: TextChannel
  /** To be used from now on: that of a link is used up. */
  readonly pageKey: Bytes
}

/** Rejects with a `LinkFailure`. What went out by then: the key's name, a random number and, once proven, our proof. */
export async function proveToWorkbench(channel: ByteChannel, key: Bytes): Promise<ProvenChannel> {
  const timer = setTimeout(() => channel.close(), answersWithinMs)
  try {
    return await greet(channel, key)
  } catch (error) {
    channel.close()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function greet(channel: ByteChannel, key: Bytes): Promise<ProvenChannel> {
  const inbox = new Inbox(channel)
  const nonce = randomKey()
  sendJson(channel, { version: 1, key: await nameOfKey(key), nonce: encodeBytes(nonce) })
  const answer = await receive(inbox, serverAnswer)
  const serverNonce = decodeBytes(answer.nonce)
  if (!serverNonce) throw new LinkFailure('unproven')
  const derived = new Derivation(key, nonce, serverNonce)
  if (!(await derived.isProof('workbench', answer.proof))) throw new LinkFailure('unproven')
  inbox.trust()
  sendJson(channel, { proof: encodeBytes(await derived.proof('page')) })
  const { admitted } = await receive(inbox, verdict)
  const sealed = await sealChannel(channel, inbox, {
    sending: await derived.sealingKey('page'),
    receiving: await derived.sealingKey('workbench'),
  })
  return { channel: sealed, pageKey: admitted === 'new-page' ? await derived.nextKey() : key }
}

async function receive<T>(inbox: Inbox, schema: z.ZodType<T>): Promise<Exclude<T, Refusal>> {
  const bytes = await inbox.next()
  if (!bytes) throw new LinkFailure('unreachable')
  const json = readJson(bytes)
  if (refusal.safeParse(json).success) throw new LinkFailure('refused')
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new LinkFailure('unproven')
  return parsed.data as Exclude<T, Refusal>
}

function sendJson(channel: ByteChannel, value: object): void {
  channel.send(encoder.encode(JSON.stringify(value)))
}

/** Undefined for what is no JSON. */
function readJson(bytes: Bytes): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
}
