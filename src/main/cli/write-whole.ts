import { renameSync, writeFileSync } from 'node:fs'

/** All of it or nothing: a reader never sees half a file. */
export function writeWhole(path: string, content: Uint8Array): void {
  writeFileSync(`${path}.part`, content)
  renameSync(`${path}.part`, path)
}
