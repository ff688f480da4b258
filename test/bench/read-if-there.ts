import { existsSync, readFileSync } from 'node:fs'

export function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}
