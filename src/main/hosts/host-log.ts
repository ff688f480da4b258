// The last lines said about or by a host, bounded and free of control characters.
import type { LogLine } from '../../shared/contract/index.ts'
import type { Announce } from './announcer.ts'

const keptLines = 500
const longestText = 4096
// Everything of C0 and C1 but the tab: a host must not be able to drive a terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is stripped
const controls = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g

export class HostLog {
  readonly #lines: LogLine[] = []
  readonly #hostId: string
  readonly #announce: Announce

  constructor(hostId: string, announce: Announce) {
    this.#hostId = hostId
    this.#announce = announce
  }

  readonly write = (level: LogLine['level'], text: string): void => {
    const clean = text.replace(controls, '').slice(0, longestText)
    const line: LogLine = { at: Date.now(), hostId: this.#hostId, level, text: clean }
    this.#lines.push(line)
    if (this.#lines.length > keptLines) this.#lines.shift()
    this.#announce('log/added', line)
  }

  list(): LogLine[] {
    return [...this.#lines]
  }
}
