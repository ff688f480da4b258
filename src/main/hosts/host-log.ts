// The last lines said about or by a host, bounded and free of control characters.
import type { LogLine } from '../../shared/contract/index.ts'
import { oneLine } from '../../shared/printable.ts'
import { wallClock } from '../../shared/wall-clock.ts'
import type { Announce } from '../announcer.ts'

const keptLines = 500
const longestText = 4096

export class HostLog {
  readonly #lines: LogLine[] = []
  readonly #hostId: string
  readonly #announce: Announce

  constructor(hostId: string, announce: Announce) {
    this.#hostId = hostId
    this.#announce = announce
  }

  readonly write = (level: LogLine['level'], text: string): void => {
    const clean = oneLine(text, longestText)
    const line: LogLine = { at: wallClock(), hostId: this.#hostId, level, text: clean }
    this.#lines.push(line)
    if (this.#lines.length > keptLines) this.#lines.shift()
    this.#announce('log/added', line)
  }

  list(): LogLine[] {
    return [...this.#lines]
  }
}
