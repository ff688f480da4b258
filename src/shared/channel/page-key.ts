// The secret that a page of the browser shell and the workbench share, and what both derive from it for one
// connection. The secret itself never travels: each side proves that it holds it by an HMAC over both nonces, and the
// messages that follow are sealed with keys of this connection alone (sealed-channel.ts). So whoever else answers at
// the address, or stands between, learns nothing and can ask nothing.
import { z } from 'zod'

export type Bytes = Uint8Array<ArrayBuffer>

const keyBytes = 32
const encoder = new TextEncoder()

/** 43 characters for 32 bytes, without padding. */
const base64url = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** Page → workbench, first. `key` names the secret without giving it away. */
export const greeting = z.object({ version: z.literal(1), key: base64url, nonce: base64url })
export const refusal = z.object({ refused: z.literal('unknown-key') })
export type Refusal = z.infer<typeof refusal>
/** Workbench → page: its proof; or that it knows no such key, which proves nothing and tells nothing. */
export const serverAnswer = z.union([z.object({ nonce: base64url, proof: base64url }), refusal])
/** Page → workbench. */
export const pageAnswer = z.object({ proof: base64url })

/**
 * Workbench → page, last: the sealed messages begin. As a new page it goes on with the key that both derive, since a
 * link is good for one page. Refused: another page was quicker with the same link.
 */
export const verdict = z.union([z.object({ admitted: z.enum(['new-page', 'known-page']) }), refusal])

/** 32 random bytes. */
export function randomKey(): Bytes {
  return crypto.getRandomValues(new Uint8Array(keyBytes))
}

/** As base64url, without padding. Pure. */
export function encodeBytes(bytes: Bytes): string {
  const base64 = btoa(String.fromCharCode(...bytes))
  return base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Undefined for a text that is not 32 bytes in base64url. */
export function decodeBytes(text: string): Bytes | undefined {
  if (!base64url.safeParse(text).success) return undefined
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** The name under which a key is asked for. */
export async function nameOfKey(key: Bytes): Promise<string> {
  return encodeBytes(await sign(key, 'name'))
}

/** What both nonces make of the secret. The nonces are new on each connection, so a recorded proof is of no use. */
export class Derivation {
  readonly #key: Bytes
  readonly #nonces: readonly Bytes[]

  constructor(key: Bytes, pageNonce: Bytes, serverNonce: Bytes) {
    this.#key = key
    this.#nonces = [pageNonce, serverNonce]
  }

  proof(of: 'workbench' | 'page'): Promise<Bytes> {
    return sign(this.#key, `proof of ${of}`, ...this.#nonces)
  }

  /** In constant time. */
  async isProof(of: 'workbench' | 'page', proof: string): Promise<boolean> {
    const given = decodeBytes(proof)
    if (!given) return false
    return crypto.subtle.verify(
      'HMAC',
      await signingKey(this.#key),
      given,
      joined(`proof of ${of}`, this.#nonces),
    )
  }

  /** Seals what the given side sends. */
  sealingKey(of: 'workbench' | 'page'): Promise<Bytes> {
    return sign(this.#key, `seal of ${of}`, ...this.#nonces)
  }

  /** Replaces the key of a link, which is good for one page. */
  nextKey(): Promise<Bytes> {
    return sign(this.#key, 'key of page', ...this.#nonces)
  }
}

async function sign(key: Bytes, label: string, ...parts: readonly Bytes[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await signingKey(key), joined(label, parts)))
}

function signingKey(key: Bytes) {
  return crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

/** Unambiguous: no label holds a zero byte, and all parts have the same length. */
function joined(label: string, parts: readonly Bytes[]): Bytes {
  const head = encoder.encode(`singleton-workbench ${label}\0`)
  const bytes = new Uint8Array(head.length + parts.length * keyBytes)
  bytes.set(head)
  for (const [index, part] of parts.entries()) bytes.set(part, head.length + index * keyBytes)
  return bytes
}
