// A connected descriptor as a stream: node:net of Bun takes none, its own sockets do.
import { Duplex } from 'node:stream'

type Settings = Parameters<typeof Bun.connect>[0]

/** Owns the descriptor from now on: destroying the stream closes it. */
export async function adoptSocket(fd: number): Promise<Duplex> {
  const stream = new AdoptedSocket()
  const socket = {
    data: (_: unknown, chunk: Uint8Array) => stream.push(Buffer.from(chunk)),
    end: () => stream.push(null),
    close: () => stream.destroy(),
    error: (_: unknown, error: Error) => stream.destroy(error),
  }
  // Bun's types do not name the descriptor.
  stream.socket = await Bun.connect({ fd, socket } as unknown as Settings)
  return stream
}

class AdoptedSocket extends Duplex {
  socket: { write(data: Uint8Array): number; terminate(): void } | undefined

  override _read(): void {
    // Data comes by itself; who reads bounds it by destroying the stream.
  }

  /** What is said to a monitor is far smaller than a socket's buffer: one that takes less does not read. */
  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const taken = this.socket?.write(chunk) ?? 0
    done(taken === chunk.length ? null : new Error('it does not read what is sent to it'))
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.socket?.terminate()
    this.socket = undefined
    done(error)
  }
}
