// What every process offers alike (Node, Bun, browser), so that shared needs neither DOM nor Node types.
declare class AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}
declare function setTimeout(callback: () => void, milliseconds: number): number
declare function clearTimeout(timer: number | undefined): void
declare const performance: { now(): number }
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean })
  decode(bytes: Uint8Array): string
}
declare function atob(text: string): string
declare function btoa(binary: string): string
declare const crypto: {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>
  readonly subtle: {
    importKey(
      format: 'raw',
      bytes: Uint8Array<ArrayBuffer>,
      algorithm: { name: string; hash?: string },
      extractable: boolean,
      usages: ('sign' | 'verify' | 'encrypt' | 'decrypt')[],
    ): Promise<{ readonly type: string }>
    sign(name: 'HMAC', key: { readonly type: string }, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
    verify(
      name: 'HMAC',
      key: { readonly type: string },
      signature: Uint8Array<ArrayBuffer>,
      bytes: Uint8Array<ArrayBuffer>,
    ): Promise<boolean>
    encrypt(
      algorithm: { name: 'AES-GCM'; iv: Uint8Array<ArrayBuffer> },
      key: { readonly type: string },
      bytes: Uint8Array<ArrayBuffer>,
    ): Promise<ArrayBuffer>
    decrypt(
      algorithm: { name: 'AES-GCM'; iv: Uint8Array<ArrayBuffer> },
      key: { readonly type: string },
      bytes: Uint8Array<ArrayBuffer>,
    ): Promise<ArrayBuffer>
  }
}
