// The last lines said about or by a host, bounded and free of control characters.
import type { LogLine } from '../../shared/contract/index.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { Announce } from '../announcer.ts'

const keptLines = 500
const longestText = 4096
/** A host can write as much as it likes; every page is told of each line. */
const burstLines = 200
const linesPerSecond = 10

export class HostLog {
  readonly #lines: LogLine[] = []
  readonly #hostId: string
  readonly #announce: Announce
  readonly #now: () => number
  #allowance = burstLines
  #allowedAt: number
  #leftOut = 0

  constructor(hostId: string, announce: Announce, now: () => number = () => performance.now()) {
    this.#hostId = hostId
    this.#announce = announce
    this.#now = now
    this.#allowedAt = now()
  }

  /** Lines beyond what is kept of a flood are left out, and their number is said once it ebbs. */
  readonly write = (level: LogLine['level'], text: string): void => {
    const now = this.#now()
    this.#allowance += ((now - this.#allowedAt) / 1000) * linesPerSecond
    this.#allowance = Math.min(burstLines, this.#allowance)
    this.#allowedAt = now
    if (this.#allowance < 1) {
      this.#leftOut += 1
      return
    }
    this.#allowance -= 1
    const leftOut = this.#leftOut
    this.#leftOut = 0
    if (leftOut > 0) this.#add('warning', `${leftOut} lines were left out: too many at once`)
    this.#add(level, text)
  }

  list(): LogLine[] {
    return [...this.#lines]
  }

  #add(level: LogLine['level'], text: string): void {
    const clean = oneLine(text, longestText)
    const line: LogLine = { at: wallClock(), hostId: this.#hostId, level, text: clean }
    this.#lines.push(line)
    if (this.#lines.length > keptLines) this.#lines.shift()
    this.#announce('log/added', line)
  }
}
