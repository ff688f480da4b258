import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * All of it or nothing: a reader never sees half a file. In a folder that others may write to nobody can put a link where the
 * draft will be, or one that leads elsewhere in the place of the file. `/dev/stdout` and `/dev/null` are written to and stay
 * what they are. Throws errors of node:fs.
 */
export function writeWhole(path: string, content: Uint8Array): void {
  if (/^\/(dev|proc)\//.test(resolve(path))) {
    writeFileSync(path, content)
    return
  }
  const draft = `${path}.${randomUUID()}.part`
  try {
    writeFileSync(draft, content, { flag: 'wx' })
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}
