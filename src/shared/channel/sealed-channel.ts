// Messages that only the two ends of one connection can read or write: AES-256-GCM with a key for each direction and
// the number of the message as its nonce, so that none can be forged, repeated, dropped or taken to another place.
import type { Bytes } from './page-key.ts'
import type { TextChannel } from './text-channel.ts'

/** Whole messages both ways, as a WebSocket has them. */
export interface ByteChannel {
  send(bytes: Bytes): void
  onBytes(listener: (bytes: Bytes) => void): void
  onClose(listener: () => void): void
  close(): void
}

export interface SealingKeys {
  readonly sending: Bytes
  readonly receiving: Bytes
}

/** Until the other end has proven itself. */
const maxUnproven = 8
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The messages of a channel one after the other, for a greeting in which each side waits for the other. */
export class Inbox {
  readonly #waiting: Bytes[] = []
  readonly #closeListeners: (() => void)[] = []
  #isClosed = false
  #isProven = false
  #wake: () => void = () => undefined

  constructor(channel: ByteChannel) {
    channel.onBytes((bytes) => {
      this.#waiting.push(bytes)
      if (!this.#isProven && this.#waiting.length > maxUnproven) channel.close()
      this.#wake()
    })
    channel.onClose(() => {
      this.#isClosed = true
      this.#wake()
      for (const listener of this.#closeListeners) listener()
    })
  }

  /** Called also when the channel has closed before, since the greeting takes several turns. */
  onClose(listener: () => void): void {
    if (this.#isClosed) void Promise.resolve().then(listener)
    else this.#closeListeners.push(listener)
  }

  /** Takes away the limit of what may wait. */
  trust(): void {
    this.#isProven = true
  }

  /** Undefined once the channel is closed and nothing waits. One caller at a time. */
  async next(): Promise<Bytes | undefined> {
    while (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#waiting.shift()
  }
}

/** For ends that have proven themselves to each other. */
export async function sealChannel(
  channel: ByteChannel,
  inbox: Inbox,
  keys: SealingKeys,
): Promise<TextChannel> {
  inbox.trust()
  const sending = await importKey(keys.sending, 'encrypt')
  const receiving = await importKey(keys.receiving, 'decrypt')
  let sent = 0
  let lastSend = Promise.resolve()
  const seal = async (text: string) => {
    const iv = nonceOf(sent)
    sent += 1
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, sending, encoder.encode(text)))
  }
  const open = async (number: number, bytes: Bytes) => {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonceOf(number) }, receiving, bytes)
    return decoder.decode(new Uint8Array(plain))
  }
  return {
    send: (text) => {
      lastSend = lastSend.then(async () => channel.send(await seal(text))).catch(() => channel.close())
    },
    onText: (listener) => void deliver(channel, inbox, open, listener),
    onClose: (listener) => inbox.onClose(listener),
    close: () => channel.close(),
  }
}

async function deliver(
  channel: ByteChannel,
  inbox: Inbox,
  open: (number: number, bytes: Bytes) => Promise<string>,
  listener: (text: string) => void,
): Promise<void> {
  try {
    for (let received = 0; ; received += 1) {
      const bytes = await inbox.next()
      if (!bytes) return
      listener(await open(received, bytes))
    }
  } catch {
    // What does not open was not sealed by the other end: nothing that follows can be believed.
    channel.close()
  }
}

function importKey(key: Bytes, usage: 'encrypt' | 'decrypt') {
  return crypto.subtle.importKey('raw', key, { name: 'AES-GCM' }, false, [usage])
}

/** 12 bytes: a counter that never repeats under one key. */
function nonceOf(number: number): Bytes {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setBigUint64(4, BigInt(number))
  return nonce
}
