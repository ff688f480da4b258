// What the app has to say where nobody reads its output: a file a person can open, never larger than two of its kind.
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine } from '../../shared/text/printable.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'

const maxBytes = 1024 * 1024

/** Lines go to the file as well as to stderr from now on. Returns the folder. */
export function openLogFile(dataDirectory: string): string {
  const folder = join(dataDirectory, 'logs')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'workbench.log')
  const print = console.error
  console.error = (...parts: unknown[]) => {
    print(...parts)
    write(path, parts.map(String).join(' '))
  }
  return folder
}

/** A full disk must not end the app, and there is nobody left to tell. */
function write(path: string, text: string): void {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (size > maxBytes) renameSync(path, `${path}.1`)
    appendFileSync(path, `${new Date(wallClock()).toISOString()} ${oneLine(text)}\n`, { mode: 0o600 })
  } catch {
    // Said on stderr already.
  }
}
