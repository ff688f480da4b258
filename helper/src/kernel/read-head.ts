// The beginning of a file whose length another process controls: read(2) until there is no more or enough.
import { closeSync, openSync, readSync } from 'node:fs'

/** At most `maxBytes`, read to the end: files of /proc do not tell their size. Throws errors of node:fs. */
export function readHead(path: string, maxBytes: number): string {
  return readHeadBytes(path, maxBytes).toString('utf8')
}

/** As `readHead`, before it is taken for text. */
export function readHeadBytes(path: string, maxBytes: number): Buffer {
  return reader.read(path, maxBytes)
}

const partBytes = 65_536

/** Its room is used again and again: new room for each file would cost more than reading it. */
class HeadReader {
  readonly #room = Buffer.allocUnsafeSlow(partBytes)

  read(path: string, maxBytes: number): Buffer {
    const fd = openSync(path, 'r')
    try {
      const parts: Buffer[] = []
      for (let length = 0; length < maxBytes; ) {
        const got = readSync(fd, this.#room, 0, Math.min(partBytes, maxBytes - length), null)
        if (got === 0) break
        parts.push(Buffer.from(this.#room.subarray(0, got)))
        length += got
      }
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
    } finally {
      closeSync(fd)
    }
  }
}

const reader = new HeadReader()
