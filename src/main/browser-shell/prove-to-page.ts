// The workbench's part of the greeting: it proves to the page that it is the workbench, and lets the page prove that
// it may speak, before either says anything else.
import {
  Derivation,
  decodeBytes,
  encodeBytes,
  greeting,
  pageAnswer,
  randomKey,
} from '../../shared/channel/page-key.ts'
import { type ByteChannel, Inbox, sealChannel } from '../../shared/channel/sealed-channel.ts'
import type { TextChannel } from '../../shared/channel/text-channel.ts'
import type { PageKeys } from './page-keys.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
/** No message of a greeting is longer. */
const longestGreetingBytes = 512

/** The sealed channel to a page that has proven itself; undefined, and the channel closed, for anything else. */
export async function proveToPage(channel: ByteChannel, keys: PageKeys): Promise<TextChannel | undefined> {
  const inbox = new Inbox(channel)
  try {
    const sealed = await greet(channel, inbox, keys)
    if (!sealed) channel.close()
    return sealed
  } catch (error) {
    channel.close()
    throw error
  }
}

async function greet(channel: ByteChannel, inbox: Inbox, keys: PageKeys): Promise<TextChannel | undefined> {
  const hello = greeting.safeParse(readJson(await inbox.next())).data
  const pageNonce = hello && decodeBytes(hello.nonce)
  if (!hello || !pageNonce) return undefined
  const key = keys.find(hello.key)
  if (!key) return refuse(channel)
  const nonce = randomKey()
  const derived = new Derivation(key, pageNonce, nonce)
  sendJson(channel, { nonce: encodeBytes(nonce), proof: encodeBytes(await derived.proof('workbench')) })
  const answer = pageAnswer.safeParse(readJson(await inbox.next())).data
  if (!answer || !(await derived.isProof('page', answer.proof))) return undefined
  const admitted = await keys.admit(hello.key, await derived.nextKey())
  if (!admitted) return refuse(channel)
  sendJson(channel, { admitted })
  return sealChannel(channel, inbox, {
    sending: await derived.sealingKey('workbench'),
    receiving: await derived.sealingKey('page'),
  })
}

function refuse(channel: ByteChannel): undefined {
  sendJson(channel, { refused: 'unknown-key' })
}

function sendJson(channel: ByteChannel, value: object): void {
  channel.send(encoder.encode(JSON.stringify(value)))
}

/** Undefined for what is no JSON, or too long for a greeting. */
function readJson(bytes: Uint8Array | undefined): unknown {
  if (!bytes || bytes.length > longestGreetingBytes) return undefined
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
}
