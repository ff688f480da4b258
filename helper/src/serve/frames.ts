// Frames of the protocol: `Content-Length` headers and JSON bodies, cut out of a byte stream within bounds.

import { maxHeaderBytes, readFrameHeader } from '../../../src/shared/channel/frames.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'

export const maxFrameBytes = 8 * 2 ** 20
const headerEnd = Buffer.from('\r\n\r\n')

/** Collects bytes until a frame is whole. Never holds more than one frame; throws a `protocol` Problem on a bad one. */
export class FrameDecoder {
  #header = Buffer.alloc(0)
  #body: Buffer | undefined
  #filledBytes = 0

  /** Calls `onFrame` with the parsed body of each frame that `chunk` completes. */
  decode(chunk: Buffer, onFrame: (value: unknown) => void): void {
    let rest = chunk
    while (rest.length > 0) {
      rest = this.#body === undefined ? this.#takeHeader(rest) : this.#takeBody(this.#body, rest)
      if (this.#body !== undefined && this.#filledBytes === this.#body.length) {
        const body = this.#body
        this.#body = undefined
        onFrame(parseBody(body))
      }
    }
  }

  #takeHeader(chunk: Buffer): Buffer {
    const heldBytes = this.#header.length
    const joined = Buffer.concat([this.#header, chunk.subarray(0, maxHeaderBytes)])
    const end = joined.indexOf(headerEnd)
    if (end === -1) {
      if (joined.length > maxHeaderBytes) throw broken(`a header exceeds ${maxHeaderBytes} bytes`)
      this.#header = joined
      return chunk.subarray(joined.length - heldBytes)
    }
    this.#header = Buffer.alloc(0)
    this.#filledBytes = 0
    this.#body = Buffer.allocUnsafe(parseHeader(joined.toString('latin1', 0, end)))
    return chunk.subarray(end + headerEnd.length - heldBytes)
  }

  #takeBody(body: Buffer, chunk: Buffer): Buffer {
    const takenBytes = chunk.copy(body, this.#filledBytes)
    this.#filledBytes += takenBytes
    return chunk.subarray(takenBytes)
  }
}

/** The length that a header announces, at most `maxFrameBytes`. */
export function parseHeader(text: string): number {
  const header = readFrameHeader(text, maxFrameBytes)
  switch (header.kind) {
    case 'length':
      return header.bytes
    case 'malformed':
      throw broken('a header line is malformed')
    case 'no-single-length':
      throw broken('a header has no single Content-Length')
    case 'no-number':
      throw broken('a Content-Length is not a number')
    case 'too-large':
      throw broken(`a frame of ${header.announced} bytes is announced, ${maxFrameBytes} are allowed`)
  }
}

/** One message as bytes, its length in front, as the Language Server Protocol frames JSON-RPC. */
export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8')
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`, 'latin1'), body])
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw broken('a frame is not JSON in UTF-8', error)
  }
}

function broken(reason: string, cause?: unknown): Problem {
  return new Problem('protocol', `cannot read from the peer: ${reason}`, withValue({ cause }))
}
