// Stands before the JSON-RPC reader: skips login noise up to the preamble, then passes on the bodies of whole,
// moderate frames, one object each. A peer that breaks these rules is cut off.
import { Transform, type TransformCallback } from 'node:stream'
import { Allowance } from '../../shared/channel/allowance.ts'
import { maxHeaderBytes, readFrameHeader } from '../../shared/channel/frames.ts'
import { Problem } from '../../shared/problem.ts'

export interface PeerLimits {
  readonly noiseBytes: number
  readonly frameBytes: number
  /** Frames at once, and how many more come to be allowed each second. */
  readonly burstFrames: number
  readonly framesPerSecond: number
  /** The same for what the frames hold together. */
  readonly burstBytes: number
  readonly bytesPerSecond: number
  /** A frame that has begun must go on within this time. */
  readonly stallMs: number
}

export const peerLimits: PeerLimits = {
  noiseBytes: 64 * 1024,
  // The largest honest answer, an assessment of 256 guests that all share, has 3 MiB.
  frameBytes: 8 * 1024 * 1024,
  burstFrames: 5000,
  framesPerSecond: 1000,
  burstBytes: 64 * 1024 * 1024,
  bytesPerSecond: 4 * 1024 * 1024,
  stallMs: 30_000,
}

export interface Preamble {
  readonly protocol: number
  readonly digest: string
}

const headerEnd = Buffer.from('\r\n\r\n')
const maxPreambleBytes = 256
const newline = 10

/** Destroys itself with a `protocol` Problem; what it passes on begins after the preamble. */
export class PeerGuard extends Transform {
  readonly #limits: PeerLimits
  readonly #label: string
  readonly #onPreamble: (preamble: Preamble) => void
  #state: 'noise' | 'header' | 'body' = 'noise'
  #held: Buffer = Buffer.alloc(0)
  #noiseBytes = 0
  /** Of the frame that has begun: one piece of memory, into however many pieces the peer cuts it. */
  #body: Buffer = Buffer.alloc(0)
  #bodyBytes = 0
  #bodyLeft = 0
  readonly #frames: Allowance
  readonly #bytes: Allowance
  #stall: ReturnType<typeof setTimeout> | undefined

  constructor(label: string, onPreamble: (preamble: Preamble) => void, limits: PeerLimits = peerLimits) {
    super({ readableObjectMode: true })
    this.#label = label
    this.#onPreamble = onPreamble
    this.#limits = limits
    this.#frames = new Allowance(limits.burstFrames, limits.framesPerSecond)
    this.#bytes = new Allowance(limits.burstBytes, limits.bytesPerSecond)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    try {
      let rest: Buffer | undefined = chunk
      while (rest !== undefined) rest = this.#consume(rest)
      this.#watchForStall()
      callback()
    } catch (error) {
      callback(error as Error)
    }
  }

  override _flush(callback: TransformCallback): void {
    const isWhole = this.#state === 'header' && this.#held.length === 0
    callback(isWhole || this.#state === 'noise' ? null : this.#broken('it ended in the middle of a frame'))
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.#stall)
    super._destroy(error, callback)
  }

  /** Consumes bytes and returns those left over; undefined when more are needed. */
  #consume(chunk: Buffer): Buffer | undefined {
    if (this.#state === 'noise') return this.#takeNoise(chunk)
    return this.#state === 'header' ? this.#takeHeader(chunk) : this.#takeBody(chunk)
  }

  #takeNoise(chunk: Buffer): Buffer | undefined {
    const end = chunk.indexOf(newline)
    const piece = end === -1 ? chunk : chunk.subarray(0, end)
    this.#noiseBytes += piece.length + (end === -1 ? 0 : 1)
    if (this.#noiseBytes > this.#limits.noiseBytes) {
      throw this.#broken(`it sends more than ${this.#limits.noiseBytes / 1024} KiB and is not a helper`)
    }
    // A longer line is no preamble, whatever follows.
    if (this.#held.length <= maxPreambleBytes)
      this.#held = Buffer.concat([this.#held, piece.subarray(0, maxPreambleBytes + 1)])
    if (end === -1) return undefined
    const match = /^singleton-helper (\d{1,9}) ([0-9a-f]{8,128})\r?$/.exec(this.#held.toString('latin1'))
    this.#held = Buffer.alloc(0)
    if (match?.[1] !== undefined && match[2] !== undefined) {
      this.#state = 'header'
      this.#onPreamble({ protocol: Number(match[1]), digest: match[2] })
    }
    return left(chunk, end + 1)
  }

  #takeHeader(chunk: Buffer): Buffer | undefined {
    const heldBytes = this.#held.length
    const joined = heldBytes === 0 ? chunk : Buffer.concat([this.#held, chunk.subarray(0, maxHeaderBytes)])
    const end = joined.subarray(0, maxHeaderBytes).indexOf(headerEnd)
    if (end === -1) {
      if (joined.length >= maxHeaderBytes) throw this.#broken('it sends no frame header')
      this.#held = Buffer.from(joined)
      return undefined
    }
    this.#held = Buffer.alloc(0)
    this.#bodyBytes = this.#readLength(joined.toString('latin1', 0, end))
    this.#bodyLeft = this.#bodyBytes
    this.#countFrame()
    // Costs memory only as it is filled.
    this.#body = Buffer.allocUnsafeSlow(this.#bodyBytes)
    this.#state = 'body'
    return left(chunk, end + headerEnd.length - heldBytes)
  }

  #readLength(text: string): number {
    const header = readFrameHeader(text, this.#limits.frameBytes)
    if (header.kind === 'length' && header.bytes > 0) return header.bytes
    if (header.kind === 'malformed') throw this.#broken('it sends a malformed frame header')
    if (header.kind === 'too-large') {
      throw this.#broken(
        `it announces a frame of ${header.announced} bytes; ${this.#limits.frameBytes} are the limit`,
      )
    }
    throw this.#broken('it sends a frame without a usable Content-Length')
  }

  #takeBody(chunk: Buffer): Buffer | undefined {
    const piece = chunk.subarray(0, this.#bodyLeft)
    piece.copy(this.#body, this.#bodyBytes - this.#bodyLeft)
    this.#bodyLeft -= piece.length
    if (this.#bodyLeft > 0) return undefined
    this.push(this.#body)
    this.#body = Buffer.alloc(0)
    this.#state = 'header'
    return left(chunk, piece.length)
  }

  /** The reader behind queues what it has parsed, so a flood of small frames would fill memory. */
  #countFrame(): void {
    if (!this.#frames.spend(1))
      throw this.#broken(`it floods: more than ${this.#limits.framesPerSecond} frames a second`)
    if (!this.#bytes.spend(this.#bodyBytes))
      throw this.#broken(`it floods: more than ${this.#limits.bytesPerSecond} bytes a second`)
  }

  #watchForStall(): void {
    clearTimeout(this.#stall)
    const isBetweenFrames = this.#state === 'noise' || (this.#state === 'header' && this.#held.length === 0)
    if (isBetweenFrames) return
    this.#stall = setTimeout(() => {
      this.destroy(this.#broken(`it stopped in the middle of a frame for ${this.#limits.stallMs / 1000} s`))
    }, this.#limits.stallMs)
  }

  #broken(reason: string): Problem {
    return new Problem('protocol', `cannot talk to the helper on ${this.#label}: ${reason}`)
  }
}

function left(chunk: Buffer, from: number): Buffer | undefined {
  return from < chunk.length ? chunk.subarray(from) : undefined
}
