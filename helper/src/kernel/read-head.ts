// The beginning of a file whose length another process controls.
import { closeSync, openSync, readSync } from 'node:fs'

/** At most `maxBytes`, read to the end: files of /proc do not tell their size. Throws errors of node:fs. */
export function readHead(path: string, maxBytes: number): string {
  return readHeadBytes(path, maxBytes).toString('utf8')
}

/** As `readHead`, before it is taken for text. */
export function readHeadBytes(path: string, maxBytes: number): Buffer {
  const fd = openSync(path, 'r')
  try {
    const parts: Buffer[] = []
    let length = 0
    while (length < maxBytes) {
      const part = Buffer.allocUnsafe(Math.min(65_536, maxBytes - length))
      const got = readSync(fd, part, 0, part.length, null)
      if (got === 0) break
      parts.push(part.subarray(0, got))
      length += got
    }
    return Buffer.concat(parts)
  } finally {
    closeSync(fd)
  }
}
