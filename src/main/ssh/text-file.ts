// Reads text files that a person or a configuration names: a FIFO, a device or an endless file neither blocks nor fills memory.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** Far above any configuration or known_hosts file in use. */
const maxBytes = 16 * 1024 * 1024

export interface TextFile {
  readonly text: string
  readonly mode: number
  readonly ownerId: number
  readonly groupId: number
}

/**
 * Undefined when there is no such file. A directory and a device (`/dev/null`) read as empty, as for OpenSSH; a FIFO
 * does too, which OpenSSH would wait for. Throws what open(2) and read(2) say, and for more than 16 MiB.
 */
export async function readTextFile(path: string): Promise<TextFile | undefined> {
  const file = await openIfThere(path)
  if (file === undefined) return undefined
  try {
    const stat = await file.stat()
    if (stat.size > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024 ** 2} MiB`)
    const text = stat.isFile() ? await file.readFile('utf8') : ''
    return { text, mode: stat.mode, ownerId: stat.uid, groupId: stat.gid }
  } finally {
    await file.close()
  }
}

async function openIfThere(path: string) {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}
